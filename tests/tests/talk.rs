//! `serial`, `run`.

use qa_tests::{Fake, Screen, act, on};
use reports::{CauseKind, Verdict};

use crate::steps;

fn with_agent() -> Fake {
    Fake::shows(&Screen::of("desktop")).on(on::captures(1), [act::agent_comes()])
}

#[test]
fn serial_waits_for_text_and_answers() {
    let outcome = steps(
        "- serial: 'login: $'\n- serial: { send: \"root\\n\", regex: '# $' }\n- serial: { send: \"poweroff -f\\n\" }",
    )
    .machine(
        Fake::new()
            .on(on::boot(), [act::say("Linux version 6.12\r\nconsole login: ")])
            .on(on::serial("root\n"), [act::say("root\r\n\x1b[1m#\x1b[0m ")]),
    )
    .exit_code(0);
    assert_eq!(outcome.journal().serial(), "root\npoweroff -f\n");
    let log = outcome.file("s/serial0.log");
    assert!(
        log.contains("console login: root\r\n\x1b[1m#"),
        "the log has every byte: {log:?}"
    );
}

#[test]
fn serial_saves_the_group_of_its_match() {
    steps("- serial: { regex: 'version (\\S+)', save: kernel }\n- assert: kernel == '6.12.9'")
        .machine(Fake::new().on(on::boot(), [act::say("Linux version 6.12.9 (gcc)\n")]))
        .exit_code(0);
}

#[test]
fn serial_finds_each_text_once() {
    let outcome = steps("- serial: ready\n- serial: { regex: ready, within: 20ms }")
        .machine(Fake::new().on(on::boot(), [act::say("ready\n")]))
        .exit_code(1);
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("the serial console did not say `ready` within"),
        "{cause:?}"
    );
    assert_eq!(cause.step.as_deref(), Some("s step 2"));
}

#[test]
fn serial_absent_holds_and_is_broken_at_once() {
    steps("- serial: { absent: panic, for: 50ms }")
        .machine(Fake::new())
        .exit_code(0);
    let outcome = steps("- serial: { absent: panic, for: 1h }")
        .machine(Fake::new().whenever(on::captures(1), [act::say("Kernel panic - not syncing\n")]))
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Assertion);
    assert!(
        cause.message.contains("Kernel panic - not syncing"),
        "{cause:?}"
    );
}

#[test]
fn serial_takes_an_answer_that_begins_as_the_one_letter_that_was_sent() {
    let asks = |answer: &'static str| {
        steps("- serial: { send: r, regex: re?, within: 300ms }")
            .machine(Fake::new().on(on::serial("r"), [act::say(answer)]))
    };
    asks("ready\r\n").exit_code(0);
    asks("r").exit_code(1);
}

#[test]
fn serial_never_takes_its_own_echo_for_an_answer() {
    let outcome =
        steps("- serial: '# $'\n- serial: { send: \"echo DONE\\n\", regex: DONE, within: 300ms }")
            .machine(Fake::new().on(on::boot(), [act::say("# ")]).on(
                on::serial("echo DONE\n"),
                [
                    act::say("echo DO"),
                    act::say("NE\r\necho DONE\r\nsh: not found\r\n# "),
                ],
            ))
            .exit_code(1);
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("the serial console did not say `DONE` within"),
        "{cause:?}"
    );
    assert!(
        cause
            .hints
            .iter()
            .any(|hint| hint.contains("the echo of the text that was sent")),
        "{cause:?}"
    );
    // The answer itself counts, and what must not appear is not broken by the echo.
    steps(
        "- serial: { send: \"echo DONE\\n\", regex: '^DONE' }\n\
        - serial: { send: \"grep panic log\\n\", absent: panic, for: 300ms }",
    )
    .machine(
        Fake::new()
            .on(
                on::serial("echo DONE\n"),
                [act::say("echo DONE\r\nDONE\r\n# ")],
            )
            .on(
                on::serial("grep panic log\n"),
                [act::say("grep pa\r\nnic log\r\n# ")],
            ),
    )
    .exit_code(0);
}

#[test]
fn serial_reads_a_value_whole_that_arrives_in_two_parts() {
    let outcome = steps("- serial: { regex: 'exit=(\\d+)', save: code }\n- assert: code == '10'")
        .machine(
            Fake::new()
                .on(on::boot(), [act::say("exit=1")])
                .on(on::captures(2), [act::say("0\r\n")]),
        )
        .exit_code(0);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
}

#[test]
fn assert_that_does_not_hold_says_the_values_it_looked_at() {
    let outcome = steps(
        "- set: { code: '1' }\n- assert: { that: code == '10', message: the status is wrong }",
    )
    .exit_code(1);
    assert_eq!(
        outcome.cause("s").message,
        "the status is wrong: code is \"1\""
    );
}

#[test]
fn serial_shows_lines_as_a_terminal_does() {
    let outcome = steps(
        "- serial: 'copied 100%'\n- serial: 'one +two'\n- serial: '┌──┐'\n\
        - serial: { regex: never, within: 20ms }",
    )
    .machine(Fake::new().on(
        on::boot(),
        [act::say(
            b"copied   9%\x08\x08\x08\x08100%\r\none\x1b[10Ctwo\r\n\x1b(0lqqk\x1b(B\r\n",
        )],
    ))
    .exit_code(1);
    assert_eq!(
        outcome.last_evidence().serial_tail,
        ["copied 100%", "one          two", "┌──┐"]
    );
    assert!(outcome.file("junit.xml").contains("one          two"));
}

#[test]
fn serial_knows_a_prompt_into_which_the_kernel_speaks() {
    let outcome = steps("- serial: 'login: $'")
        .machine(Fake::new().on(
            on::boot(),
            [act::say(
                "host login: [   12.345678] usb 1-1: new high-speed USB device\r\n",
            )],
        ))
        .exit_code(0);
    assert!(
        outcome
            .file("events.jsonl")
            .contains("kernel messages were removed")
    );
}

#[test]
fn serial_sends_again_until_the_answer_comes() {
    let outcome = steps("- serial: { send: \"\\n\", until: 'login: $', every: 50ms, within: 30s }")
        .machine(Fake::new().on(on::serial("\n\n\n"), [act::say("host login: ")]))
        .exit_code(0);
    assert!(
        outcome
            .file("events.jsonl")
            .contains("after the text was sent")
    );
}

#[test]
fn run_checks_status_and_output_and_saves_it() {
    let outcome = steps(
        "- run: { command: uname -r, output: '^6\\.', save: kernel }\n\
        - run: { command: 'echo {{ kernel }}', exit: 3, user: alice }",
    )
    .machine(
        with_agent()
            .answers("uname -r", 0, "6.12.9\n")
            .answers("echo 6.12.9", 3, ""),
    )
    .exit_code(0);
    let commands: Vec<_> = outcome
        .steps()
        .into_iter()
        .filter_map(|(_, _, evidence)| evidence.command)
        .collect();
    assert_eq!(commands[0].stdout, "6.12.9\n");
    assert_eq!(
        (commands[1].exit, commands[1].user.as_deref()),
        (Some(3), Some("alice"))
    );
}

#[test]
fn run_with_another_status_or_output_fails_with_the_command_as_evidence() {
    let outcome = steps("- run: systemctl is-system-running")
        .machine(with_agent().answers("is-system-running", 1, "degraded\n"))
        .exit_code(1);
    let cause = outcome.cause_of("s", CauseKind::Command);
    assert_eq!(
        cause.message,
        "`systemctl is-system-running` ended with status 1, not 0: degraded"
    );
    assert_eq!(
        outcome.last_evidence().command.unwrap().stdout,
        "degraded\n"
    );

    let outcome = steps("- run: { command: cat /etc/os-release, output: trixie }")
        .machine(with_agent().answers("os-release", 0, "bookworm\n"))
        .exit_code(1);
    assert_eq!(
        outcome.cause("s").message,
        "the output of `cat /etc/os-release` does not match `trixie`"
    );
}

#[test]
fn run_that_never_ends_is_ended_at_its_deadline() {
    let outcome = steps("- run: { command: sleep infinity, within: 20ms }")
        .machine(
            with_agent()
                .never_ends("sleep infinity")
                .answers("kill", 0, ""),
        )
        .exit_code(1);
    outcome.shows("a command in the guest hangs");
    let cause = outcome.cause_of("s", CauseKind::Deadline);
    assert!(
        cause
            .message
            .starts_with("`sleep infinity` still ran after"),
        "{cause:?}"
    );
    assert_eq!(
        cause.hints,
        ["it was ended, and nothing of it is left in the guest"]
    );
}

#[test]
fn a_command_that_its_agent_cut_is_no_fault_of_the_guest() {
    let machine = || with_agent().answers_cut("make", "BEGIN\n");
    steps("- run: { command: make, output: ^BEGIN$ }")
        .machine(machine())
        .exit_code(0);
    let outcome = steps("- run: { command: make, output: TAIL$ }")
        .machine(machine())
        .exit_code(3);
    outcome.shows("the guest's agent cuts the output of a command");
    let cause = outcome.cause_of("s", CauseKind::Harness);
    assert!(cause.message.contains("its end was left out"), "{cause:?}");
    let command = outcome.last_evidence().command.unwrap();
    assert_eq!(command.remarks, ["stdout: its end was left out"]);
    let outcome = steps("- run: { command: make, save: text }")
        .machine(machine())
        .exit_code(3);
    assert!(outcome.cause("s").message.starts_with("`text` cannot take"));
}

#[test]
fn an_agent_that_lies_is_the_guests_fault_and_one_that_may_not_is_told() {
    for (answer, code, words) in [
        ("{\"return\": 7}", 1, "makes no sense"),
        ("{\"return\": {\"pid\": \"x\"}}", 1, "makes no sense"),
        ("\u{0}\u{1b}garbage", 1, "makes no sense"),
        (
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Command guest-exec has been disabled\"}}",
            3,
            "has been disabled",
        ),
        (
            "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Failed to execute child process\"}}",
            1,
            "Failed to execute",
        ),
    ] {
        let outcome = steps("- run: 'true'")
            .machine(with_agent().agent_says("guest-exec", answer))
            .exit_code(code);
        outcome.shows(match words {
            "makes no sense" => "the guest's agent answers nonsense",
            "has been disabled" => "the guest's agent may not run commands",
            _ => "the guest's agent cannot start a command",
        });
        let cause = outcome.cause("s");
        assert!(cause.message.contains(words), "{answer}: {cause:?}");
    }
}

#[test]
fn a_guest_without_an_agent_whose_line_is_silent_is_told_what_run_needs() {
    let outcome = steps("- run: { command: 'true', over: serial, within: 20ms }").exit_code(1);
    outcome.shows("the serial line is silent where a command is to run over it");
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("no shell answered on the serial line within"),
        "{cause:?}"
    );
}

#[test]
fn a_login_that_nobody_gives_is_a_fault_of_the_project() {
    let outcome = steps("- run: { command: 'true', over: serial }")
        .machine(Fake::new().on(on::boot(), [act::say("\r\nhost login: ")]))
        .exit_code(3);
    let cause = outcome.cause_of("s", CauseKind::Scenario);
    assert!(cause.hints[0].contains("login:"), "{cause:?}");
}

#[test]
fn only_root_becomes_another_user_on_the_serial_line() {
    let project = "\
images: { disk: { path: disk.img, machine: mute, login: { user: alice } } }
scenarios: [scenarios]
machines: { mute: { preset: bios-x86_64, accel: tcg, memory: 64M, agent: false } }
";
    let outcome = steps("- run: { command: 'true', user: bob }")
        .project(project)
        .exit_code(3);
    let cause = outcome.cause("s");
    assert!(cause.message.contains("cannot run as `bob`"), "{cause:?}");
}

#[test]
fn run_without_an_agent_fails_at_its_deadline_and_says_what_it_needs() {
    let outcome = steps("- run: { command: 'true', within: 20ms }").exit_code(1);
    outcome.shows("no agent answers where a command is to run");
    let cause = outcome.cause("s");
    assert!(
        cause
            .message
            .starts_with("no guest agent was connected within"),
        "{cause:?}"
    );
    assert!(cause.hints[0].contains("qemu-guest-agent"), "{cause:?}");
}

#[test]
fn run_on_a_machine_without_the_channel_is_told() {
    let project = "\
images: { disk: { path: disk.img, machine: mute } }
scenarios: [scenarios]
machines: { mute: { preset: bios-x86_64, accel: tcg, memory: 64M, agent: false } }
";
    let outcome = steps("- run: { command: 'true', within: 20ms }")
        .project(project)
        .exit_code(1);
    assert_eq!(outcome.verdict("s").0, Verdict::Failed);
    // Without the channel it is the serial line's shell that is asked.
    assert!(outcome.cause("s").message.starts_with("no shell answered"));
    assert!(
        outcome.cause("s").hints[0].contains("agent: true"),
        "{:?}",
        outcome.cause("s")
    );
}
