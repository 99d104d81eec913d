//! The output streams: readers that are gone, disks that are full, text that a terminal would obey.

use qa_tests::{Entry, Fake, Outcome, Qa, Screen, ShownTo, act, on};
use reports::{Event, ExitStatus, Verdict};
use rustix::process::Signal;

use crate::{qa, steps};

/// A scenario that holds, or one that does not.
fn looks(holds: bool) -> Qa {
    let shown = if holds { "login" } else { "splash" };
    steps("- see: { needle: login, within: 20ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of(shown)))
}

#[track_caller]
fn has_reports(outcome: &Outcome) {
    assert!(outcome.file("junit.xml").contains("name=\"s\""));
    assert!(outcome.file("report.html").contains("</html>"));
    let last = outcome.events().pop();
    assert!(
        matches!(last, Some(Event::RunFinished { .. })),
        "the log is whole: {last:?}"
    );
}

#[test]
fn a_reader_that_has_gone_changes_no_status() {
    for whom in [ShownTo::NobodyOut, ShownTo::Nobody] {
        for (holds, code) in [(true, 0), (false, 1)] {
            let outcome = looks(holds).shown_to(whom).exit_code(code);
            outcome.shows(match holds {
                true => "nobody reads stdout any more, and the guest is well",
                false => "nobody reads stdout any more, and the guest is not well",
            });
            has_reports(&outcome);
        }
    }
    let json = looks(false).args(["--format", "json"]);
    json.shown_to(ShownTo::NobodyOut).exit_code(1);
}

#[test]
fn a_reader_of_other_commands_may_go_when_it_has_seen_enough() {
    let ran = looks(true).exit_code(0);
    for args in [&["list"][..], &["check"], &["report"], &["schema"]] {
        let outcome = ran.then().args(args.iter().copied()).any_stderr();
        outcome.shown_to(ShownTo::NobodyOut).exit_code(0);
    }
}

#[test]
fn what_cannot_be_printed_is_no_success_and_takes_no_failure_back() {
    for (holds, code) in [(true, 3), (false, 1)] {
        let outcome = looks(holds).shown_to(ShownTo::FullDisk).exit_code(code);
        outcome.shows(match holds {
            true => "stdout goes to a full disk, and the guest is well",
            false => "stdout goes to a full disk, and the guest is not well",
        });
        assert_eq!(outcome.stderr().contains("error: cannot print"), holds);
        has_reports(&outcome);
    }
}

#[test]
fn a_terminal_that_is_closed_stops_the_run_in_order() {
    let outcome = steps("- serial: { regex: never, within: 2h }")
        .machine(Fake::new().on(on::captures(2), [act::signal_qa("HUP")]))
        .shown_to(ShownTo::Nobody)
        .exit_code(130);
    outcome.shows("the terminal is closed");
    assert_eq!(outcome.verdict("s").0, Verdict::Cancelled);
    has_reports(&outcome);
    let last = outcome.events().pop();
    let cancelled = ExitStatus::Cancelled;
    assert!(matches!(last, Some(Event::RunFinished { exit, .. }) if exit == cancelled));
}

#[test]
fn a_report_of_a_run_that_goes_on_says_so_and_judges_nothing_that_has_not_ended() {
    let mut running = qa()
        .steps("first", "- note: x")
        .steps("s", "- type: x\n- see: { needle: desktop, within: 60s }")
        .steps("t", "- note: x")
        .needles(["desktop"])
        .machine(Fake::new().on(on::told("go on"), [act::show(&Screen::of("desktop"))]))
        .args(["run", "first", "s", "t", "--jobs", "1"])
        .start();
    running.reaches(|entry| *entry == Entry::Typed("x".into()));
    let report = running
        .beside()
        .args(["report"])
        .stdout_has("the run goes on: these are the results so far")
        .exit_code(0);
    report.shows("a report of a run that goes on");
    let said = report.stdout();
    assert!(said.contains("1 passed, 2 skipped"), "{said}");
    assert!(
        !said.contains("error") && !said.contains("killed"),
        "{said}"
    );
    let junit = report.file("junit.xml");
    assert_eq!(
        junit.matches("<skipped type=\"unfinished\"").count(),
        2,
        "{junit}"
    );
    assert!(
        !junit.contains("<error ") && !junit.contains("<failure "),
        "{junit}"
    );
    assert!(report.file("report.html").contains("The run goes on"));
    running.tell("go on");
    let outcome = running.exit_code(0);
    assert!(!outcome.file("junit.xml").contains("<skipped "));
    let whole = outcome.then().args(["report"]).any_stdout().exit_code(0);
    assert!(whole.stdout().contains("3 passed"), "{}", whole.stdout());
}

#[test]
fn what_others_have_named_is_seen_on_the_terminal_and_not_obeyed() {
    let name = "a\u{1b}[2Jb\u{9b}31m\u{202e}c";
    let project = || {
        qa().scenario(
            name,
            "title: \"one\\e]0;two\\a\"\nimage: disk\nsteps:\n  - note: \"x\\e[2Jy\"\n",
        )
    };
    let harmless = |outcome: &Outcome| {
        for said in [outcome.stdout(), outcome.stderr()] {
            let obeyed = |c: char| (c.is_control() && !matches!(c, '\n' | '\t')) || c == '\u{202e}';
            assert!(!said.contains(obeyed), "{said:?}");
        }
    };
    let list = project().args(["list"]).any_stdout().exit_code(0);
    harmless(&list);
    assert!(
        list.stdout().contains("a\\u001b[2Jb\\u009b31m\\u202ec"),
        "{}",
        list.stdout()
    );
    assert!(
        list.stdout().contains("one\\u001b]0;two\\u0007"),
        "{}",
        list.stdout()
    );
    // Such a name is refused, as its folder would have it.
    let refused = project().args(["run", name]).exit_code(2);
    refused.shows("a scenario's name has escapes for terminals");
    harmless(&refused);
    let titled = qa().scenario(
        "s",
        "title: \"one\\e]0;two\\a\"\nimage: disk\nsteps:\n  - note: \"x\\e[2Jy\"\n",
    );
    harmless(&titled.beside().args(["run", "s", "--plan"]).exit_code(0));
    harmless(&titled.args(["run", "s"]).exit_code(0));
    let broken = format!("{name}-broken");
    let outcome = qa()
        .scenario(&broken, "steps:\n  - cilck: \"\u{9b}\"\n")
        .args(["check"])
        .any_stdout()
        .any_stderr()
        .exit_code(2);
    harmless(&outcome);
    let missing = qa().args(["run", "x\u{1b}[2J"]).any_stderr().exit_code(2);
    harmless(&missing);
    let missing = qa()
        .args(["report", "x\u{1b}[2J"])
        .any_stderr()
        .exit_code(2);
    harmless(&missing);
}

#[test]
fn the_host_is_told_by_the_name_of_its_system() {
    let outcome = looks(true).exit_code(0);
    let Some(Event::RunStarted { hosts, .. }) = outcome.events().into_iter().next() else {
        panic!("a log begins with its run");
    };
    assert!(!hosts[0].os.is_empty());
    assert!(
        !outcome
            .file("junit.xml")
            .contains("name=\"host.os\" value=\"\"")
    );
}

#[test]
fn a_qemu_that_was_killed_is_told_with_what_memory_the_host_has() {
    let memory = "MemTotal: 8123392 kB\nMemFree: 1 kB\nMemAvailable: 102400 kB\n";
    let outcome = steps("- serial: never")
        .file("../proc/meminfo", memory)
        .machine(Fake::new().on(on::captures(1), [act::die()]))
        .exit_code(3);
    outcome.shows("QEMU is killed (SIGKILL), by the host that has no memory left");
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Error);
    let message = cause.unwrap().message;
    assert_eq!(
        message,
        "QEMU was killed (signal: 9 (SIGKILL)); perhaps out of memory: 100 MiB available of 7933 MiB on the host, \
        guest 64 MiB"
    );
}

#[test]
fn each_signal_ends_the_run_in_order_also_from_outside() {
    for (signal, fault) in [
        (Signal::INT, "`qa` gets SIGINT (Ctrl-C)"),
        (Signal::TERM, "`qa` gets SIGTERM"),
        (Signal::HUP, "`qa` gets SIGHUP"),
    ] {
        let mut running = steps("- type: x\n- serial: { regex: never, within: 2h }").start();
        running.reaches(|entry| *entry == Entry::Typed("x".into()));
        running.signal(signal);
        let outcome = running.exit_code(130);
        outcome.shows(fault);
        assert_eq!(outcome.verdict("s").0, Verdict::Cancelled);
        has_reports(&outcome);
    }
}
