//! The schema of Jenkins' xUnit plugin.

use super::{parse, written};
use crate::sample::{RUNS, log_of};

/// An element, its children, the attributes that it must have, and others.
type Allowed = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

/// The elements and attributes that `junit-10.xsd` of Jenkins' xUnit plugin allows. `file` and `line` of a case are
/// ours: that schema had them once, and pytest, PHPUnit and others write them for the readers that link to a file.
const SCHEMA: [Allowed; 15] = [
    (
        "testsuites",
        &["testsuite"],
        &[],
        &["name", "time", "tests", "failures", "errors"],
    ),
    (
        "testsuite",
        &["properties", "testcase", "system-out", "system-err"],
        &["name", "tests", "failures", "errors"],
        &[
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
        ],
    ),
    ("properties", &["property"], &[], &[]),
    ("property", &[], &["name", "value"], &[]),
    (
        "testcase",
        &[
            "skipped",
            "error",
            "failure",
            "rerunFailure",
            "rerunError",
            "flakyFailure",
            "flakyError",
            "system-out",
            "system-err",
        ],
        &["name"],
        &["time", "classname", "group", "file", "line"],
    ),
    ("failure", &[], &[], &["type", "message"]),
    ("error", &[], &[], &["type", "message"]),
    ("skipped", &[], &[], &["type", "message"]),
    ("rerunFailure", RERUN, &["type"], &["message"]),
    ("rerunError", RERUN, &["type"], &["message"]),
    ("flakyFailure", RERUN, &["type"], &["message"]),
    ("flakyError", RERUN, &["type"], &["message"]),
    ("stackTrace", &[], &[], &[]),
    ("system-out", &[], &[], &[]),
    ("system-err", &[], &[], &[]),
];

const RERUN: &[&str] = &["stackTrace", "system-out", "system-err"];

#[test]
fn every_file_is_as_the_schema_of_jenkins_wants_it() {
    for name in RUNS {
        for element in parse(&written(&log_of(name))) {
            let rule = SCHEMA.iter().find(|rule| rule.0 == element.name);
            let (_, _, must, may) = rule.unwrap_or_else(|| panic!("{name} has {element:?}"));
            for attribute in *must {
                assert!(
                    element.attributes.contains_key(*attribute),
                    "{name}: {element:?}"
                );
            }
            for attribute in element.attributes.keys().map(String::as_str) {
                assert!(
                    must.contains(&attribute) || may.contains(&attribute),
                    "{name}: {attribute}"
                );
            }
            let parent = element.parent.as_deref();
            let allowed = SCHEMA
                .iter()
                .find(|rule| Some(rule.0) == parent)
                .map(|rule| rule.1);
            let is_allowed = allowed.map_or(element.name == "testsuites", |children| {
                children.contains(&element.name.as_str())
            });
            assert!(is_allowed, "{name}: {} in {parent:?}", element.name);
        }
    }
}
