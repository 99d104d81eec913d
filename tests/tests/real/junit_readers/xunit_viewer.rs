//! xunit-viewer, which makes a page of the results.

use serde_json::json;

use super::made_up::{MESSAGE, every_verdict};
use super::{named, node, text};

#[test]
fn xunit_viewer_reads_every_verdict() {
    let program = include_str!("xunit_viewer.mjs");
    let read = node("xunit-viewer", program, every_verdict().junit());
    let suite = named(&read["suites"], "qa");
    assert_eq!(suite["properties"]["qa.exit-status"], json!(["1"]));
    for (name, status, time) in [
        ("passes", "passed", "1.5"),
        ("defect", "passed", "2.25"),
        ("fails", "failure", "3"),
        // Its own limit: it takes the first element that it does not know for the status. Surefire's schema wants the
        // attempts before the output, so a flaky case begins with one.
        ("flaky", "rerunFailure", "4.5"),
        ("breaks", "error", "5"),
        ("skips", "skipped", "0"),
        ("stops", "error", "6"),
        ("again", "failure", "6"),
    ] {
        let test = named(&suite["tests"], name);
        assert_eq!(test["status"], status, "{name}");
        assert_eq!(test["classname"], "disk-qcow2.pc", "{name}");
        assert_eq!(test["time"], time, "{name}");
        let file = json!([format!("scenarios/{name}.yaml")]);
        assert_eq!(test["properties"]["file"], file, "{name}");
    }
    let fails = named(&suite["tests"], "fails");
    assert_eq!(fails["messages"][1], MESSAGE);
    assert_eq!(fails["properties"]["line"], json!(["7"]));
    let description = text(&read["description"]);
    for part in [
        "2 passed",
        "2 failure",
        "2 error",
        "1 skipped",
        "1 rerunFailure",
    ] {
        assert!(description.contains(part), "{description}");
    }
}
