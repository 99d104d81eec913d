//! `junit.xml`, read back with a parser.

mod reruns;
mod schema;
mod xml;

use reports::{CauseKind, Entry, ExitStatus, FlakyPolicy, Run, Verdict, junit};

pub(crate) use xml::{named, parse};

use xml::Element;

use crate::sample::{RUNS, Writer, log_of};

const FOLDER: &str = "qa-results/20261124-020304";

pub(crate) fn written(entries: &[Entry]) -> String {
    junit(&Run::of(entries), FOLDER)
}

#[test]
fn every_run_has_its_file_and_it_is_well_formed() {
    for name in RUNS {
        let xml = written(&log_of(name));
        let elements = parse(&xml);
        let run = Run::of(&log_of(name));
        assert_eq!(
            named(&elements, "testcase").len(),
            run.scenarios.len(),
            "{name}"
        );
        insta::assert_snapshot!(format!("junit_{name}"), xml);
    }
}

#[test]
fn verdicts_become_the_elements_that_ci_servers_know() {
    for (name, element, kind) in [
        ("failed-look", Some("failure"), "deadline"),
        ("watch-breach", Some("failure"), "watch"),
        ("error-exit", Some("error"), "machine-exited"),
        ("cancelled", Some("error"), "cancelled"),
        ("cut-short", Some("error"), "harness"),
        ("skipped", Some("skipped"), "missing"),
        ("passed", None, ""),
        ("soft-failed", None, ""),
        ("flaky", None, ""),
    ] {
        let elements = parse(&written(&log_of(name)));
        for other in ["failure", "error", "skipped"] {
            let found = named(&elements, other);
            if element == Some(other) {
                assert_eq!(found[0].attributes["type"], kind, "{name}");
                assert!(!found[0].attributes["message"].is_empty(), "{name}");
            } else if name != "failed-look" || other != "skipped" {
                assert!(found.is_empty(), "{name} has {other}");
            }
        }
    }
}

#[test]
fn totals_agree_with_the_cases() {
    for name in RUNS {
        let elements = parse(&written(&log_of(name)));
        let count = |element: &str| named(&elements, element).len().to_string();
        let root = &named(&elements, "testsuites")[0].attributes;
        let suites = named(&elements, "testsuite");
        let sum = |total: &str| {
            let of_suite =
                |suite: &&Element| -> usize { suite.attributes[total].parse().expect("a number") };
            suites.iter().map(of_suite).sum::<usize>().to_string()
        };
        for (total, element) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
        ] {
            assert_eq!(root[total], count(element), "{name}");
            assert_eq!(sum(total), count(element), "{name}");
        }
        assert_eq!(sum("skipped"), count("skipped"), "{name}");
        // junit-10.xsd of Jenkins' xUnit plugin forbids it there.
        assert!(!root.contains_key("skipped"), "{name}");
    }
}

#[test]
fn a_case_has_class_time_and_the_steps_in_words() {
    let elements = parse(&written(&log_of("passed")));
    let case = &named(&elements, "testcase")[0].attributes;
    assert_eq!(case["classname"], "gnome.pc-uefi");
    assert_eq!(case["time"], "88.272");
    let out = &named(&elements, "system-out")[0].text;
    assert!(out.contains("passed    3.1 type •••  420ms"), "{out}");
    assert!(out.contains("machine pc-uefi: x86_64"), "{out}");
}

#[test]
fn a_matrix_has_a_suite_for_each_image_and_machine_and_no_two_cases_of_one_name() {
    let elements = parse(&written(&log_of("matrix")));
    let suites = named(&elements, "testsuite");
    let names: Vec<_> = suites
        .iter()
        .map(|suite| suite.attributes["name"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "gnome on desktop",
            "gnome on small",
            "console-arm on uefi-aarch64",
            "console-riscv on uefi-riscv64"
        ]
    );
    let cases = named(&elements, "testcase");
    let mut names: Vec<_> = cases
        .iter()
        .map(|case| case.attributes["name"].as_str())
        .collect();
    assert_eq!(cases[0].attributes["classname"], "gnome.desktop");
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}

#[test]
fn names_with_dots_do_not_become_packages() {
    let mut entries = log_of("passed");
    if let reports::Event::RunStarted { scenarios, .. } = &mut entries[0].event {
        "disk.2.qcow2".clone_into(&mut scenarios[0].image);
        scenarios[1].image.clear();
    }
    let elements = parse(&written(&entries));
    let cases = named(&elements, "testcase");
    assert_eq!(cases[0].attributes["classname"], "disk-2-qcow2.pc-uefi");
    assert_eq!(cases[1].attributes["classname"], "unknown.pc-uefi");
}

#[test]
fn attachments_are_relative_to_the_checkout_and_the_telling_frame_is_first() {
    let elements = parse(&written(&log_of("failed-look")));
    let out = &named(&elements, "system-out")[0].text;
    let attached: Vec<&str> = out
        .lines()
        .filter_map(|line| line.strip_prefix("[[ATTACHMENT|")?.strip_suffix("]]"))
        .collect();
    assert_eq!(
        attached,
        [
            "qa-results/20261124-020304/gnome-login/frames/0004.png",
            "qa-results/20261124-020304/gnome-login/frames/0005.png",
            "qa-results/20261124-020304/gnome-login/serial0.log",
            "qa-results/20261124-020304/gnome-login/qmp.log",
            "qa-results/20261124-020304/gnome-login/qemu.args",
        ]
    );
}

#[test]
fn a_guest_cannot_attach_files_of_the_ci_host() {
    let xml = written(&log_of("hostile"));
    assert!(!xml.contains("[[ATTACHMENT|/etc"), "{xml}");
}

#[test]
fn a_failure_says_what_was_nearest_and_what_the_console_said() {
    let elements = parse(&written(&log_of("failed-look")));
    let text = &named(&elements, "failure")[0].text;
    for part in [
        "at: scenarios/gnome-login.yaml:9:5, gnome-login step 3.2",
        "candidate: gnome-overview-dark: area 1 similarity 0.83 of 0.96, area 2 similarity 0.97 of 0.96",
        "  [FAILED] Failed to start geoclue.service\n",
        "next: if the screen is as it should be",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn what_does_not_gate_still_shows() {
    let soft = parse(&written(&log_of("soft-failed")));
    assert_eq!(
        named(&soft, "testcase")[0].attributes["name"],
        "gnome-login",
        "what came of it is no part of its name"
    );
    let property = |name: &str| {
        named(&soft, "property")
            .into_iter()
            .find(|property| property.attributes["name"] == name)
            .map(|property| property.attributes["value"].clone())
    };
    assert_eq!(
        property("soft-failure.gnome-login").as_deref(),
        Some("the wallpaper is missing (DEB-1204)")
    );
    assert_eq!(
        property("verdict.gnome-login").as_deref(),
        Some("soft-failed")
    );
    let flaky = parse(&written(&log_of("flaky")));
    assert_eq!(
        named(&flaky, "testcase")[0].attributes["name"],
        "gnome-login"
    );
    let out = &named(&flaky, "system-out")[0].text;
    assert!(
        out.contains("attempt 1, from power-on: failed") && out.contains("attempt 2"),
        "{out}"
    );
}

#[test]
fn properties_say_where_a_scenario_started_and_how_old_its_checkpoint_was() {
    let property = |run: &str, name: &str| {
        named(&parse(&written(&log_of(run))), "property")
            .into_iter()
            .find(|property| property.attributes["name"] == name)
            .map(|property| property.attributes["value"].clone())
    };
    for (run, name, value) in [
        ("passed", "started-from.gnome-login", Some("power-on")),
        (
            "passed",
            "started-from.gnome-calculator",
            Some("continued gnome-login"),
        ),
        ("passed", "checkpoint-age-seconds.gnome-calculator", None),
        (
            "checkpoint",
            "started-from.gnome-calculator",
            Some("checkpoint gnome-login 1f2e3d4c5b6a"),
        ),
        (
            "checkpoint",
            "checkpoint-age-seconds.gnome-calculator",
            Some("1"),
        ),
        (
            "disagreement",
            "started-from.gnome-calculator",
            Some("checkpoint gnome-login 1f2e3d4c5b6a"),
        ),
        ("repeated", "attempts.gnome-calculator", Some("40")),
    ] {
        assert_eq!(property(run, name).as_deref(), value, "{run} {name}");
    }
    assert!(property("blamed", "finding.gnome-calculator").is_some());
}

#[test]
fn a_run_without_scenarios_is_a_file_without_cases() {
    let elements = parse(&written(&[]));
    assert_eq!(named(&elements, "testsuite")[0].attributes["tests"], "0");
    assert!(!named(&elements, "property").is_empty());
}

/// Returns the name, the class and the file of a case of these attempts.
fn identity(verdicts: &[Verdict], flaky: FlakyPolicy) -> [Option<String>; 3] {
    let mut log = Writer::new(&[("a", "", &[])]);
    log.under(reports::Rules {
        flaky,
        ..reports::Rules::default()
    });
    for (attempt, verdict) in (1..).zip(verdicts) {
        log.begin("a", attempt, None).stage("a", 1);
        let cause = log.cause(CauseKind::Deadline, "1", "x", &[]);
        let cause = (!matches!(verdict, Verdict::Passed | Verdict::SoftFailed)).then_some(cause);
        log.finish(*verdict, cause);
    }
    let elements = parse(&written(&log.run_finished(ExitStatus::Failed)));
    let case = named(&elements, "testcase")[0];
    ["name", "classname", "file"].map(|name| case.attributes.get(name).cloned())
}

#[test]
fn neither_a_verdict_nor_an_attempt_is_a_part_of_a_cases_name() {
    let one = identity(&[Verdict::Passed], FlakyPolicy::Pass);
    assert!(one.iter().all(Option::is_some), "{one:?}");
    for verdict in Verdict::ALL {
        for verdicts in [
            &[verdict][..],
            &[Verdict::Failed, verdict],
            &[verdict, Verdict::Error],
        ] {
            for flaky in [FlakyPolicy::Pass, FlakyPolicy::Fail] {
                assert_eq!(identity(verdicts, flaky), one, "{verdicts:?}");
            }
        }
    }
}

#[test]
fn a_case_says_in_which_file_and_line_it_did_not_hold() {
    let elements = parse(&written(&log_of("failed-look")));
    let case = &named(&elements, "testcase")[0].attributes;
    assert_eq!(case["file"], "scenarios/gnome-login.yaml");
    assert_eq!(case["line"], "9");
    let elements = parse(&written(&log_of("passed")));
    let case = &named(&elements, "testcase")[0].attributes;
    assert_eq!(
        (case["file"].as_str(), case["line"].as_str()),
        ("scenarios/gnome-login.yaml", "1")
    );
}

#[test]
fn no_reader_meets_a_character_that_it_refuses() {
    let strange = |c: char| c == '\u{fffd}' || (c.is_control() && !matches!(c, '\n' | '\t'));
    for name in RUNS {
        let xml = written(&log_of(name));
        assert!(!xml.contains(strange), "{name}: {xml}");
    }
    let mut entries = log_of("failed-look");
    for entry in &mut entries {
        if let reports::Event::StepFinished { evidence, .. } = &mut entry.event {
            evidence.serial_tail = vec!["\u{fffd}\u{1b}[1mboot\u{fffd}\u{8}".to_owned()];
        }
    }
    let xml = written(&entries);
    assert!(!xml.contains(strange), "{xml}");
    assert!(xml.contains("  ?boot?"), "{xml}");
}
