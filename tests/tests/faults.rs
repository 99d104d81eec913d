//! The table of faults names a test for each, and the test is there.

use std::collections::BTreeSet;
use std::path::Path;

const COLUMNS: usize = 6;

/// The cells of the table's rows.
fn rows(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().filter(|line| line.starts_with('|'));
    // Names of the columns, and the line below them.
    lines
        .skip(2)
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect()
}

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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runner/docs/faults.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 30, "{}", rows.len());
    let mut faults = BTreeSet::new();
    for row in &rows {
        assert_eq!(row.len(), COLUMNS, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert!(faults.insert(row[0]), "{row:?} is there twice");
        let test = row[COLUMNS - 1].trim_matches('`');
        assert!(is_there(test), "there is no test `{test}`: {row:?}");
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
