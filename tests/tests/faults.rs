//! The table of faults: each row names a test that is there, and that asks the table whether the row is true.
//!
//! A test makes the fault and calls `shows("the fault")` on what came of it: that reads the row, and fails unless
//! verdict, words and time are those of the row. The tests here see to it that no row is without such a test.

mod guest;
mod helpers;
mod host;

use std::collections::BTreeSet;
use std::path::Path;

use qa_tests::Fault;

/// Returns whether a module of these tests has a test of this name.
fn is_there(test: &str) -> bool {
    let Some((module, name)) = test.rsplit_once("::") else {
        return false;
    };
    let file = format!("tests/{}.rs", module.replace("::", "/"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines.windows(2).any(|two| {
        let is_it = two[1].contains(&format!("fn {name}("));
        is_it && (two[0].starts_with("#[test]") || two[0].starts_with("#[tokio::test"))
    })
}

#[test]
fn every_fault_of_the_table_has_a_test_that_is_there() {
    let table = Fault::table();
    assert!(table.len() > 100, "{}", table.len());
    let mut faults = BTreeSet::new();
    for row in &table {
        assert!(faults.insert(&row.name), "{row:?} is there twice");
        assert!(is_there(&row.test), "there is no such test: {row:?}");
    }
}

#[test]
fn every_row_of_the_table_is_asked_for_where_its_test_is() {
    for row in Fault::table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(row.file());
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.contains("shows("), "{row:?}");
        let named = format!("\"{}\"", row.name);
        assert!(text.contains(&named), "nobody makes {row:?}");
    }
}

#[test]
fn a_test_that_is_not_there_is_noticed() {
    assert!(is_there("faults::a_test_that_is_not_there_is_noticed"));
    for test in [
        "faults::is_there",
        "faults::nothing",
        "nothing::at_all",
        "faults",
    ] {
        assert!(!is_there(test), "{test}");
    }
}
