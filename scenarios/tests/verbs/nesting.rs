//! Steps inside other steps: how they are numbered, and what they know.

use scenarios::{PlannedStep, Text, Value};

use crate::{plan, step, vars};

/// Numbers and lines of all planned steps, those inside others indented.
fn tree(steps: &[PlannedStep]) -> String {
    fn show(steps: &[PlannedStep], indent: usize, out: &mut String) {
        for step in steps {
            let line = step
                .render(&vars())
                .map_or_else(|e| e.to_string(), |r| r.line);
            out.push_str(&format!("{}{} {line}\n", "  ".repeat(indent), step.id));
            show(&step.steps, indent + 1, out);
        }
    }
    let mut out = String::new();
    show(steps, 0, &mut out);
    out
}

#[test]
fn steps_inside_others_are_numbered_below_them() {
    let steps = plan(&[
        (
            "a.yaml",
            "steps:\n  - see: first\n  - group: { name: g, steps: [{ see: x }, \
            { hold: { keys: shift, steps: [{ click: y }] } }] }\n  \
             - each: { in: apps, as: app, steps: [{ type: '{{ app }}' }, { see: 'app-{{ app }}' }] }\n  \
             - include: { file: b.yaml, vars: { name: '{{ user }}' } }\n",
        ),
        (
            "b.yaml",
            "fragment: true\nvars: { name: nobody, greeting: 'hello {{ n }}' }\nsteps:\n  \
            - note: '{{ greeting }}, {{ name }}'\n",
        ),
    ]);
    assert_eq!(
        tree(&steps),
        "\
1 see first
2 group g
  2.1 see x
  2.2 hold shift
    2.2.1 click y
3 each app in apps
  3.1 type \"calc\"
  3.2 see app-calc
  3.3 type \"editor\"
  3.4 see app-editor
4 include b.yaml
  4.1 note hello 3, alice
"
    );
    assert_eq!(steps.iter().map(PlannedStep::count).sum::<usize>(), 12);
}

#[test]
fn a_default_of_a_fragment_gives_way_to_a_value_from_outside() {
    let steps = plan(&[
        (
            "a.yaml",
            "steps: [{ include: b.yaml }, { include: { file: b.yaml, vars: { user: bob } } }]\n",
        ),
        (
            "b.yaml",
            "fragment: true\nvars: { user: carol, other: dave }\nsteps: [{ note: '{{ user }} {{ other }}' }]\n",
        ),
    ]);
    assert_eq!(
        tree(&steps),
        "1 include b.yaml\n  1.1 note alice dave\n2 include b.yaml\n  2.1 note bob dave\n"
    );
}

#[test]
fn values_of_an_include_are_made_before_any_of_them_holds() {
    let steps = plan(&[
        (
            "a.yaml",
            "steps: [{ include: { file: b.yaml, vars: { n: '{{ user }}', user: '{{ n }}' } } }]\n",
        ),
        (
            "b.yaml",
            "fragment: true\nsteps: [{ note: '{{ user }} {{ n }}' }]\n",
        ),
    ]);
    assert_eq!(tree(&steps), "1 include b.yaml\n  1.1 note 3 alice\n");
}

#[test]
fn each_goes_through_a_list_that_a_fragment_brings() {
    let steps = plan(&[
        ("a.yaml", "steps: [{ include: b.yaml }]\n"),
        (
            "b.yaml",
            "fragment: true\nvars: { keys: ['{{ user }}', x] }\n\
            steps: [{ each: { in: keys, steps: [{ note: '{{ item }}' }] } }]\n",
        ),
    ]);
    assert_eq!(
        tree(&steps),
        "1 include b.yaml\n  1.1 each item in keys\n    1.1.1 note alice\n    1.1.2 note x\n"
    );
}

#[test]
fn a_bound_secret_stays_secret_inside() {
    let steps = plan(&[
        (
            "a.yaml",
            "steps: [{ include: { file: b.yaml, vars: { p: '{{ password }}' } } }]\n",
        ),
        (
            "b.yaml",
            "fragment: true\nsteps: [{ type: '{{ p }}' }, { assert: p == 's3cret' }]\n",
        ),
    ]);
    assert_eq!(
        tree(&steps),
        "1 include b.yaml\n  1.1 type •••\n  1.2 assert p == 's3cret'\n"
    );
    let scope = steps[0].steps[1].scope(&vars()).expect("a scope");
    assert_eq!(scope.get("p"), Some(&Value::Text(Text::secret("s3cret"))));
}

#[test]
fn a_step_applies_when_its_condition_holds_where_it_stands() {
    let steps = plan(&[(
        "a.yaml",
        "steps:\n  - each: { in: apps, steps: [{ note: x, when: item == 'calc' and seen(login) }] }\n",
    )]);
    let applies = |index: usize, tag: &str| {
        steps[0].steps[index]
            .applies(&vars(), &|seen| seen == tag)
            .expect("variables")
    };
    assert!(applies(0, "login"));
    assert!(!applies(0, "logout"));
    assert!(!applies(1, "login"));
    let unknown = step("{ note: a, when: nobody }");
    let error = unknown
        .applies(&vars(), &|_| false)
        .expect_err("no variable");
    assert_eq!(error.to_string(), "unknown variable `nobody`");
}
