//! The folder of a run, and the reports in it.

use std::collections::BTreeSet;

use qa_tests::{Fake, Qa, Screen, act, on};
use quick_xml::{Reader, events::Event as Xml};

use crate::qa;

fn one_passes_one_fails() -> Qa {
    qa().scenario(
        "good",
        "title: It is <good> & \"fine\"\nimage: disk\nsteps:\n  - see: login\n",
    )
    .steps(
        "bad",
        "- serial: ready\n- see: { needle: desktop, within: 20ms }",
    )
    .needles(["login", "desktop"])
    .machine(
        Fake::shows(&Screen::of("login"))
            // Every byte that a terminal or XML could take amiss.
            .whenever(
                on::captures(1),
                [act::say(
                    [b"ready \x00\x01\x08\x1b[31m]]>&<\xff\xfe\xef\xbf\xbf\r\n".as_slice()]
                        .concat(),
                )],
            ),
    )
    .args(["run", "good", "bad"])
}

/// Reads XML to its end and gives its test cases: the values of their `name`, and how many failures there are.
#[track_caller]
fn testcases(xml: &str) -> (Vec<String>, usize) {
    let mut reader = Reader::from_str(xml);
    let (mut names, mut failures) = (Vec::new(), 0);
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error}:\n{xml}"))
        {
            Xml::Eof => return (names, failures),
            Xml::Start(tag) | Xml::Empty(tag) if tag.name().as_ref() == b"testcase" => {
                let name = tag.try_get_attribute("name").unwrap().unwrap();
                names.push(String::from_utf8_lossy(&name.value).into_owned());
                let time = tag.try_get_attribute("time").unwrap().unwrap();
                assert!(
                    String::from_utf8_lossy(&time.value).parse::<f64>().is_ok(),
                    "{tag:?}"
                );
            }
            Xml::Start(tag) if tag.name().as_ref() == b"failure" => failures += 1,
            Xml::Text(text) => assert!(
                text.iter()
                    .all(|&byte| byte >= 0x20 || b"\t\n\r".contains(&byte)),
                "{text:?}"
            ),
            _ => {}
        }
    }
}

#[test]
fn the_folder_has_the_log_the_reports_and_the_evidence() {
    let outcome = one_passes_one_fails().exit_code(1);
    let files: BTreeSet<_> = outcome
        .files()
        .into_iter()
        .map(|(path, _)| path.display().to_string())
        .collect();
    let mut expected: BTreeSet<_> = ["events.jsonl", "junit.xml", "report.html"]
        .map(str::to_owned)
        .into();
    for name in ["good", "bad"] {
        expected.extend(
            [
                "serial0.log",
                "firmware.log",
                "qmp.log",
                "qemu.args",
                "frames/0001.png",
            ]
            .map(|file| format!("{name}/{file}")),
        );
    }
    let missing: Vec<_> = expected.difference(&files).collect();
    assert!(missing.is_empty(), "{missing:?} of {files:?}");
    let more: Vec<_> = files
        .difference(&expected)
        .filter(|path| !path.ends_with(".png"))
        .collect();
    assert!(more.is_empty(), "overlays and the like are gone: {more:?}");
}

#[test]
fn junit_is_well_formed_whatever_the_guest_says_and_has_a_test_case_a_scenario() {
    let outcome = one_passes_one_fails().exit_code(1);
    let (names, failures) = testcases(&outcome.file("junit.xml"));
    assert_eq!(names, ["good", "bad"]);
    assert_eq!(failures, 1);
}

#[test]
fn the_page_needs_no_network_and_every_picture_it_shows_is_there() {
    let outcome = one_passes_one_fails().exit_code(1);
    let page = outcome.file("report.html");
    for marker in [
        "src=\"http",
        "href=\"http",
        "//cdn",
        "@import",
        "<script src",
    ] {
        assert!(!page.contains(marker), "{marker}");
    }
    let folder = outcome.run_folder();
    let pictures: Vec<_> = page
        .split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!pictures.is_empty());
    for picture in pictures
        .iter()
        .filter(|picture| !picture.starts_with("data:"))
    {
        assert!(folder.join(picture).is_file(), "{picture}");
    }
    assert!(
        page.contains("It is &#60;good&#62; &#38;"),
        "text is escaped"
    );
    assert!(
        !page.contains('\u{1b}'),
        "no control character of the guest is in it"
    );
}

#[test]
fn report_makes_the_same_reports_again_from_the_log_alone() {
    let outcome = one_passes_one_fails().exit_code(1);
    let before = ["junit.xml", "report.html"].map(|file| outcome.file(file));
    for file in ["junit.xml", "report.html"] {
        std::fs::remove_file(outcome.run_folder().join(file)).unwrap();
    }
    let again = outcome.then().args(["report"]).any_stdout().exit_code(0);
    assert_eq!(
        ["junit.xml", "report.html"].map(|file| again.file(file)),
        before
    );
    let named = outcome
        .then()
        .args(["report", "qa-results/latest"])
        .any_stdout()
        .exit_code(0);
    assert_eq!(named.file("junit.xml"), before[0]);
}

#[test]
fn report_of_what_is_no_run_is_an_error_that_names_it() {
    qa().args(["report", "nowhere"])
        .stderr_has("nowhere")
        .exit_code(2);
    qa().args(["report"]).stderr_has("qa-results").exit_code(2);
    qa().file("run/events.jsonl", "{}\n")
        .args(["report", "run"])
        .stderr_has(
            "line 1 of the event log is not a record of a run: missing field `seq`, at column 2\n",
        )
        .exit_code(3);
    let newer = concat!(
        r#"{"seq":0,"at_ms":0,"event":"run-started","format":99,"version":"9","run":"r","started":"","command":[],"#,
        r#""host":{"name":"","os":"","cores":1,"memory_mib":1},"scenarios":[]}"#,
    );
    qa().file("run/events.jsonl", format!("{newer}\n"))
        .args(["report", "run"])
        .stderr_has("the event log has format 99, written by qa 9")
        .exit_code(3);
}

#[test]
fn two_runs_at_once_in_one_project_do_not_meet() {
    let first = qa()
        .steps("s", "- see: login\n- see: { needle: login, for: 100ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("login")))
        .args(["run", "s"]);
    let second = first.beside().args(["run", "s"]);
    let root = first.root();
    let (first, second) = (first.start(), second.start());
    let both = (first.exit_code(0), second.exit_code(0));
    both.0.shows("two runs write into one folder of results");
    let runs: BTreeSet<_> = std::fs::read_dir(root.join("qa-results"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(runs.len(), 3, "two runs and `latest`: {runs:?}");
    for run in runs.iter().filter(|run| *run != "latest") {
        let log = std::fs::read_to_string(root.join("qa-results").join(run).join("events.jsonl"))
            .unwrap();
        assert!(
            log.lines().last().unwrap().contains("run-finished"),
            "{run}"
        );
    }
}

#[test]
fn results_go_where_the_call_says() {
    let outcome = qa()
        .steps("s", "- note: x")
        .args(["run", "s", "--results", "elsewhere"])
        .exit_code(0);
    assert!(
        outcome
            .then()
            .root()
            .join("elsewhere/latest/junit.xml")
            .is_file()
    );
    assert!(!outcome.then().root().join("qa-results").exists());
}

#[test]
fn results_that_cannot_be_written_are_an_error() {
    qa().steps("s", "- note: x")
        .file("occupied", "")
        .args(["run", "s", "--results", "occupied"])
        .stderr_has("occupied")
        .exit_code(3);
}

#[test]
fn json_is_the_event_log_on_stdout() {
    let outcome = qa()
        .steps("s", "- note: x")
        .args(["run", "s", "--format", "json"])
        .exit_code(0);
    assert_eq!(
        outcome.stdout().lines().count(),
        outcome.file("events.jsonl").lines().count()
    );
    for line in outcome.stdout().lines() {
        assert!(
            serde_json::from_str::<serde_json::Value>(line).is_ok(),
            "{line}"
        );
    }
    assert_eq!(outcome.stderr(), "");
}

#[test]
fn report_for_github_prints_annotations_and_adds_to_the_summary_of_the_job() {
    let outcome = qa()
        .needles(["login"])
        .steps("s", "- see: { needle: login, within: 20ms }")
        .args(["run", "s"])
        .exit_code(1);
    let summary = outcome.run_folder().join("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let checkout = outcome.run_folder().join("../..");
    let reported = outcome
        .then()
        .env("GITHUB_STEP_SUMMARY", &summary.display().to_string())
        .env(
            "GITHUB_WORKSPACE",
            &checkout.join("..").display().to_string(),
        )
        .args(["report", "--format", "github"])
        .any_stdout()
        .exit_code(0);
    let said = reported.stdout();
    assert!(said.starts_with("::error title=s failed,file="), "{said}");
    assert!(said.contains("/scenarios/s.yaml,line="), "{said}");
    let summary = std::fs::read_to_string(&summary).unwrap();
    assert!(summary.starts_with("before\n## "), "{summary}");
    assert!(summary.contains("❌ failed"), "{summary}");
}

#[test]
fn report_prints_the_result_in_the_format_that_is_asked_for() {
    let outcome = one_passes_one_fails().exit_code(1);
    let printed = |format: &str| {
        let call = outcome.then().args(["report", "--format", format]);
        call.any_stdout().exit_code(0).stdout().to_owned()
    };
    let tap = printed("tap");
    assert!(
        tap.starts_with("TAP version 14\n") && tap.contains("\nok 1 - good\n"),
        "{tap}"
    );
    assert!(tap.contains("\nnot ok 2 - bad\n"), "{tap}");
    let json: serde_json::Value = serde_json::from_str(&printed("json")).unwrap();
    assert_eq!(json["totals"]["failed"], 1);
    let frame = &json["scenarios"][1]["attempts"][0]["last_frame"]["file"];
    let frame = outcome.run_folder().join(frame.as_str().unwrap());
    assert!(frame.is_file(), "{json}");
    let gitlab = printed("gitlab");
    let end = gitlab.split("section_end:").nth(1).unwrap();
    assert!(end.contains(":qa-2-bad\r\u{1b}[0K"), "{gitlab:?}");
    assert_eq!(gitlab.matches('\u{1b}').count(), 4, "{gitlab:?}");
}
