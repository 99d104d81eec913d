//! The README is one page, and what it says of the language is true. Its examples, commands and links are checked with
//! those of the book.

use std::{collections::BTreeSet, fs, path::Path};

use scenarios::Verb;

/// A page that makes someone try it is not longer.
const MOST_LINES: usize = 130;

/// The first words of the rows with verbs.
const KINDS: [&str; 6] = ["look", "act", "talk", "power", "structure", "record"];

fn text(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the verbs of a page's table of verbs.
fn verbs(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| {
        let mut cells = row.split('|').map(str::trim);
        KINDS.contains(&cells.next()?).then(|| cells.next())?
    });
    let words = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    words.map(str::to_owned).collect()
}

#[test]
fn it_is_one_page() {
    let lines = text("README.md").lines().count();
    assert!(lines <= MOST_LINES, "{lines} lines");
}

#[test]
fn the_tables_of_verbs_have_the_verbs_of_the_language_and_no_others() {
    let all: BTreeSet<String> = Verb::ALL
        .iter()
        .map(|verb| verb.name().to_owned())
        .collect();
    for page in ["README.md", "docs/src/scenarios.md"] {
        assert_eq!(verbs(&text(page)), all, "{page}");
    }
}

#[test]
fn the_table_of_exit_statuses_has_all_of_them() {
    use reports::ExitStatus::{Cancelled, Error, Failed, Success, Usage};
    let readme = text("README.md");
    for status in [Success, Failed, Usage, Error, Cancelled] {
        let row = format!("| {} | ", status.code());
        assert!(readme.contains(&row), "{status:?}");
    }
}
