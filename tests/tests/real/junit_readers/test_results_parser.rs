//! test-results-parser, which judges each case for messages to people.

use serde_json::Value;

use super::made_up::{MESSAGE, every_verdict};
use super::{named, node};

#[test]
fn test_results_parser_reads_every_verdict() {
    let program = include_str!("test_results_parser.mjs");
    let read = node("test-results-parser", program, every_verdict().junit());
    assert_eq!(read["name"], "qa made-up");
    assert_eq!(read["status"], "FAIL");
    let totals =
        |of: &Value| ["total", "passed", "failed", "errors", "skipped"].map(|key| of[key].clone());
    // Its own limit: it takes the number of skipped cases from the root element, where the schema of Jenkins' xUnit
    // plugin forbids it. So the skipped case counts as passed there. The suite has the right numbers, without skipped
    // cases in the total.
    assert_eq!(totals(&read).to_vec(), [8, 4, 2, 2, 0].map(Value::from));
    let suite = named(&read["suites"], "qa");
    assert_eq!(totals(suite).to_vec(), [7, 3, 2, 2, 1].map(Value::from));
    assert_eq!(suite["duration"], 28_250);
    for (name, status, message) in [
        ("passes", "PASS", ""),
        ("defect", "PASS", ""),
        ("fails", "FAIL", MESSAGE),
        ("flaky", "PASS", ""),
        // It knows no other word for an error.
        ("breaks", "FAIL", "QEMU ended"),
        ("skips", "SKIP", ""),
        ("stops", "FAIL", "stopped by the user"),
        ("again", "FAIL", "nothing matched again"),
    ] {
        let case = named(&suite["cases"], name);
        assert_eq!(case["status"], status, "{name}");
        assert_eq!(case["failure"], message, "{name}");
        let attached = case["attachments"].as_array().unwrap();
        let path = format!("results/made-up/{name}/serial0.log");
        assert!(
            attached.iter().any(|found| found["path"] == path),
            "{name}: {attached:?}"
        );
        // A guest has asked for both.
        assert!(
            attached.iter().all(|found| found["path"] != "/etc/passwd"),
            "{name}"
        );
        assert!(
            case["metadata"].get("owner").is_none(),
            "{name}: {}",
            case["metadata"]
        );
        assert_eq!(case["metadata"]["hostname"], "builder");
    }
}
