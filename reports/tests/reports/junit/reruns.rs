//! The attempts that the verdict of a case does not show.

use reports::{CauseKind, ExitStatus, Verdict};

use super::{named, parse, written};
use crate::sample::{Writer, log_of};

#[test]
fn attempts_that_did_not_hold_are_told_in_the_elements_of_surefire() {
    for (name, verdict, reruns) in [
        (
            "flaky",
            None,
            &[
                // For readers that know no other.
                ("rerunFailure", "unexpected-reset"),
                ("flakyFailure", "unexpected-reset"),
            ][..],
        ),
        (
            "retried",
            Some("failure"),
            &[
                ("rerunFailure", "deadline"),
                ("rerunError", "machine-exited"),
            ],
        ),
        // Its failure is told by the first attempt of the worst.
        (
            "repeated",
            Some("failure"),
            &[("rerunFailure", "deadline"), ("rerunFailure", "deadline")],
        ),
        (
            "disagreement",
            None,
            &[("rerunFailure", "deadline"), ("flakyFailure", "deadline")],
        ),
        ("blamed", Some("failure"), &[("rerunFailure", "deadline")]),
    ] {
        let elements = parse(&written(&log_of(name)));
        let at = |element: &str| elements.iter().position(|found| found.name == element);
        let found: Vec<_> = elements
            .iter()
            .filter(|element| {
                element.name.starts_with("rerun") || element.name.starts_with("flaky")
            })
            .map(|element| (element.name.as_str(), element.attributes["type"].as_str()))
            .collect();
        assert_eq!(found, reruns, "{name}");
        assert_eq!(verdict.is_some(), at("failure").is_some(), "{name}");
        for (element, _) in reruns {
            assert!(at(element) > verdict.and_then(at), "{name}");
            assert!(at(element) < at("system-out"), "{name}");
        }
        let traces = named(&elements, "stackTrace");
        let with_trace = match verdict {
            Some(_) => reruns.len(),
            None => reruns.len() / 2,
        };
        assert_eq!(traces.len(), with_trace, "{name}");
        for trace in traces {
            assert!(trace.text.starts_with("attempt "), "{}", trace.text);
        }
    }
}

#[test]
fn surefire_wants_what_failed_before_what_broke_off() {
    use Verdict::{Error, Failed, Passed};
    for (verdicts, elements) in [
        (
            &[Error, Failed, Error][..],
            &["failure", "rerunError", "rerunError"][..],
        ),
        (&[Error, Error], &["error", "rerunError"]),
        (
            &[Error, Failed, Passed],
            &["rerunFailure", "flakyFailure", "rerunError", "flakyError"],
        ),
    ] {
        let mut log = Writer::new(&[("a", "", &[])]);
        for (attempt, verdict) in (1..).zip(verdicts) {
            log.begin("a", attempt, None).stage("a", 1);
            let cause = log.cause(CauseKind::Harness, "1", "]]>", &[]);
            log.finish(*verdict, (*verdict != Passed).then_some(cause));
        }
        let found = parse(&written(&log.run_finished(ExitStatus::Error)));
        let order: Vec<_> = found
            .iter()
            .map(|element| element.name.as_str())
            .skip_while(|name| *name != "testcase")
            .filter(|name| *name != "stackTrace")
            .collect();
        let expected = [&["testcase"], elements, &["system-out"]].concat();
        assert_eq!(order, expected, "{verdicts:?}");
    }
}
