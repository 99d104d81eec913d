//! Variables.

use scenarios::Code;

use super::Case;

#[test]
fn an_unknown_variable_says_the_nearest() {
    Case::new()
        .project("images: { gnome: { recipe: gnome } }\nvars: { user: alice }\n")
        .steps("  - type: '{{ usr }}'\n")
        .finds(Code::UnknownVariable, "unknown_variable");
}

#[test]
fn variables_in_every_place_of_the_language_are_checked() {
    let steps = "  - see: { needle: login, for: '{{ v1 }}', within: '{{ v2 }}', title: '{{ v3 }}' }
  - type: { text: '{{ v4 }}', every: '{{ v5 }}' }
  - press: { keys: '{{ v6 }}', repeat: '{{ v7 }}' }
  - click: { x: '{{ v8 }}', y: '{{ v9 }}' }
  - serial: { send: '{{ v10 }}', regex: '{{ v11 }}' }
  - run: { command: '{{ v12 }}', output: '{{ v13 }}', user: '{{ v14 }}', stdin: '{{ v15 }}' }
  - set: { a: '{{ v16 }}' }
  - assert: { that: v17 == 'x', message: '{{ v18 }}' }
  - note: '{{ v19 }}'
  - soft_fail: { reason: '{{ v20 }}', ticket: '{{ v21 }}' }
  - each: { in: ['{{ v22 }}'], steps: [{ note: a }] }
  - group: { name: '{{ v23 }}', steps: [{ screenshot: '{{ v24 }}' }] }
  - hold: { keys: '{{ v25 }}', for: '{{ v26 }}' }
  - still: { for: '{{ v27 }}', level: '{{ v28 }}' }
  - note: { text: a, when: not v29 }
";
    let mut case = Case::new().steps(steps);
    case.files[0]
        .1
        .push_str("watch: [{ serial: '{{ v30 }}' }, { run: '{{ v31 }}', every: '{{ v32 }}' }]\n");
    let findings = case.findings();
    for number in 1..=32 {
        let message = format!("unknown variable `v{number}`");
        let found = findings.iter().filter(|f| f.message == message).count();
        assert_eq!(found, 1, "{message}: {findings:?}");
    }
}

#[test]
fn a_variable_is_known_only_after_the_step_that_sets_it() {
    Case::new()
        .steps("  - note: '{{ kernel }}'\n  - run: { command: uname, save: kernel }\n  - note: '{{ kernel }}'\n")
        .finds(Code::UnknownVariable, "variable_before_it_is_set");
}

#[test]
fn what_an_earlier_stage_sets_is_known() {
    Case::new()
        .file(
            "a",
            "steps:\n  - see: [login, desktop]\n  - set: { x: '1' }\n",
        )
        .file("b", "after: a\nsteps:\n  - note: '{{ x }}'\n")
        .clean();
}

#[test]
fn a_bound_variable_is_known_only_inside() {
    Case::new()
        .steps("  - each: { in: [a], as: app, steps: [{ note: '{{ app }}' }] }\n  - note: '{{ app }}'\n")
        .finds(Code::UnknownVariable, "bound_variable_outside");
}

#[test]
fn variables_of_another_image_are_not_known() {
    Case::new()
        .project("images:\n  one: { recipe: a, vars: { user: alice } }\n  two: { recipe: b }\n")
        .file(
            "a",
            "image: one\nsteps: [{ see: [login, desktop] }, { type: '{{ user }}' }]\n",
        )
        .file("b", "image: two\nsteps: [{ type: '{{ user }}' }]\n")
        .finds(Code::UnknownVariable, "variable_of_another_image");
}

#[test]
fn a_list_where_text_is_needed_is_an_error() {
    Case::new()
        .file(
            "boot",
            "vars: { apps: [a, b] }\nsteps:\n  - see: [login, desktop]\n  - type: '{{ apps }}'\n",
        )
        .finds(Code::WrongType, "list_as_text");
}

#[test]
fn text_where_a_list_is_needed_is_an_error() {
    Case::new()
        .file(
            "boot",
            "vars: { app: a }\nsteps:\n  - see: [login, desktop]\n  \
            - each: { in: app, steps: [{ note: a }] }\n",
        )
        .finds(Code::WrongType, "text_as_list");
}

#[test]
fn variables_that_need_each_other_are_an_error() {
    Case::new()
        .file(
            "boot",
            "vars: { a: '{{ b }}', b: '{{ a }}' }\nsteps: [{ see: [login, desktop] }]\n",
        )
        .finds(Code::VariableCycle, "variable_cycle");
}

#[test]
fn a_value_that_does_not_fit_its_place_is_found_before_the_run() {
    Case::new()
        .file("boot", "vars: { time: '60' }\nsteps:\n  - see: { needle: [login, desktop], within: '{{ time }}' }\n")
        .finds(Code::WrongType, "value_that_does_not_fit");
}

#[test]
fn a_secret_must_not_stand_where_it_is_shown() {
    Case::new()
        .file(
            "boot",
            "secrets: { pin: { env: PIN } }\nvars: { both: 'x{{ pin }}' }\nsteps:\n  - see: [login, desktop]\n  \
            - type: '{{ pin }}'\n  \
             - see: '{{ pin }}'\n  - press: '{{ both }}'\n",
        )
        .finds(Code::SecretShown, "secret_shown");
}
