//! Every verb in each of its forms: it is read, planned and rendered, and its line says what it does.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end where it is wrong"
)]

use scenarios::{
    Action, Condition, Exit, Library, PlannedStep, ResetKind, Resets, Scenario, SerialWait, Source,
    Target, Text, Vars, Verb, expand,
};
use std::collections::BTreeSet;
use std::time::Duration;

#[path = "verbs/nesting.rs"]
mod nesting;

fn vars() -> Vars {
    let mut vars = Vars::new();
    vars.set("user", "alice");
    vars.set("n", "3");
    vars.set("t", "90s");
    vars.set("tag", "login screen");
    vars.set("password", Text::secret("s3cret"));
    vars.set_list("apps", vec!["calc".into(), "editor".into()]);
    vars
}

fn plan(files: &[(&str, &str)]) -> Vec<PlannedStep> {
    let sources = files.iter().map(|(path, text)| Source::new(*path, *text));
    let (library, findings) = Library::read(sources);
    assert_eq!(findings, []);
    let scenario: &Scenario = library.get("a").expect("the scenario `a`");
    expand(scenario, &library, &vars()).expect("a plan")
}

/// The only step of a scenario.
fn step(text: &str) -> PlannedStep {
    let text = format!("steps:\n  - {text}\n");
    let part = "fragment: true\nsteps: [{ note: inside }]\n";
    let mut steps = plan(&[("a.yaml", &text), ("parts/b.yaml", part)]);
    assert_eq!(steps.len(), 1);
    steps.remove(0)
}

fn action(text: &str) -> Action {
    step(text).render(&vars()).expect("a rendered step").action
}

/// Rows of a step and its line; one test for each verb, and every verb must have one.
macro_rules! lines {
    ($($verb:ident { $($text:literal => $line:literal;)+ })+) => {
        $(
            #[test]
            #[allow(non_snake_case, reason = "named like the verb")]
            fn $verb() {
                for (text, line) in [$(($text, $line)),+] {
                    let step = step(text);
                    assert_eq!(step.step().action.verb(), Verb::$verb, "{text}");
                    let rendered = step.render(&vars()).expect(text);
                    assert_eq!(rendered.line, line, "{text}");
                    assert_eq!(rendered.action.verb(), Verb::$verb, "{text}");
                    assert!(!format!("{rendered:?}").contains("s3cret"), "{text} shows a secret");
                }
            }
        )+

        #[test]
        fn every_verb_is_tried() {
            let tried = BTreeSet::from([$(Verb::$verb),+]);
            assert_eq!(tried, Verb::ALL.iter().copied().collect());
        }
    };
}

lines! {
    See {
        "see: login" => "see login";
        "see: login screen" => "see login screen";
        "see: [a, b c]" => "see a or b c";
        "see: { needle: a, within: 60s }" => "see a";
        "see: { needle: [a, b], not: c, for: 2s }" => "see a or b without c for 2s";
        "see: '{{ tag }}'" => "see login screen";
    }
    Gone {
        "gone: splash" => "gone splash";
        "gone: { needle: [a, b], within: 5s }" => "gone a or b";
    }
    Still {
        "still: 2s" => "still for 2s";
        "still: { for: '{{ t }}', level: 40, ignore: { x: 0, y: 0, width: 10, height: 5 } }" => "still for 1m30s";
        "still: { for: 1s, ignore: [{ x: 0, y: 0, width: 1, height: 1 }, { x: 5, y: 5, width: 1, height: 1 }] }"
            => "still for 1s";
    }
    Changed {
        "changed:" => "changed";
        "changed: {}" => "changed";
        "changed: { level: 30.5, ignore: { x: 0, y: 0, width: 10, height: 5 } }" => "changed";
    }
    Screenshot {
        "screenshot:" => "screenshot";
        "screenshot: about {{ user }}" => "screenshot about alice";
        "screenshot: { name: about }" => "screenshot about";
    }
    Press {
        "press: super" => "press meta_l";
        "press: [ctrl-c, ctrl-v]" => "press ctrl-c, ctrl-v";
        "press: { keys: tab, repeat: '{{ n }}' }" => "press tab 3 times";
        "press: { keys: esc, until: boot-menu, every: 200ms }" => "press esc until boot-menu";
        "press: { keys: down, repeat: 5, until: [a, b] }" => "press down 5 times until a or b";
    }
    Hold {
        "hold: { keys: shift, for: 2s }" => "hold shift for 2s";
        "hold: { keys: ctrl, steps: [{ click: a }, { click: b }] }" => "hold ctrl";
    }
    Type {
        "type: calc" => "type \"calc\"";
        "type: 007" => "type \"007\"";
        "type: \"12+30\\n\"" => "type \"12+30\\n\"";
        "type: { text: '{{ user }}', enter: true }" => "type \"alice\" and Enter";
        "type: { text: hunter2, secret: true }" => "type •••";
        "type: 'x{{ password }}'" => "type •••";
        "type: { text: '{{ user }}', secret: true, enter: true, every: 50ms }" => "type ••• and Enter";
    }
    Click {
        "click: ok" => "click ok";
        "click: [ok, yes]" => "click ok or yes";
        "click: { needle: icon, button: right, count: 2 }" => "click icon with the right button 2 times";
        "click: { needle: dialog, point: cancel }" => "click dialog at cancel";
        "click: { x: 10, y: '{{ n }}' }" => "click 10,3";
    }
    Move {
        "move: corner" => "move corner";
        "move: { x: 0, y: 767 }" => "move 0,767";
    }
    Drag {
        "drag: { from: icon, to: trash }" => "drag icon to trash";
        "drag: { from: { x: 1, y: 2 }, to: { needle: a, point: b }, button: middle }" => "drag 1,2 to a at b";
    }
    Scroll {
        "scroll: down" => "scroll down";
        "scroll: { direction: up, notches: 5, at: list }" => "scroll up 5 notches at list";
    }
    Serial {
        "serial: 'login: $'" => "serial /login: $/";
        "serial: { send: \"root\\n\", regex: 'Password:' }" => "serial send \"root\\n\", then /Password:/";
        "serial: { send: '{{ password }}' }" => "serial send •••";
        "serial: { send: x, secret: true }" => "serial send •••";
        "serial: { send: x, until: 'login: $', every: 2s }" => "serial send \"x\", then again until /login: $/";
        "serial: { send: x, regex: a, every: 2s, save: b }" => "serial send \"x\", then again until /a/";
        "serial: { absent: panic, for: 5s }" => "serial no /panic/ for 5s";
        "serial: { regex: 'v(\\d+)', save: version }" => "serial /v(\\d+)/";
    }
    Run {
        "run: uname -r" => "run uname -r";
        "run: { command: 'id {{ user }}', exit: any, output: '{{ user }}', save: id, user: root, stdin: x }"
            => "run id alice";
        "run: { command: uname -r, over: serial }" => "run uname -r";
        "run: 'echo {{ password }}'" => "run •••";
    }
    Put {
        "put: { file: files/app.deb, to: /root/app.deb }" => "put files/app.deb to /root/app.deb";
        "put: { file: 'files/{{ user }}', to: '/home/{{ user }}/a', mode: 0600, over: serial }"
            => "put files/alice to /home/alice/a";
        "put: { text: 'password={{ password }}', to: /etc/x.conf, mode: '0644', within: 5m }"
            => "put text to /etc/x.conf";
        "put: { text: '', to: /etc/empty, over: agent }" => "put text to /etc/empty";
    }
    Get {
        "get: /var/log/installer.log" => "get /var/log/installer.log";
        "get: '/home/{{ user }}/x'" => "get /home/alice/x";
        "get: { file: /etc/os-release, save: release }" => "get /etc/os-release";
        "get: { file: /var/log/x, optional: true, over: serial }" => "get /var/log/x";
    }
    Reboot {
        "reboot:" => "reboot";
        "reboot: { by: reset, within: 60s }" => "reboot by reset";
    }
    Shutdown {
        "shutdown:" => "shutdown";
        "shutdown: { within: 60s }" => "shutdown";
    }
    Power {
        "power: on" => "power on";
        "power: off" => "power off";
        "power: reset" => "power reset";
        "power: cut" => "power cut";
    }
    Media {
        "media: eject" => "media eject";
        "media: { insert: isos/second.iso }" => "media insert isos/second.iso";
        "media: { insert: '{{ user }}.iso', within: 5s }" => "media insert alice.iso";
    }
    Boot {
        "boot: disk" => "boot from disk";
        "boot: disk1" => "boot from disk1";
        "boot: cd" => "boot from cd";
        "boot: 'disk{{ n }}'" => "boot from disk3";
    }
    Group {
        "group: { name: 'as {{ user }}', steps: [{ see: a }], retry: 2, optional: true }" => "group as alice";
    }
    Include {
        "include: parts/b.yaml" => "include parts/b.yaml";
        "include: { file: ./parts/b.yaml, vars: { x: '{{ user }}' } }" => "include ./parts/b.yaml";
    }
    Each {
        "each: { in: [a, b], steps: [{ see: '{{ item }}' }] }" => "each item in a, b";
        "each: { in: apps, as: app, steps: [{ see: '{{ app }}' }] }" => "each app in apps";
    }
    Set {
        "set: { a: 1, b: '{{ user }}' }" => "set a = \"1\", b = \"alice\"";
        "set: { pin: '{{ password }}' }" => "set pin = •••";
    }
    Assert {
        "assert: user == 'alice'" => "assert user == 'alice'";
        "assert: { that: \"user in ['bob']\", message: 'not {{ user }}' }" => "assert user in ['bob']";
    }
    Note {
        "note: as {{ user }}" => "note as alice";
        "note: { text: x }" => "note x";
    }
    Pause {
        "pause:" => "pause";
        "pause: look, {{ user }}" => "pause look, alice";
        "pause: { text: x }" => "pause x";
    }
    SoftFail {
        "soft_fail: { reason: slow, ticket: '#12', expires: 2026-03-31 }" => "soft_fail slow (#12)";
    }
}

#[test]
fn modifiers_stand_beside_the_verb_or_inside_it() {
    for text in [
        "{ see: a, within: '{{ t }}', when: user == 'alice', title: 'for {{ user }}' }",
        "see: { needle: a, within: '{{ t }}', when: user == 'alice', title: 'for {{ user }}' }",
    ] {
        let step = step(text);
        let rendered = step.render(&vars()).expect("a rendered step");
        assert_eq!(rendered.within, Some(Duration::from_secs(90)));
        assert_eq!(rendered.line, "for alice");
        assert_eq!(step.written_line(), "for {{ user }}");
        assert_eq!(step.when().map(Condition::text), Some("user == 'alice'"));
    }
}

#[test]
fn what_is_expected_of_the_machine_stands_in_the_line_of_the_step() {
    let rendered = |text: &str| step(text).render(&vars()).expect("a rendered step");
    for (text, line) in [
        ("{ see: a, resets: 3 }", "see a (3 resets by the guest)"),
        (
            "see: { needle: a, resets: { watchdog: 1, guest: 0 } }",
            "see a (no reset by the guest and 1 reset by the watchdog)",
        ),
        (
            "click: { needle: a, powers_off: true }",
            "click a (powers off)",
        ),
        (
            "{ click: a, powers_off: true, resets: 1 }",
            "click a (1 reset by the guest, powers off)",
        ),
        ("{ see: a, powers_off: false }", "see a"),
        ("{ see: a, resets: 3, title: T }", "T"),
    ] {
        assert_eq!(rendered(text).line, line);
        assert_eq!(step(text).written_line(), line);
    }
    let both = rendered("{ see: a, resets: { panic: 2, power-cut: 1 } }");
    let resets = both.resets.expect("some are expected");
    assert_eq!(resets.of(ResetKind::Panic), Some(2));
    assert_eq!(resets.of(ResetKind::PowerCut), Some(1));
    assert_eq!(resets.of(ResetKind::Guest), None, "others are not named");
    assert_eq!(rendered("see: a").resets, None);
}

#[test]
fn resets_are_counts_of_kinds() {
    for (text, message) in [
        (
            "resets: many",
            "expected a whole number from 0 to 100, found `many`",
        ),
        (
            "resets: 101",
            "expected a whole number from 0 to 100, found `101`",
        ),
        ("resets: {}", "resets of no kind"),
        ("resets: { guets: 1 }", "unknown field `guets` in `resets`"),
        ("powers_off: 1", "expected `true` or `false`, found `1`"),
    ] {
        let text = format!("steps:\n  - see: a\n    {text}\n");
        let (_, findings) = Library::read([Source::new("a.yaml", text.as_str())]);
        let first = findings.first().expect("a finding");
        assert!(first.message.contains(message), "{}", first.message);
    }
}

#[test]
fn every_verb_takes_the_modifiers_beside_it() {
    for verb in Verb::ALL {
        let value = match verb {
            Verb::Changed | Verb::Screenshot | Verb::Reboot | Verb::Shutdown => "",
            Verb::Still => "1s",
            Verb::Hold => "{ keys: a, for: 1s }",
            Verb::Drag => "{ from: a, to: b }",
            Verb::Scroll => "up",
            Verb::Put => "{ text: a, to: /a }",
            Verb::Get => "/a",
            Verb::Power => "on",
            Verb::Media => "eject",
            Verb::Boot => "cd",
            Verb::Group => "{ name: a, steps: [{ see: a }] }",
            Verb::Include => "parts/b.yaml",
            Verb::Each => "{ in: [a], steps: [{ see: a }] }",
            Verb::Set => "{ a: b }",
            Verb::SoftFail => "{ reason: a, ticket: b }",
            _ => "a",
        };
        let text = format!(
            "{}: {value}\n    within: 5s\n    when: 'true'\n    title: T\n    resets: 2\n    powers_off: true",
            verb.name()
        );
        let rendered = step(&text).render(&vars()).expect("a rendered step");
        assert_eq!(rendered.within, Some(Duration::from_secs(5)), "{text}");
        assert_eq!(rendered.line, "T", "{text}");
        assert_eq!(rendered.resets, Some(Resets::by_guest(2)), "{text}");
        assert!(rendered.powers_off, "{text}");
    }
}

#[test]
fn set_takes_the_names_of_modifiers_for_variables() {
    let step = step("set: { title: x, when: y }");
    assert_eq!(step.when(), None);
    assert_eq!(step.written_line(), "set title = \"x\", when = \"y\"");
}

#[test]
fn defaults_are_those_of_the_documentation() {
    match action("click: a") {
        Action::Click(click) => assert_eq!(click.count, 1),
        other => panic!("{other:?}"),
    }
    match action("run: 'true'") {
        Action::Run(run) => assert_eq!((run.exit, run.user), (Exit::Status(0), None)),
        other => panic!("{other:?}"),
    }
    match action("scroll: up") {
        Action::Scroll(scroll) => assert_eq!((scroll.notches, scroll.target), (1, None)),
        other => panic!("{other:?}"),
    }
    match action("press: a") {
        Action::Press(press) => assert_eq!((press.repeat, press.until), (None, None)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_arrive_with_their_types() {
    match action("still: { for: 1500ms, level: 42.5, ignore: { x: 1, y: 2, width: 3, height: 4 } }")
    {
        Action::Still(still) => {
            assert_eq!(still.stays, Duration::from_millis(1500));
            assert_eq!(still.level, Some(42.5));
            assert_eq!((still.ignore[0].x, still.ignore[0].height), (1, 4));
        }
        other => panic!("{other:?}"),
    }
    match action("changed: { ignore: [{ x: 9, y: 2, width: 3, height: 4 }] }") {
        Action::Changed(changed) => assert_eq!(changed.ignore[0].x, 9),
        other => panic!("{other:?}"),
    }
    match action("click: { x: '{{ n }}', y: 5 }") {
        Action::Click(click) => assert_eq!(click.target, Target::At { x: 3, y: 5 }),
        other => panic!("{other:?}"),
    }
    match action("serial: { absent: 'pan.c', for: 2s }") {
        Action::Serial(serial) => match serial.wait {
            Some(SerialWait::Absent { pattern, lasts }) => {
                assert!(pattern.regex().is_match("a panic"));
                assert_eq!(lasts, Duration::from_secs(2));
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
    match action("see: ['{{ tag }}', x]") {
        Action::See(see) => assert_eq!(see.needle.lists(), [vec!["login", "screen"], vec!["x"]]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_secret_is_typed_but_never_shown() {
    for text in [
        "type: '{{ password }}'",
        "type: { text: s3cret, secret: true }",
    ] {
        match action(text) {
            Action::Type(typed) => {
                assert_eq!(typed.text.reveal(), "s3cret");
                assert!(typed.text.is_secret());
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_file_in_the_guest_has_an_absolute_path_and_a_mode_in_octal() {
    let mut vars = vars();
    for (value, message) in [
        (
            "app.deb",
            "expected an absolute path in the guest, found `app.deb`",
        ),
        (
            "/root/",
            "expected the path of a file in the guest, found `/root/`",
        ),
        (
            "/root/..",
            "expected the path of a file in the guest, found `/root/..`",
        ),
        (
            "/a\nb",
            "expected a path without control characters, found `/a\nb`",
        ),
    ] {
        vars.set("user", value);
        for text in ["get: '{{ user }}'", "put: { text: x, to: '{{ user }}' }"] {
            let error = step(text).render(&vars).expect_err(text);
            assert_eq!(error.to_string(), message);
        }
    }
    vars.set("user", Text::secret("/root/x"));
    let error = step("get: '{{ user }}'").render(&vars).expect_err("shown");
    assert_eq!(error.code.name(), "secret-shown");
    match action("put: { text: '{{ password }}', to: /x, mode: 600 }") {
        Action::Put(put) => {
            assert_eq!(put.mode.expect("a mode").to_string(), "0600");
            assert!(!format!("{:?}", put.content).contains("s3cret"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_that_does_not_fit_is_an_error_when_it_is_rendered() {
    let mut vars = vars();
    vars.set("t", "soon");
    let error = step("still: '{{ t }}'")
        .render(&vars)
        .expect_err("no duration");
    assert_eq!(error.to_string(), "expected a duration, found `soon`");
    vars.set("t", "0s");
    let error = step("see: { needle: a, within: '{{ t }}' }")
        .render(&vars)
        .expect_err("no time");
    assert_eq!(error.code.name(), "deadline-zero");
    let error = step("press: '{{ password }}'")
        .render(&vars)
        .expect_err("a secret");
    assert_eq!(error.code.name(), "secret-shown");
    let error = step("type: '{{ nobody }}'")
        .render(&vars)
        .expect_err("no variable");
    assert_eq!(error.place().as_deref(), Some("a.yaml:2:12"));
}
