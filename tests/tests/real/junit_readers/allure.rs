//! Allure 3, which makes a page of the results and their history.

use std::{fs, process::Command};

use serde_json::{Value, json};

use super::made_up::{MESSAGE, Reported, every_verdict};
use super::{installed, json_of, named, text};

/// Lets Allure make its report, and returns the numbers of results, and the results.
fn allure(reported: &Reported) -> (Value, Value) {
    let program = installed("node_modules/allure/cli.js");
    let (results, report) = (reported.dir().join("allure"), reported.dir().join("report"));
    fs::create_dir_all(&results).unwrap();
    fs::copy(reported.junit(), results.join("junit.xml")).unwrap();
    let output = Command::new("node")
        .arg(program)
        .args(["generate", "allure", "--output", "report", "--cwd"])
        .arg(reported.dir())
        .current_dir(reported.dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let read = |path: &str| -> Value {
        let file = fs::read_to_string(report.join(path));
        json_of(&file.unwrap_or_else(|error| panic!("{path}: {error}: {said}")))
    };
    let files = fs::read_dir(report.join("data/test-results")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let cases: Vec<Value> = names
        .map(|name| read(&format!("data/test-results/{name}")))
        .collect();
    (read("widgets/statistic.json"), cases.into())
}

#[test]
fn allure_reads_every_verdict() {
    let reported = every_verdict();
    let (totals, cases) = allure(&reported);
    assert_eq!(
        totals,
        json!({"total": 8, "passed": 3, "failed": 2, "broken": 2, "skipped": 1})
    );
    for (name, status, ms) in [
        ("passes", "passed", 1_500),
        ("defect", "passed", 2_250),
        ("fails", "failed", 3_000),
        // Its own limit: this version reads no attempts of Surefire, so it does not see that the case is flaky.
        ("flaky", "passed", 4_500),
        ("breaks", "broken", 5_000),
        ("skips", "skipped", 0),
        ("stops", "broken", 6_000),
        ("again", "failed", 6_000),
    ] {
        let case = named(&cases, name);
        assert_eq!(case["status"], status, "{name}");
        assert_eq!(case["duration"], ms, "{name}");
        assert_eq!(case["fullName"], format!("disk-qcow2.pc.{name}"));
        assert_eq!(
            case["attachments"][0]["link"]["name"], "System output",
            "{name}"
        );
    }
    let fails = named(&cases, "fails");
    // Its own limit: it does not read the escapes that XML wants in an attribute. The trace has the message as it is.
    let escaped = MESSAGE
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;");
    assert_eq!(fails["error"]["message"], escaped);
    let trace = text(&fails["error"]["trace"]);
    assert!(
        trace.starts_with(MESSAGE) && trace.contains("next: look at the screen"),
        "{trace}"
    );
    let out = text(&fails["attachments"][0]["link"]["id"]);
    let out = reported
        .dir()
        .join(format!("report/data/attachments/{out}.txt"));
    let out = fs::read_to_string(out).unwrap();
    assert!(out.contains("failed    1 see desktop  3s"), "{out}");
}
