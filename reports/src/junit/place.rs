//! The place of a test case in a file.

use crate::run::Scenario;

/// Returns the file of a scenario and a line in it: the line of the deciding step if it is in this file, else the
/// first. None if the log does not tell the file.
pub(crate) fn of(scenario: &Scenario) -> Option<(&str, u32)> {
    let file = scenario.info.file.as_str();
    if file.is_empty() {
        return None;
    }
    let place = scenario
        .cause
        .as_ref()
        .and_then(|cause| cause.place.as_deref());
    let line = place.and_then(|place| line_in(file, place));
    Some((file, line.unwrap_or(1)))
}

/// Returns the line of a place such as `scenarios/login.yaml:12:5`, if it is in this file.
fn line_in(file: &str, place: &str) -> Option<u32> {
    let numbers = place.strip_prefix(file)?.strip_prefix(':')?;
    numbers.split(':').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_from_a_place_in_the_same_file_alone() {
        for (place, line) in [
            ("a/b.yaml:12:5", Some(12)),
            ("a/b.yaml:12", Some(12)),
            ("a/b.yaml", None),
            ("a/b.yaml2:12:5", None),
            ("b.yaml:12:5", None),
            ("a/b.yaml:x:5", None),
        ] {
            assert_eq!(line_in("a/b.yaml", place), line, "{place}");
        }
    }
}
