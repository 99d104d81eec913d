//! The words of the reports about several attempts.

use reports::{Event, ExitStatus, Finding, FlakyPolicy, Rules, Run, Verdict, console, junit};

use super::{cold, judged, log, reports_of};
use crate::sample::log_of;

#[test]
fn a_flaky_scenario_that_gates_is_a_failure_in_junit_also_where_the_log_is_cut_short() {
    for (flaky, failures, element) in [
        (FlakyPolicy::Fail, 1, "rerunFailure"),
        (FlakyPolicy::Pass, 0, "flakyFailure"),
    ] {
        for cut in [false, true] {
            let mut log = log(&[
                cold(Verdict::Failed),
                cold(Verdict::Failed),
                cold(Verdict::Passed),
            ]);
            log.under(Rules {
                flaky,
                ..Rules::default()
            });
            let exit = match flaky {
                FlakyPolicy::Fail => ExitStatus::Failed,
                FlakyPolicy::Pass => ExitStatus::Success,
            };
            let entries = match cut {
                true => log.killed(),
                false => log.run_finished(exit),
            };
            let run = Run::of(&entries);
            assert_eq!(judged(&run).0, Verdict::Flaky);
            assert_eq!(run.exit(), exit);
            let xml = junit(&run, "");
            let told = format!(" failures=\"{failures}\"");
            assert_eq!(xml.matches(&told).count(), 2, "{xml}");
            assert_eq!(xml.matches("<failure ").count(), failures, "{xml}");
            let others = 2 - failures;
            assert_eq!(xml.matches(&format!("<{element} ")).count(), others);
            assert_eq!(xml.matches("value=\"flaky\"").count(), 1, "{xml}");
            assert_eq!(xml.matches("name=\"a\"").count(), 1, "{xml}");
        }
    }
}

#[test]
fn a_flaky_scenario_in_which_the_host_alone_broke_is_no_failure_of_the_system() {
    for (flaky, exit, element) in [
        (FlakyPolicy::Fail, ExitStatus::Error, "<error "),
        (FlakyPolicy::Pass, ExitStatus::Success, "<flakyError "),
    ] {
        let mut log = log(&[cold(Verdict::Error), cold(Verdict::Passed)]);
        log.under(Rules {
            flaky,
            ..Rules::default()
        });
        let run = Run::of(&log.killed());
        assert_eq!(judged(&run).0, Verdict::Flaky);
        assert_eq!(run.exit(), exit);
        let xml = junit(&run, "");
        assert_eq!(xml.matches("<failure ").count(), 0, "{xml}");
        assert_eq!(xml.matches(element).count(), 1, "{xml}");
    }
}

#[test]
fn attempts_from_a_checkpoint_and_from_power_on_are_shown_by_every_report() {
    for name in ["disagreement", "blamed"] {
        let run = Run::of(&log_of(name));
        let verdict = judged(&run).0;
        assert_eq!(verdict, Verdict::Flaky, "{name}");
        for report in reports_of(&run) {
            for part in [
                "from power-on",
                "from the checkpoint of gnome-login",
                "flaky",
            ] {
                assert!(report.contains(part), "{name}: {part} is not in {report}");
            }
        }
    }
    let run = Run::of(&log_of("disagreement"));
    assert_eq!(run.scenarios[0].findings, [], "it held from there, too");
}

#[test]
fn a_checkpoint_that_is_to_blame_is_told_by_every_report_with_all_attempts() {
    let entries = log_of("blamed");
    let run = Run::of(&entries);
    let finding = Finding::CheckpointBlamed {
        stage: "gnome-login".into(),
        key: "1f2e3d4c5b6a".into(),
        failed: vec![1, 3],
        held: vec![2, 4],
    };
    assert_eq!(run.scenarios[0].findings, std::slice::from_ref(&finding));
    for report in reports_of(&run) {
        for part in [finding.text().as_str(), finding.meaning(), "--cold"] {
            assert!(report.contains(part), "{part} is not in {report}");
        }
    }
    let told = entries
        .iter()
        .filter(|entry| matches!(entry.event, Event::CheckpointBlamed { .. }))
        .filter_map(|entry| console::Lines::new().line(entry));
    let told: Vec<_> = told.collect();
    assert!(
        told[0].starts_with(
            "gnome-calculator: failed from the checkpoint of gnome-login each time and held"
        ),
        "{told:?}"
    );
}

#[test]
fn why_an_attempt_is_made_is_told_as_it_begins() {
    let lines: Vec<_> = log_of("blamed")
        .iter()
        .filter(|entry| matches!(entry.event, Event::ScenarioStarted { .. }))
        .filter_map(|entry| console::Lines::new().line(entry))
        .collect();
    assert_eq!(
        lines[1],
        "gnome-calculator: failed from a checkpoint; trying from power-on, attempt 2"
    );
    assert!(
        lines[2].starts_with(
            "gnome-calculator: failed from a checkpoint and held from power-on; trying from the \
            checkpoint of gnome-login"
        ),
        "{lines:?}"
    );
    assert_eq!(
        lines[3],
        "gnome-calculator: failed from the checkpoint again; trying from power-on, attempt 4"
    );
}
