//! Taking over test distributions of openQA: each call, and any text at all.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

use std::collections::BTreeSet;

use proptest::prelude::*;
use scenarios::{Distribution, Imported, Library, OpenqaFile, Source, import_openqa};

/// The needles of these tests: each has one of these tags.
const TAGS: [&str; 4] = ["desktop", "dialog", "login", "app-editor"];

fn import(files: &[(&str, &str)]) -> Imported {
    let files = files.iter().map(|(path, text)| OpenqaFile {
        path: (*path).to_owned(),
        content: text.as_bytes().to_vec(),
    });
    import_openqa(&Distribution {
        files: files.collect(),
        needles: TAGS.map(|tag| BTreeSet::from([tag.to_owned()])).to_vec(),
        needles_folder: "needles".to_owned(),
        problems: Vec::new(),
    })
}

/// The lines of the steps that the body of a module becomes.
fn steps(body: &str) -> Vec<String> {
    let library = "package l; sub init { my ($self) = @_; $self->add_console('root-console', 'tty', {tty => 2}); }";
    let module = format!("use testapi;\nsub run {{\n{body}\n}}\n1;\n");
    let imported = import(&[("tests/a.pm", &module), ("lib/l.pm", library)]);
    let text = imported.files["scenarios/a.yaml"].clone();
    let (_, findings) = Library::read([Source::new("scenarios/a.yaml", text.as_str())]);
    assert!(
        findings.iter().all(|finding| !finding.is_error()),
        "{findings:?}\n{text}"
    );
    let lines = text.lines().skip_while(|line| *line != "steps:").skip(1);
    lines
        .map(|line| line.strip_prefix("  ").unwrap_or(line).to_owned())
        .collect()
}

/// Each call with the only step that it becomes.
#[test]
fn a_call_becomes_a_step() {
    for (call, step) in [
        ("assert_screen 'desktop';", "- see: desktop"),
        (
            "assert_screen('desktop', 120);",
            "- see: { needle: desktop, within: 2m }",
        ),
        (
            "assert_screen [qw(desktop login)], timeout => 45;",
            "- see: { needle: [desktop, login], within: 45s }",
        ),
        (
            "assert_and_click 'dialog', button => 'right';",
            "- click: { needle: dialog, button: right }",
        ),
        (
            "assert_and_dclick('dialog', timeout => 5);",
            "- click: { needle: dialog, count: 2, within: 5s }",
        ),
        ("send_key 'ctrl-alt-f2';", "- press: ctrl-alt-f2"),
        ("send_key 'ret' for 1 .. 3;", "- press: [ret, ret, ret]"),
        (
            "send_key_until_needlematch 'desktop', 'esc', 5, 2;",
            "- press: { keys: esc, until: desktop, repeat: 5, every: 2s, within: 60s }",
        ),
        ("type_string 'a b';", "- type: a b"),
        ("type_string \"ls\\n\";", "- type: \"ls\\n\""),
        (
            "type_password 'x', max_interval => 9;",
            "- type: { text: x, secret: true }",
        ),
        (
            "type_password;",
            "- type: { text: '{{ password }}', secret: true }",
        ),
        ("enter_cmd 'clear';", "- type: \"clear\\n\""),
        ("assert_script_run 'true';", "- run: 'true'"),
        (
            "assert_script_run('make', 60 * 10);",
            "- run: { command: make, within: 10m }",
        ),
        (
            "script_run 'ls /x';",
            "- run: { command: ls /x, exit: any, within: 30s }",
        ),
        (
            "validate_script_output 'id', qr/uid=0/;",
            "- run: { command: id, output: uid=0 }",
        ),
        (
            "validate_script_output 'id', sub { /root/i };",
            "- run: { command: id, output: '(?i)root' }",
        ),
        (
            "wait_serial 'login:', 30;",
            "- serial: { regex: 'login:', within: 30s }",
        ),
        (
            "wait_serial(['a', qr/b$/]) or die;",
            "- serial: '(?:a)|(?:b$)'",
        ),
        (
            "wait_serial 'oops', expect_not_found => 1, timeout => 5;",
            "- serial: { absent: oops, for: 5s }",
        ),
        ("wait_still_screen;", "- still: 7s"),
        (
            "wait_still_screen 2, 10;",
            "- still: { for: 2s, within: 10s }",
        ),
        ("save_screenshot;", "- screenshot:"),
        ("mouse_set 10, 20;", "- move: { x: 10, y: 20 }"),
        ("mouse_hide;", "- move: { x: 1023, y: 767 }"),
        ("eject_cd;", "- media: eject"),
        ("power 'reset';", "- power: reset"),
        ("power('acpi');", "- power: off"),
        (
            "upload_logs '/var/log/x', failok => 1;",
            "- get: { file: /var/log/x, optional: true }",
        ),
        ("record_info 'a', 'b';", "- note: 'a: b'"),
        (
            "record_soft_failure 'bsc#12 it is red';",
            "- soft_fail: { reason: 'bsc#12 it is red', ticket: 'bsc#12' }",
        ),
        (
            "die 'no' unless get_var('A');",
            "- assert: { that: A, message: 'no' }",
        ),
        ("set_var('A', 'b');", "- set: { A: b }"),
    ] {
        assert_eq!(steps(call), [step.to_owned()], "{call}");
    }
}

#[test]
fn strings_are_what_perl_makes_of_them() {
    for (call, step) in [
        ("type_string q{a 'b' {c}};", "- type: 'a ''b'' {c}'"),
        ("my $x = 'y'; type_string \"$x-${x}z\";", "- type: y-yz"),
        ("type_string 'a' . 'b' x 3;", "- type: abbb"),
        (
            "type_string '{{ braces }}';",
            "- type: '{{ \"{{\" }} braces }}'",
        ),
        (
            "type_string get_var('USER_NAME', 'joe');",
            "- type: '{{ USER_NAME }}'",
        ),
        (
            "assert_script_run <<~E;\n    ls\n      -l\n    E",
            "- run: \"ls\\n  -l\\n\"",
        ),
    ] {
        assert_eq!(steps(call), [step], "{call}");
    }
}

#[test]
fn what_cannot_be_told_stays_at_its_place_with_its_line() {
    let told = steps("send_key 'a';\nmy_own_call(1,\n  2);\nsend_key 'b';");
    assert_eq!(
        told,
        [
            "- press: a",
            "# TODO tests/a.pm:4: my_own_call(1,",
            "#   2);",
            "#   (`my_own_call` is not known)",
            "- press: b"
        ]
    );
    let told =
        steps("if (is_new('15')) {\n  send_key 'a';\n  assert_screen 'desktop';\n}\nsend_key 'b';");
    assert_eq!(
        told,
        [
            "# TODO tests/a.pm:3: if (is_new('15')) {",
            "#   (what `is_new` returns is not known)",
            "#   - press: a",
            "#   - see: desktop",
            "# }",
            "- press: b"
        ]
    );
}

#[test]
fn a_needle_that_nobody_has_is_named() {
    let told = steps("assert_screen 'nothing';\nassert_screen ['desktop', 'nothing'];");
    assert_eq!(
        told,
        [
            "# TODO tests/a.pm:3: assert_screen 'nothing';",
            "#   (no needle has the tag `nothing`)",
            "# TODO tests/a.pm:4: no needle has the tag `nothing`; it is left out of the list",
            "- see: desktop"
        ]
    );
}

#[test]
fn comments_stay_with_their_statements() {
    let told = steps("# First.\nsend_key 'a';    # the menu\n\n    ## no critic\nsend_key 'b';");
    assert_eq!(told, ["# First.", "# the menu", "- press: a", "- press: b"]);
}

#[test]
fn branches_have_conditions() {
    let told = steps(
        "assert_screen ['desktop', 'dialog'];\nif (match_has_tag 'dialog') {\n click_lastmatch;\n}",
    );
    assert_eq!(
        told,
        [
            "- see: [desktop, dialog]",
            "- click: { needle: dialog, when: seen(dialog) }"
        ]
    );
    let told =
        steps("if (check_screen 'dialog', 3) {\n send_key 'esc';\n} else {\n send_key 'tab';\n}");
    assert_eq!(
        told,
        [
            "- set: { sees_dialog: 'no' }",
            "- group:",
            "    name: is dialog on the screen?",
            "    optional: true",
            "    steps:",
            "      - see: { needle: dialog, within: 3s }",
            "      - set: { sees_dialog: 'yes' }",
            "- press: { keys: esc, when: sees_dialog }",
            "- press: { keys: tab, when: not sees_dialog }"
        ]
    );
    // The condition is kept from before the steps that look again.
    let told = steps(
        "assert_screen ['desktop', 'dialog'];\n\
         if (match_has_tag 'dialog') { assert_screen 'login'; } else { send_key 'a'; }",
    );
    assert_eq!(
        told[1..3],
        ["- set: { if_line_4: 'no' }", "- set: { if_line_4: 'yes' }"]
    );
    assert_eq!(
        told[4..],
        [
            "- see: { needle: login, when: if_line_4 }",
            "- press: { keys: a, when: not if_line_4 }"
        ]
    );
}

#[test]
fn an_early_return_leaves_the_rest_behind_a_condition() {
    let told = steps("return if check_var('A', 'b');\nsend_key 'a';\nsend_key 'b';");
    assert_eq!(
        told,
        [
            "- group:",
            "    name: 'otherwise: if check_var(''A'', ''b'')'",
            "    when: A != \"b\"",
            "    steps:",
            "      - press: a",
            "      - press: b"
        ]
    );
}

#[test]
fn a_return_inside_of_blocks_is_not_lost() {
    let told = steps(
        "if (get_var('A')) { if (get_var('B')) { send_key 'a'; return; } send_key 'b'; }\nsend_key 'c';",
    );
    let place = "# TODO tests/a.pm:3: return;";
    assert!(told.iter().any(|line| line.trim() == place), "{told:?}");
    assert!(told.contains(&"- press: c".to_owned()), "{told:?}");
    let told = steps("send_key 'a';\nreturn send_key 'b';\nsend_key 'c';");
    assert_eq!(told, ["- press: a", "- press: b"]);
    let told = steps("if (get_var('A')) { send_key 'a'; return; }");
    assert_eq!(told, ["- press: { keys: a, when: A }"]);
}

#[test]
fn keys_that_are_held_have_the_steps_between() {
    let told = steps("hold_key 'shift';\nmouse_set 1, 2;\nrelease_key 'shift';\nsend_key 'a';");
    assert_eq!(
        told,
        [
            "- hold:",
            "    keys: shift",
            "    steps:",
            "      - move: { x: 1, y: 2 }",
            "- press: a"
        ]
    );
    assert_eq!(
        steps("hold_key 'shift';")[1],
        "# TODO tests/a.pm:3: hold_key 'shift';"
    );
}

#[test]
fn a_power_off_belongs_to_the_step_that_asks_for_it() {
    assert_eq!(
        steps("type_string \"poweroff\\n\";\nassert_shutdown 90;"),
        ["- type: { text: \"poweroff\\n\", powers_off: true, within: 90s }"]
    );
    assert_eq!(
        steps("assert_shutdown;")[1],
        "# TODO tests/a.pm:3: assert_shutdown;"
    );
}

#[test]
fn scenarios_start_after_the_last_milestone() {
    let module = |flags: &str| {
        format!(
            "use testapi;\nsub run {{ send_key 'a'; }}\nsub test_flags {{ return {{{flags}}} }}\n1;\n"
        )
    };
    let (install, app) = (module("fatal => 1, milestone => 1"), module(""));
    let imported = import(&[
        (
            "main.pm",
            "loadtest 'boot'; loadtest 'install'; loadtest \"$_\" for qw(one two); loadtest 'end';",
        ),
        ("tests/boot.pm", &app),
        ("tests/install.pm", &install),
        ("tests/one.pm", &app),
        ("tests/two.pm", &app),
        ("tests/end.pm", &app),
    ]);
    let after = |name: &str| {
        let text = &imported.files[&format!("scenarios/{name}.yaml")];
        text.lines()
            .find_map(|line| line.strip_prefix("after: "))
            .map(str::to_owned)
    };
    assert_eq!(after("boot"), None);
    assert_eq!(after("install").as_deref(), Some("boot"));
    for name in ["one", "two", "end"] {
        assert_eq!(after(name).as_deref(), Some("install"), "{name}");
    }
}

/// Pieces that modules are made of: random text alone never gets past the first statement.
const PIECES: &[&str] = &[
    "sub run {",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    " => ",
    "\n",
    " ",
    "'desktop'",
    "\"$x @{[1]} \\x{41}\"",
    "q(",
    "qw(a b)",
    "qr/a+/i",
    "<<E",
    "\nE\n",
    "$x",
    "@y",
    "%z",
    "$self",
    "->",
    "f",
    "sub f {",
    "if ",
    "unless ",
    "elsif ",
    "else ",
    "for ",
    "foreach my $x ",
    "while ",
    "return ",
    "my ",
    "assert_screen ",
    "check_screen ",
    "send_key ",
    "type_string ",
    "script_run ",
    "script_output ",
    "wait_serial ",
    "get_var",
    "check_var",
    "match_has_tag",
    "die ",
    " or ",
    " and ",
    "!",
    "&&",
    "||",
    "=",
    "==",
    "=~",
    ".",
    "..",
    "x",
    "1",
    "60",
    "# c\n",
    "=pod\n",
    "=cut\n",
    "1;",
    "loadtest ",
    "{{",
    "}}",
    "\u{202e}",
    "\\",
    "/",
    "?",
    ":",
    "é",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_pieces_become_a_project_without_errors(pieces in prop::collection::vec(0..PIECES.len(), 0..120)) {
        let text: String = pieces.iter().map(|index| PIECES[*index]).collect();
        whatever(&text);
        whatever(&format!("sub run {{\n{text}\n}}\n"));
    }

    #[test]
    fn any_text_becomes_a_project_without_errors(text in "\\PC{0,200}") {
        whatever(&text);
    }
}

fn whatever(text: &str) {
    let imported = import(&[
        ("tests/a.pm", text),
        ("main.pm", text),
        ("lib/b.pm", text),
        ("job_groups/c.yaml", text),
    ]);
    let scenarios = imported
        .files
        .iter()
        .filter(|(path, _)| path.starts_with("scenarios/"));
    let sources = scenarios.map(|(path, text)| Source::new(path.as_str(), text.as_str()));
    let (_, findings) = Library::read(sources);
    assert!(
        findings.iter().all(|finding| !finding.is_error()),
        "{findings:?}\n{:?}",
        imported.files
    );
}

#[test]
fn deep_and_long_modules_end() {
    for text in [
        "(".repeat(50_000),
        "{".repeat(50_000),
        "if (1) {".repeat(20_000),
        "sub f { f(); f(); } sub run { f(); f(); }".to_owned(),
        format!("sub run {{ send_key 'a'{} }}", " . 'a'".repeat(20_000)),
        format!("sub run {{ send_key 'a' if {}1 }}", "!".repeat(20_000)),
        "my $x = <<A;\n".repeat(5_000),
        "'".to_owned() + &"a\n".repeat(50_000),
        "$x{".repeat(20_000),
    ] {
        whatever(&text);
    }
}
