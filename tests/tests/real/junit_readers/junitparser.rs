//! junitparser, a library for Python.

use std::process::Command;

use serde_json::{Value, json};

use super::made_up::{MESSAGE, Reported, every_verdict, matrix};
use super::{installed, json_of, named, run, text};

fn junitparser(reported: &Reported) -> Value {
    let program = installed("python/bin/python");
    let mut command = Command::new(program);
    command
        .args(["-c", include_str!("junitparser.py")])
        .arg(reported.junit());
    json_of(&run(&mut command, ""))
}

#[test]
fn junitparser_reads_every_verdict() {
    let read = junitparser(&every_verdict());
    assert_eq!(read["name"], "qa made-up");
    assert_eq!(read["totals"], json!([8, 2, 2]));
    assert_eq!(read["counted"], json!([8, 2, 2]), "it counts the same");
    assert_eq!(read["time"], 28.25);
    let suite = named(&read["suites"], "qa");
    assert_eq!(suite["totals"], json!([8, 2, 2, 1]));
    assert_eq!(suite["hostname"], "builder");
    assert_eq!(suite["timestamp"], "2026-11-30T10:00:00Z");
    assert_eq!(suite["properties"]["verdict.flaky"], "flaky");
    assert_eq!(
        suite["properties"]["soft-failure.defect"],
        "the wallpaper is missing (DEB-1)"
    );
    for (name, result, time) in [
        ("passes", json!([]), 1.5),
        ("defect", json!([]), 2.25),
        ("fails", json!(["Failure", "deadline", MESSAGE]), 3.0),
        ("flaky", json!([]), 4.5),
        (
            "breaks",
            json!(["Error", "machine-exited", "QEMU ended"]),
            5.0,
        ),
        (
            "skips",
            json!(["Skipped", "missing", "there is no agent"]),
            0.0,
        ),
        (
            "stops",
            json!(["Error", "cancelled", "stopped by the user"]),
            6.0,
        ),
        (
            "again",
            json!(["Failure", "deadline", "nothing matched again"]),
            6.0,
        ),
    ] {
        let case = named(&suite["cases"], name);
        assert_eq!(case["classname"], "disk-qcow2.pc", "{name}");
        assert_eq!(case["time"], time, "{name}");
        let results = case["result"].as_array().unwrap();
        let first = results
            .first()
            .map(|found| found.as_array().unwrap()[..3].to_vec());
        assert_eq!(Value::from(first.unwrap_or_default()), result, "{name}");
        let attached = format!("[[ATTACHMENT|results/made-up/{name}/frames/0001.png]]\n");
        assert_eq!(
            name != "passes" && name != "defect",
            text(&case["out"]).starts_with(&attached),
            "{name}: {case}"
        );
    }
    let failure = &named(&suite["cases"], "fails")["result"][0][3];
    assert!(text(failure).contains("]]> ##[error]x"), "{failure}");
}

#[test]
fn junitparser_reads_the_attempts_that_a_verdict_does_not_show() {
    let read = junitparser(&every_verdict());
    let cases = &named(&read["suites"], "qa")["cases"];
    let told = |case: &Value, kind: &str| -> Vec<Vec<Value>> {
        let list = case[kind].as_array().unwrap().iter();
        list.map(|told| told.as_array().unwrap()[..2].to_vec())
            .collect()
    };
    let flaky = named(cases, "flaky");
    let failure = vec![vec![json!("deadline"), json!("nothing matched")]];
    let error = vec![vec![json!("machine-exited"), json!("QEMU ended")]];
    assert_eq!(told(flaky, "flaky_failures"), failure);
    assert!(
        text(&flaky["flaky_failures"][0][3])
            .starts_with("attempt 1, from power-on: failed in 4s\n")
    );
    let again = named(cases, "again");
    assert_eq!(told(again, "rerun_failures"), failure);
    assert_eq!(told(again, "rerun_errors"), error);
    assert_eq!(told(again, "flaky_failures"), Vec::<Vec<Value>>::new());
}

#[test]
fn junitparser_reads_a_suite_for_each_place_of_a_matrix() {
    let read = junitparser(&matrix());
    assert_eq!(read["totals"], json!([2, 1, 0]));
    let large = named(&read["suites"], "gnome on large");
    assert_eq!(large["totals"], json!([1, 1, 0, 0]), "flaky gates here");
    let case = named(&large["cases"], "login@gnome+large");
    assert_eq!(case["classname"], "gnome.large");
    assert_eq!(
        case["result"][0][2],
        "flaky: 1 of 2 attempts did not hold: nothing matched"
    );
    let small = named(&read["suites"], "gnome on small");
    assert_eq!(small["totals"], json!([1, 0, 0, 0]));
}
