//! What is wrong with one scenario file: each mistake has its message, its place and its help.

mod golden;

use golden::assert_golden;
use scenarios::{Code, Scenario, Source};

/// Reads a file with a mistake in it: the check named must find it, and the whole answer is the golden one.
fn check(name: &str, code: Code, text: &str) {
    let (_, findings) = Scenario::read(&Source::new("scenarios/boot.yaml", text));
    assert!(
        findings.iter().any(|finding| finding.code == code),
        "{code} was not found: {findings:?}"
    );
    for finding in &findings {
        assert!(finding.at.is_some(), "{finding:?} has no place");
    }
    assert_golden("scenario", name, &findings);
}

macro_rules! mistakes {
    ($($name:ident: $code:ident, $text:expr;)+) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name), Code::$code, $text);
            }
        )+
    };
}

/// A scenario with this one step.
macro_rules! step {
    ($step:literal) => {
        concat!("title: Boot\nsteps:\n  - ", $step, "\n")
    };
}

#[test]
fn text_without_quotes_has_no_escapes() {
    for step in [
        "type: 12+30\\n",
        "serial: { send: ls\\n }",
        "type: { text: a\\tb }",
    ] {
        let text = format!("steps:\n  - {step}\n");
        let (scenario, findings) = Scenario::read(&Source::new("scenarios/boot.yaml", text));
        assert!(scenario.is_some(), "a warning only: {findings:?}");
        assert_eq!(findings[0].code, Code::LiteralEscape, "{step}");
    }
    for step in ["type: \"12+30\\n\"", "type: '12+30\\n'", "type: C:\\home"] {
        let text = format!("steps:\n  - {step}\n");
        let (_, findings) = Scenario::read(&Source::new("scenarios/boot.yaml", text));
        assert_eq!(findings, [], "{step}");
    }
}

mistakes! {
    // The file as a whole.
    empty_file: MissingField, "";
    only_a_comment: MissingField, "# nothing yet\n";
    a_list_instead_of_a_map: WrongType, "- see: login\n";
    text_instead_of_a_map: WrongType, "see login\n";
    flow_sequence_not_closed: Syntax, "steps: [\n";
    map_not_closed: Syntax, "steps:\n  - see: { needle: login, within: 5s\n  - note: x\n";
    bracket_not_closed_before_the_next_step: Syntax, "steps:\n  - see: [menu, login\n  - note: \"x\"\n";
    brace_closed_by_a_bracket: Syntax, "steps:\n  - see: { needle: login ]\n";
    bracket_that_closes_nothing: Syntax, "steps:\n  - see: menu\n]\n";
    quote_not_closed: Syntax, "title: \"Boot\nsteps:\n  - see: login\n";
    text_after_a_quote: Syntax, "title: \"Boot\" the system\nsteps: [{ see: a }]\n";
    unknown_escape: Syntax, "title: \"C:\\qemu\"\nsteps: [{ see: a }]\n";
    text_begins_with_an_at_sign: Syntax, "steps:\n  - type: @home\n";
    text_begins_with_a_percent_sign: Syntax, "steps:\n  - type: %s\n";
    text_begins_with_a_backtick: Syntax, "steps:\n  - run: `uname`\n";
    text_is_a_star: Syntax, "steps:\n  - type: *\n";
    second_colon: Syntax, "title: Boot: the menu\nsteps: [{ see: a }]\n";
    line_indented_further: Syntax, "title: Boot\n  image: gnome\nsteps: [{ see: a }]\n";
    step_indented_further: Syntax, "steps:\n  - see: login\n   - note: x\n";
    step_indented_less: Syntax, "steps:\n    - see: login\n  - note: x\n";
    bracket_not_closed_after_an_apostrophe: Syntax,
        "title: The user's menu\nsteps:\n  # don't\n  - see: [a, b\n  - note: x\n";
    bracket_in_the_middle_of_a_text_opens_nothing: Syntax, "title: Boot [fast\nsteps:\n  - see: a\n   - note: x\n";
    list_in_the_line_of_its_field: Syntax, "steps: - see: login\n";
    list_entry_without_a_dash: Syntax, "- a\nb: c\n";
    list_entry_among_fields: Syntax, "title: Boot\n- see: login\n";
    two_steps_in_one_line: Syntax, "steps:\n  - { see: a }, { see: b }\n";
    verb_without_a_colon: Syntax, "steps:\n  - see login\n    within: 5s\n";
    field_without_a_colon: Syntax, "title: Boot\nsteps\n  - see: login\n";
    dash_without_a_space: WrongType, "steps:\n  -see: login\n";
    tab_as_indentation: Syntax, "steps:\n\t- see: login\n";
    two_documents: Syntax, "steps: [{ see: a }]\n---\nsteps: [{ see: b }]\n";
    yaml_tag: Syntax, "title: !secret x\nsteps: [{ see: a }]\n";
    alias_of_nothing: Syntax, "steps: *all\n";
    list_as_a_key: Syntax, "[a, b]: c\nsteps: [{ see: a }]\n";
    key_written_twice: DuplicateKey, "title: A\ntitle: B\nsteps: [{ see: a }]\n";
    unknown_top_field: UnknownField, "titel: Boot\nsteps: [{ see: a }]\n";
    no_steps_field: MissingField, "title: Boot\n";
    no_steps: InvalidValue, "steps: []\n";
    steps_are_text: WrongType, "steps: see login\n";
    steps_are_a_map: WrongType, "steps: { see: login }\n";
    after_is_a_list: WrongType, "after: [a, b]\nsteps: [{ see: a }]\n";
    unknown_capability: InvalidValue, "requires: [agent, tmp]\nsteps: [{ see: a }]\n";
    image_is_empty: WrongType, "image:\nsteps: [{ see: a }]\n";
    fragment_with_an_image: InvalidValue, "fragment: true\nimage: gnome\nsteps: [{ see: a }]\n";
    fragment_is_no_flag: WrongType, "fragment: sure\nsteps: [{ see: a }]\n";
    variable_with_a_bad_name: InvalidValue, "vars: { 1st: x }\nsteps: [{ see: a }]\n";
    built_in_variable: InvalidValue, "vars: { arch: x86_64 }\nsteps: [{ see: a }]\n";
    secret_in_the_file: InvalidValue, "secrets: { password: hunter2 }\nsteps: [{ see: a }]\n";
    secret_from_two_places: InvalidValue, "secrets: { p: { env: P, file: p } }\nsteps: [{ see: a }]\n";

    // Steps.
    unknown_verb: UnknownVerb, step!("cilck: ok");
    unknown_verb_far_from_any: UnknownVerb, step!("teleport: home");
    step_is_text: WrongType, step!("reboot");
    step_without_a_verb: OneVerb, step!("within: 5s");
    step_with_two_verbs: OneVerb, "steps:\n  - see: login\n    click: ok\n";
    unknown_field_beside_a_verb: UnknownField, "steps:\n  - see: login\n    witin: 5s\n";
    unknown_field_in_a_verb: UnknownField, step!("see: { nedle: login }");
    deadline_written_twice: DuplicateKey, "steps:\n  - see: { needle: a, within: 1s }\n    within: 2s\n";
    see_nothing: WrongType, step!("see:");
    see_an_empty_list: InvalidValue, step!("see: []");
    see_only_spaces: InvalidValue, step!("see: '  '");
    deadline_without_a_unit: WrongType, step!("see: { needle: a, within: 60 }");
    deadline_of_words: WrongType, step!("see: { needle: a, within: a minute }");
    deadline_of_a_year: WrongType, step!("see: { needle: a, within: 9000h }");
    still_without_a_time: MissingField, step!("still: { level: 30 }");
    area_without_a_size: MissingField, step!("still: { for: 2s, ignore: { x: 0, y: 0 } }");
    area_of_no_width: WrongType, step!("changed: { ignore: [{ x: 0, y: 0, width: 0, height: 5 }] }");
    level_is_text: WrongType, step!("changed: { level: high }");
    unknown_key: UnknownKey, step!("press: ctrl-alt-dlete");
    text_as_a_key: UnknownKey, step!("press: hello");
    repeat_nothing: InvalidValue, step!("press: { keys: tab, repeat: 0 }");
    hold_without_an_end: InvalidValue, step!("hold: { keys: shift }");
    hold_with_two_ends: InvalidValue, step!("hold: { keys: shift, for: 1s, steps: [{ click: a }] }");
    type_nothing: InvalidValue, step!("type: ''");
    secret_is_no_flag: WrongType, step!("type: { text: x, secret: 'yes' }");
    click_nowhere: MissingField, step!("click: { button: left }");
    click_at_two_places: MissingField, step!("click: { needle: a, x: 1, y: 2 }");
    click_with_no_such_button: InvalidValue, step!("click: { needle: a, button: rigth }");
    click_too_often: WrongType, step!("click: { needle: a, count: 11 }");
    drag_without_an_end: MissingField, step!("drag: { from: a }");
    scroll_sideways_wrong: InvalidValue, step!("scroll: dwon");
    serial_without_anything: InvalidValue, step!("serial: { secret: true }");
    serial_absent_without_a_time: InvalidValue, step!("serial: { absent: panic }");
    not_a_regular_expression: InvalidValue, step!("serial: 'login: ('");
    empty_regular_expression: InvalidValue, step!("serial: ''");
    run_nothing: InvalidValue, step!("run: ' '");
    exit_status_out_of_range: WrongType, step!("run: { command: 'true', exit: 256 }");
    put_without_content: InvalidValue, step!("put: { to: /a }");
    put_of_two_contents: InvalidValue, step!("put: { file: a, text: b, to: /a }");
    put_nowhere: MissingField, step!("put: { file: a }");
    put_to_a_relative_path: WrongType, step!("put: { file: a, to: root/a }");
    put_into_a_folder: WrongType, step!("put: { file: a, to: /root/ }");
    put_with_no_mode: WrongType, step!("put: { file: a, to: /a, mode: rw-r--r-- }");
    put_with_a_wrong_mode: WrongType, step!("put: { file: a, to: /a, mode: '0888' }");
    put_as_text: WrongType, step!("put: files/a");
    get_a_relative_path: WrongType, step!("get: var/log/x");
    get_nothing: MissingField, step!("get: { save: x }");
    get_by_no_way: InvalidValue, step!("get: { file: /a, over: ssh }");
    power_of_no_kind: InvalidValue, step!("power: offf");
    media_of_no_kind: InvalidValue, step!("media: install.iso");
    media_without_a_file: MissingField, step!("media: { within: 5s }");
    media_of_no_name: InvalidValue, step!("media: { insert: '' }");
    boot_from_no_disk: WrongType, step!("boot: hda");
    reboot_by_no_way: InvalidValue, step!("reboot: { by: magic }");
    shutdown_with_a_field: UnknownField, step!("shutdown: { by: guest }");
    group_without_steps: MissingField, step!("group: { name: a }");
    group_without_a_name: MissingField, step!("group: { steps: [{ see: a }] }");
    each_without_items: MissingField, step!("each: { steps: [{ see: a }] }");
    each_of_a_map: WrongType, step!("each: { in: { a: b }, steps: [{ see: a }] }");
    set_nothing: InvalidValue, step!("set: {}");
    set_a_built_in: InvalidValue, step!("set: { scenario: x }");
    include_a_list: WrongType, step!("include: [a.yaml]");
    soft_fail_without_a_ticket: MissingField, step!("soft_fail: { reason: slow }");
    soft_fail_until_no_day: InvalidValue, step!("soft_fail: { reason: slow, ticket: '#1', expires: 2026-02-30 }");
    condition_with_one_equals_sign: Condition, step!("assert: arch = \"x86_64\"");
    condition_with_braces: Condition, step!("note: { text: a, when: '{{ arch }} == 1' }");
    variable_not_closed: InvalidValue, step!("type: 'a {{ user'");
    variable_without_a_name: InvalidValue, step!("type: '{{ }}'");

    // Watches.
    watch_of_nothing: InvalidValue, "watch: [{ name: a }]\nsteps: [{ see: a }]\n";
    watch_of_two_things: InvalidValue, "watch: [{ serial: a, needle: b }]\nsteps: [{ see: a }]\n";
    watch_command_without_a_time: MissingField, "watch: [{ run: 'true' }]\nsteps: [{ see: a }]\n";
    watch_needle_with_a_time: InvalidValue, "watch: [{ needle: a, every: 5s }]\nsteps: [{ see: a }]\n";
    watch_reboots_sometimes: InvalidValue, "watch: [{ reboots: expected }]\nsteps: [{ see: a }]\n";

    // Several at once: a file is checked to its end.
    several_mistakes_in_one_file: UnknownVerb, "\
titel: Boot
steps:
  - sea: login
  - click: { nedle: ok, count: many }
  - type: '{{ user'
    within: soon
  - group:
      name: inner
      steps:
        - press: ctrl-entre
";
}

#[test]
fn a_file_name_that_cannot_be_a_folder_is_refused() {
    let (_, findings) = Scenario::read(&Source::new("scenarios/a b.yaml", "steps: [{ see: a }]\n"));
    assert_eq!(findings[0].code, Code::InvalidValue);
    assert_golden("scenario", "name_of_the_file", &findings);
}

#[test]
fn more_than_a_scenario_may_take_is_refused_and_not_tried() {
    let deep = format!("steps: {}\n", "[".repeat(5_000));
    let laughs: String = (1..12)
        .map(|n| {
            let refs = vec![format!("*a{}", n - 1); 9].join(", ");
            format!("a{n}: &a{n} [{refs}]\n")
        })
        .collect();
    let laughs = format!("a0: &a0 [lol, lol, lol]\n{laughs}steps: *a11\n");
    let long = format!("title: {}\n", "x".repeat(2 << 20));
    for (text, message) in [
        (deep, "nested too deeply"),
        (laughs, "too many values"),
        (long, "the file is too large"),
    ] {
        let (scenario, findings) = Scenario::read(&Source::new("a.yaml", text));
        assert_eq!(scenario, None);
        assert!(
            findings.iter().any(|f| f.message.starts_with(message)),
            "{message}: {findings:?}"
        );
    }
}
