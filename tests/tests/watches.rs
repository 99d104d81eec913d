//! `watch:`: what must hold all the time.

mod journal;

use qa_tests::{Badge, Entry, Fake, Outcome, Screen, act, on};
use reports::{CauseKind, Finding, Verdict};

use crate::qa;

const WAITS: &str = "image: disk\nsteps:\n  - serial: { regex: never, within: 2h }\n";

#[test]
fn forbidden_text_on_the_serial_console_ends_the_wait_at_once() {
    let outcome = qa()
        .scenario("s", WAITS)
        .project_also("watch:\n  - { serial: 'Oops:', name: kernel }\n")
        .machine(
            Fake::new()
                .on(on::captures(1), [act::say("[ 3.1] Oo")])
                .on(on::captures(1), [act::say("ps: 0002\n")]),
        )
        .args(["run", "s"])
        .exit_code(1);
    outcome.shows("a watched text comes on the serial console");
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("kernel".into()));
    assert!(cause.message.contains("[ 3.1] Oops: 0002"), "{cause:?}");
}

#[test]
fn a_forbidden_needle_ends_the_wait_with_its_picture() {
    let outcome = qa()
        .scenario("s", &format!("watch:\n  - needle: crash\n{WAITS}"))
        .needle(&Badge {
            word: "crash".into(),
            x: 96,
            y: 64,
        })
        .machine(Fake::frames([
            &Screen::of("desktop"),
            &Screen::of("desktop").badge("crash", 96, 64),
        ]))
        .args(["run", "s"])
        .exit_code(1);
    assert!(matches!(outcome.cause("s").kind, CauseKind::Watch(_)));
    let evidence = outcome.last_evidence();
    assert_eq!(evidence.look.unwrap().matched.unwrap().needle, "crash");
}

#[test]
fn a_command_that_must_keep_succeeding() {
    let outcome = qa()
        .scenario(
            "s",
            &format!("watch:\n  - {{ run: is-active gdm, every: 10ms, name: gdm }}\n{WAITS}"),
        )
        .machine(Fake::new().on(on::boot(), [act::agent_comes()]).answers(
            "is-active gdm",
            3,
            "failed\n",
        ))
        .args(["run", "s"])
        .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("gdm".into()));
    assert!(cause.message.contains("status 3"), "{cause:?}");
}

#[test]
fn resets_may_be_allowed_and_a_projects_watch_switched_off() {
    qa().scenario(
        "s",
        "image: disk\nwatch:\n  - reboots: any\n  - off: kernel\nsteps:\n  - serial: done\n",
    )
    .project_also("watch:\n  - { serial: 'Oops:', name: kernel }\n")
    .machine(
        Fake::new()
            .on(on::captures(1), [act::say("Oops: 1\n"), act::reset()])
            .on(on::captures(2), [act::say("done\n")]),
    )
    .args(["run", "s"])
    .exit_code(0);
}

/// A machine whose agent comes at its boot.
fn asked() -> Fake {
    Fake::new().on(on::boot(), [act::agent_comes()])
}

fn findings(outcome: &Outcome) -> Vec<(String, String)> {
    let finding = |finding| match finding {
        Finding::NotWatched { watch, reason, .. } => Some((watch, reason)),
        _ => None,
    };
    let findings = outcome.scenario("s").findings.into_iter();
    findings.filter_map(finding).collect()
}

/// The commands that were run in the guest.
fn ran(outcome: &Outcome) -> Vec<String> {
    let command = |entry: &Entry| match entry {
        Entry::Agent(message) if message["execute"] == "guest-exec" => {
            let words = message["arguments"]["arg"].as_array()?;
            let script = words.get(1)?.as_str()?;
            // The command line stands behind the script that runs it.
            let line = match script.starts_with("# qa: runs") {
                true => words.last()?.as_str()?,
                false => script,
            };
            Some(line.to_owned())
        }
        _ => None,
    };
    outcome
        .journal()
        .entries()
        .iter()
        .filter_map(command)
        .collect()
}

#[test]
fn a_failed_unit_is_named_with_what_it_says() {
    let outcome = qa()
        .scenario("s", WAITS)
        .project_also("watch:\n  - failed-units\n")
        .machine(
            asked()
                .answers(
                    "systemctl --failed",
                    0,
                    "nginx.service loaded failed failed A web server\n",
                )
                .answers("systemctl status", 3, "nginx.service: code=exited\n"),
        )
        .args(["run", "s"])
        .stdout_has(
            "watch `failed-units` was breached: a unit has failed: `nginx.service` (A web server)",
        )
        .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("failed-units".into()));
    let told = outcome.last_evidence().command.unwrap();
    assert_eq!(told.stdout, "nginx.service: code=exited\n");
    let kept = outcome.file("s/watch-failed-units.txt");
    assert_eq!(kept, "nginx.service: code=exited\n");
    let junit = outcome.file("junit.xml");
    let attached = "s/watch-failed-units.txt";
    assert!(junit.contains(attached), "{junit}");
}

#[test]
fn a_failure_says_which_watch_could_not_look() {
    let outcome = qa()
        .scenario(
            "s",
            &format!(
                "watch:\n  - {{ coredumps: {{ except: noisy }}, every: 10ms, name: dumps }}\n{}",
                WAITS.replace("2h", "100ms")
            ),
        )
        .machine(asked().answers("core_pattern", 127, "core dumps go to 'core'"))
        .args(["run", "s"])
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Deadline);
    let [(watch, reason)] = &findings(&outcome)[..] else {
        panic!("{:?}", findings(&outcome));
    };
    assert_eq!(
        (watch.as_str(), reason.as_str()),
        ("dumps", "the guest's command ended with status 127")
    );
}

#[test]
fn a_failure_says_that_the_guest_was_silent() {
    let outcome = qa()
        .scenario(
            "s",
            &format!(
                "watch:\n  - {{ failed-units: {{ except: noisy }}, every: 10ms, name: units }}\n{}",
                WAITS.replace("2h", "100ms")
            ),
        )
        .machine(Fake::new())
        .args(["run", "s"])
        .exit_code(1);
    let [(watch, reason)] = &findings(&outcome)[..] else {
        panic!("{:?}", findings(&outcome));
    };
    assert_eq!(watch, "units");
    assert!(
        reason.starts_with("the guest agent did not answer the last "),
        "{reason}"
    );
}

#[test]
fn units_that_may_fail_are_excepted() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nwatch:\n  - { failed-units: { except: nginx.service }, name: failed-units }\nsteps:\n  \
            - serial: done\n",
        )
        .project_also("watch:\n  - failed-units\n")
        .machine(
            asked()
                .answers("systemctl --failed", 0, "nginx.service loaded failed failed\n")
                .on(on::ran("systemctl --failed"), [act::say("done\n")]),
        )
        .args(["run", "s"])
        .exit_code(0);
    assert_eq!(findings(&outcome), []);
}

#[test]
fn a_core_dump_is_kept_as_evidence() {
    let dump = "-- cursor: s=1\n{\"__CURSOR\":\"s=1\",\"MESSAGE\":\"Process 7 (app) of user 1000 dumped core.\"}\n";
    let outcome = qa()
        .scenario("s", &format!("watch:\n  - coredumps\n{WAITS}"))
        .machine(asked().answers("core_pattern", 0, dump).answers(
            "coredumpctl info --no-pager 7",
            0,
            "PID: 7 (app)\n",
        ))
        .args(["run", "s"])
        .exit_code(1);
    let cause = outcome.cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("coredumps".into()));
    assert_eq!(
        cause.message,
        "watch `coredumps` was breached: `app` (process 7 of user 1000) dumped core"
    );
    assert_eq!(outcome.file("s/watch-coredumps.txt"), "PID: 7 (app)\n");
}

#[test]
fn words_stand_for_what_everyone_watches() {
    let call = |off: &str| {
        qa().scenario(
            "s",
            &format!("image: disk\n{off}steps:\n  - serial: {{ regex: done, within: 2h }}\n"),
        )
        .project_also("watch: [panic, oops, emergency-mode, { segfault: [app] }]\n")
        .machine(
            Fake::new()
                .on(
                    on::captures(1),
                    [act::say("You are in emergency mode. After logging in\n")],
                )
                .on(on::captures(1), [act::say("done\n")]),
        )
        .args(["run", "s"])
    };
    let cause = call("").exit_code(1).cause("s");
    assert_eq!(cause.kind, CauseKind::Watch("emergency-mode".into()));
    // Without an agent the journal is not read, which is told; the serial console is.
    let outcome = call("watch:\n  - off: emergency-mode\n").exit_code(0);
    assert_eq!(findings(&outcome)[0].0, "segfault");
    let outcome = qa()
        .scenario("s", &format!("watch:\n  - segfault: app\n{WAITS}"))
        .machine(Fake::new().on(
            on::captures(1),
            [act::say("[ 3.1] app[7]: segfault at 0 ip 0\n")],
        ))
        .args(["run", "s"])
        .exit_code(1);
    assert_eq!(outcome.cause("s").kind, CauseKind::Watch("segfault".into()));
}

#[test]
fn a_watch_of_the_project_that_cannot_look_is_told_loudly() {
    let call = |machine: Fake| {
        qa().steps("s", "- serial: done")
            .project_also("watch:\n  - failed-units\n")
            .machine(machine.on(on::captures(1), [act::say("done\n")]))
            .args(["run", "s"])
            .stdout_has("finding: watch `failed-units` of s has not looked")
            .exit_code(0)
    };
    let outcome = call(Fake::new());
    outcome.shows("a watch cannot look");
    let told = (
        "failed-units".to_owned(),
        "no guest agent has answered".to_owned(),
    );
    assert_eq!(findings(&outcome), [told]);
    for report in ["junit.xml", "report.html"] {
        let text = outcome.file(report);
        assert!(text.contains("has not looked"), "{report}");
    }
    // Nor can a guest that has not what it takes.
    let outcome = call(asked().answers("systemctl --failed", 127, ""));
    let told = (
        "failed-units".to_owned(),
        "the guest's command ended with status 127".to_owned(),
    );
    assert_eq!(findings(&outcome), [told]);
}

#[test]
fn a_scenario_whose_own_watch_cannot_look_has_shown_nothing() {
    let outcome = qa()
        .scenario(
            "s",
            "image: disk\nwatch:\n  - failed-units\nsteps:\n  - serial: done\n",
        )
        .machine(Fake::new().on(on::captures(1), [act::say("done\n")]))
        .args(["run", "s"])
        .stdout_has("skipped")
        .exit_code(0);
    let (verdict, cause) = outcome.verdict("s");
    assert_eq!(verdict, Verdict::Skipped);
    let message = cause.unwrap().message;
    assert_eq!(
        message,
        "the steps of `s` held, but its own watch `failed-units` could not look: no guest agent has answered"
    );
}

/// A system on which a unit fails after the first look, which the serial console tells of.
fn fails_late() -> Fake {
    asked()
        .answers_once("systemctl --failed", 0, "")
        .answers(
            "systemctl --failed",
            0,
            "late.service loaded failed failed\n",
        )
        .answers("systemctl status", 3, "late\n")
        .on(on::ran("systemctl --failed"), [act::say("looked\n")])
}

#[test]
fn watches_look_once_more_when_the_steps_have_held() {
    let outcome = qa()
        .steps("s", "- serial: looked")
        .project_also("watch:\n  - { failed-units: ~, every: 1h }\n")
        .machine(fails_late())
        .args(["run", "s"])
        .exit_code(1);
    assert!(outcome.cause("s").message.contains("`late.service`"));
}

/// A system whose agent goes when `a` is pressed; every unit is well until then.
///
/// A second look shows that the first was answered.
fn leaves() -> Fake {
    asked()
        .answers_once("systemctl --failed", 0, "")
        .answers_once("systemctl --failed", 0, "")
        .answers(
            "systemctl --failed",
            0,
            "late.service loaded failed failed\n",
        )
        .answers("systemctl status", 3, "late\n")
        .on(on::ran("systemctl --failed"), [act::say("looked once\n")])
        .on(on::ran("systemctl --failed"), [act::say("twice\n")])
        .on(
            on::pressed("a"),
            [
                act::agent_goes(),
                act::show(&Screen::of("goodbye")),
                act::say("gone\n"),
            ],
        )
}

const LOOKS: &str = "watch:\n  - { failed-units: ~, every: 1s }\n";

const LEAVES: &str = "steps:\n  - serial: twice\n  - press: a\n  - serial: gone\n";

#[test]
fn the_last_look_waits_for_an_agent_that_comes_back() {
    let outcome = qa()
        .scenario("s", &format!("image: disk\n{LEAVES}"))
        .project_also(LOOKS)
        .machine(leaves().whenever(on::captures(2), [act::agent_comes()]))
        .args(["run", "s"])
        .exit_code(1);
    assert!(outcome.cause("s").message.contains("`late.service`"));
}

#[test]
fn a_last_look_that_nobody_answers_is_told_and_passes_for_none() {
    let reason = "the guest agent did not answer any more after the last step";
    let call = |scenario: &str, project: &str| {
        qa().scenario("s", scenario)
            .project_also(project)
            .machine(leaves())
            .args(["run", "s", "--deadline-scale", "0.01"])
            .exit_code(0)
    };
    let outcome = call(&format!("image: disk\n{LEAVES}"), LOOKS);
    let told = ("failed-units".to_owned(), reason.to_owned());
    assert_eq!(findings(&outcome), [told]);
    assert_eq!(outcome.verdict("s").0, Verdict::Passed);
    // A scenario's own watch is what it is about.
    let (verdict, cause) = call(&format!("image: disk\n{LOOKS}{LEAVES}"), "").verdict("s");
    assert_eq!(verdict, Verdict::Skipped);
    let message = cause.unwrap().message;
    assert!(
        message.ends_with(&format!("could not look: {reason}")),
        "{message}"
    );
}

#[test]
fn a_system_is_looked_at_before_it_is_asked_to_end() {
    for step in ["shutdown:", "power: off", "reboot:"] {
        let outcome = qa()
            .steps("s", &format!("- serial: looked\n- {step}"))
            .project_also("watch:\n  - { failed-units: ~, every: 1h }\n")
            .machine(fails_late())
            .args(["run", "s"])
            .exit_code(1);
        let cause = outcome.cause("s");
        assert!(cause.message.contains("`late.service`"), "{step} {cause:?}");
        // Not at the end.
        assert_eq!(cause.step.as_deref(), Some("s step 2"), "{step}");
    }
}
