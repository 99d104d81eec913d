//! The parts of steps and watches that go into the key of a checkpoint: everything that can change what
//! happens, and nothing else.

#![allow(clippy::expect_used, reason = "a test may end where it is wrong")]

#[path = "key_material/looks.rs"]
mod looks;
#[path = "key_material/media.rs"]
mod media;
#[path = "key_material/verbs.rs"]
mod verbs;
#[path = "key_material/watched.rs"]
mod watched;

use scenarios::{
    Assigned, Item, KeyMaterial, Library, Scenario, Source, Text, Vars, expand, shared_beginnings,
};

fn vars() -> Vars {
    let mut vars = Vars::new();
    vars.set("user", "alice");
    vars.set("t", "90s");
    vars.set("app", "calc");
    vars.set("password", Text::secret("s3cret"));
    vars.set_list("apps", vec!["calc".into(), "editor".into()]);
    vars
}

/// What counts of the top-level steps of the scenario `a`.
fn materials_with(files: &[(&str, &str)], vars: &Vars) -> Vec<KeyMaterial> {
    let sources = files.iter().map(|(path, text)| Source::new(*path, *text));
    let (library, findings) = Library::read(sources);
    assert_eq!(findings, []);
    let scenario: &Scenario = library.get("a").expect("the scenario `a`");
    let steps = expand(scenario, &library, vars).expect("a plan");
    let mut assigned = Assigned::new();
    steps
        .iter()
        .map(|step| step.key_material(vars, &mut assigned))
        .collect()
}

fn materials(files: &[(&str, &str)]) -> Vec<KeyMaterial> {
    materials_with(files, &vars())
}

/// The digests of these steps, one a line.
fn digests(steps: &str) -> Vec<[u8; 32]> {
    let lines: String = steps.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("steps:\n{lines}");
    let part = "fragment: true\nsteps: [{ note: inside }, { type: '{{ user }}' }]\n";
    materials(&[("a.yaml", &text), ("parts/b.yaml", part)])
        .iter()
        .map(|material| material.digest)
        .collect()
}

fn digest(step: &str) -> [u8; 32] {
    digests(&format!("- {step}"))[0]
}

#[test]
fn what_changes_nothing_does_not_count() {
    for (one, other) in [
        ("see: a", "see: { needle: a, title: Something }"),
        ("see: a", "{ title: Something, see: a } # a remark"),
        ("see: a", "see: \"a\""),
        (
            "press: { keys: a, repeat: 2, within: 5s }",
            "{ within: 5s, press: { repeat: 2, keys: a } }",
        ),
        ("set: { x: a, y: b }", "set: { y: b, x: a }"),
        ("type: alice", "type: '{{ user }}'"),
        ("type: alice's", "type: \"{{ user }}'s\""),
        (
            "see: { needle: a, within: 90s }",
            "see: { needle: a, within: '{{ t }}' }",
        ),
        ("assert: user  ==  \"bob\"", "assert: user == 'bob'"),
        (
            "group: { name: one, steps: [{ press: a }] }",
            "group: { name: two, steps: [{ press: a }] }",
        ),
        (
            "group: { name: g, steps: [{ note: inside }, { type: alice }] }",
            "include: parts/b.yaml",
        ),
        (
            "include: parts/b.yaml",
            "include: { file: ./parts/../parts/b.yaml, vars: { user: alice } }",
        ),
        (
            "each: { in: [calc, editor], steps: [{ click: '{{ item }}' }] }",
            "each: { in: apps, as: it, steps: [{ click: '{{ it }}' }] }",
        ),
        (
            "each: { in: [calc, editor], steps: [{ click: '{{ item }}' }] }",
            "group: { name: g, steps: [{ click: calc }, { click: editor }] }",
        ),
    ] {
        assert_eq!(digest(one), digest(other), "{one}\n{other}");
    }
}

#[test]
fn lines_and_steps_before_do_not_count() {
    let moved = digests("- note: first\n\n# a remark\n- see: a");
    assert_eq!(moved[1], digest("see: a"));
    let elsewhere = materials(&[("other/folder/a.yaml", "title: A\nsteps: [{ see: a }]\n")]);
    assert_eq!(elsewhere[0].digest, digest("see: a"));
}

#[test]
fn a_variable_that_steps_may_have_set_is_not_what_it_was() {
    let set = digests("- set: { user: bob }\n- type: '{{ user }}'");
    // It is not `alice` any more, and not taken for the text of anything else.
    assert_ne!(set[1], digest("type: alice"));
    assert_ne!(set[1], digest("type: bob"));
    assert_eq!(
        set[1],
        digests("- set: { user: eve }\n- type: '{{ user }}'")[1],
        "which value it has is decided by the step before"
    );
    // One that only a capture sets, and another one.
    let captured = digests("- run: { command: id, save: x }\n- type: '{{ x }}'");
    let other = digests("- run: { command: id, save: y }\n- type: '{{ y }}'");
    assert_ne!(captured[1], other[1]);
    // On the second try, the first step sees what the last one has set.
    let group = "group: { name: g, retry: 1, steps: [{ type: WHAT }, { set: { user: bob } }] }";
    assert_ne!(
        digest(&group.replace("WHAT", "alice")),
        digest(&group.replace("WHAT", "'{{ user }}'"))
    );
}

#[test]
fn a_variable_that_was_set_counts_with_the_value_it_has_otherwise() {
    let text = "steps: [{ set: { user: bob }, when: seen(x) }, { type: '{{ user }}' }]\n";
    let mut other = vars();
    other.set("user", "carol");
    let one = materials(&[("a.yaml", text)]);
    let two = materials_with(&[("a.yaml", text)], &other);
    assert_eq!(one[0].digest, two[0].digest);
    assert_ne!(one[1].digest, two[1].digest);
}

#[test]
fn what_an_earlier_stage_may_have_set_is_not_known_in_a_later_one() {
    let (library, _) = Library::read([
        Source::new("first.yaml", "steps: [{ set: { user: bob } }]\n"),
        Source::new(
            "second.yaml",
            "after: first\nsteps: [{ type: '{{ user }}' }]\n",
        ),
    ]);
    let vars = vars();
    let steps = |name: &str| {
        expand(library.get(name).expect("a scenario"), &library, &vars).expect("a plan")
    };
    let alone = steps("second")[0].key_material(&vars, &mut Assigned::new());
    let mut assigned = Assigned::new();
    steps("first")[0].key_material(&vars, &mut assigned);
    let behind = steps("second")[0].key_material(&vars, &mut assigned);
    assert_ne!(alone, behind);
}

#[test]
fn defaults_of_a_fragment_hold_where_nothing_else_gives_a_value() {
    let include = "steps: [{ include: b.yaml }]\n";
    let part = |default: &str, name: &str| {
        format!(
            "fragment: true\nvars: {{ {name}: {default} }}\nsteps: [{{ type: '{{{{ {name} }}}}' }}]\n"
        )
    };
    let of = |part: &str| materials(&[("a.yaml", include), ("b.yaml", part)])[0].digest;
    let plain = |text: &str| {
        digest(&format!(
            "group: {{ name: g, steps: [{{ type: {text} }}] }}"
        ))
    };
    assert_eq!(of(&part("x", "new")), plain("x"));
    assert_eq!(of(&part("x", "user")), plain("alice"));
    let given = "steps: [{ include: { file: b.yaml, vars: { new: z } } }]\n";
    let given = materials(&[("a.yaml", given), ("b.yaml", &part("x", "new"))])[0].digest;
    assert_eq!(given, plain("z"));
    // Where a step may have set it before, both the name and the default count.
    let maybe = "steps: [{ run: { command: id, save: new } }, { include: b.yaml }]\n";
    let maybe =
        |default| materials(&[("a.yaml", maybe), ("b.yaml", &part(default, "new"))])[1].digest;
    assert_ne!(maybe("x"), maybe("y"));
    assert_ne!(maybe("x"), plain("x"));
}

#[test]
fn values_of_secrets_count_and_are_shown_nowhere() {
    let text = "steps: [{ type: '{{ password }}' }]\n";
    let mut other = Vars::new();
    other.set("password", Text::secret("an0ther"));
    let one = &materials(&[("a.yaml", text)])[0];
    let two = &materials_with(&[("a.yaml", text)], &other)[0];
    assert_ne!(one.digest, two.digest);
    assert!(!format!("{one:?}").contains("s3cret"));
}

#[test]
fn a_step_that_uses_the_number_of_the_attempt_says_so_and_the_digest_does_not_have_it() {
    let text = "steps:\n\
                - type: 'echo {{ attempt }}'\n\
                - { set: { word: 'x{{ attempt }}' } }\n\
                - { note: n, when: \"attempt == '2'\" }\n\
                - { include: { file: b.yaml, vars: { word: '{{ attempt }}' } } }\n\
                - { type: plain, title: 'try {{ attempt }}' }\n";
    let part = "fragment: true\nsteps: [{ type: '{{ word }}' }]\n";
    let of = |number| {
        let mut vars = vars();
        vars.set_attempt(number);
        materials_with(&[("a.yaml", text), ("b.yaml", part)], &vars)
    };
    let uses: Vec<bool> = of(1).iter().map(|material| material.per_attempt).collect();
    // A title changes nothing.
    assert_eq!(uses, [true, true, true, true, false]);
    assert_eq!(of(1), of(2));
}

#[test]
fn no_way_is_cut_after_what_differs_from_attempt_to_attempt() {
    let text = "steps: [{ group: { name: g, steps: [{ type: '{{ attempt }}' }] } }, { see: a }]\n";
    let (library, _) = Library::read([Source::new("a.yaml", text)]);
    let vars = vars();
    let steps = expand(library.get("a").expect("a scenario"), &library, &vars).expect("a plan");
    let material = steps[0].key_material(&vars, &mut Assigned::new());
    assert!(!Item::new(&steps[0], &material).whole);
}

#[test]
fn groups_and_includes_are_wholes_that_ways_may_be_cut_after() {
    let text =
        "steps: [{ group: { name: g, steps: [{ see: a }] } }, { include: b.yaml }, { see: a }]\n";
    let part = "fragment: true\nsteps: [{ see: a }]\n";
    let (library, _) = Library::read([Source::new("a.yaml", text), Source::new("b.yaml", part)]);
    let vars = vars();
    let steps = expand(library.get("a").expect("a scenario"), &library, &vars).expect("a plan");
    let mut assigned = Assigned::new();
    let items: Vec<Item> = steps
        .iter()
        .map(|step| Item::new(step, &step.key_material(&vars, &mut assigned)))
        .collect();
    assert_eq!(
        items.iter().map(|item| item.whole).collect::<Vec<_>>(),
        [true, true, false]
    );
    assert_eq!(
        shared_beginnings(&[items.clone(), items]),
        [vec![2], vec![2]]
    );
}

#[test]
fn digests_do_not_change_from_one_build_to_the_next() {
    // A change here is a change of what the key covers: cached checkpoints are not found any more, which is then meant.
    let hex: String = digest("see: { needle: a, not: b, within: 90s, when: user }")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hex,
        "9bc0cc5934320efb0a975db6e65f4143f4b977f3fcb1de6704a74771f0bfaa52"
    );
}
