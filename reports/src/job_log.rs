//! Keeps text of a guest from being a command to the server that shows the log of a job.
//!
//! GitHub Actions obeys `##[group]` and its like anywhere in a line, Azure Pipelines `##vso[task]`, and TeamCity
//! `##teamcity[message]`. The newer commands of GitHub, `::error::`, count only at the beginning of a line: a report
//! never begins a line with text of a guest.

use std::borrow::Cow;

/// Returns the text with `replacement` for the second `#` of each command.
pub(crate) fn replaced<'t>(text: &'t str, replacement: &str) -> Cow<'t, str> {
    let mut safe = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let (before, found) = rest.split_at(at + 1);
        safe.push_str(before);
        rest = found;
        if is_command(found) {
            safe.push_str(replacement);
            rest = &found[1..];
        }
    }
    if safe.is_empty() {
        return Cow::Borrowed(text);
    }
    safe.push_str(rest);
    Cow::Owned(safe)
}

/// Returns true if a text that begins with the second `#` goes on as a command does: letters, then a bracket.
fn is_command(text: &str) -> bool {
    let word = text.strip_prefix('#').unwrap_or(text);
    let end = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    end.starts_with('[')
}

/// Returns a text in which nothing is a command: a space parts the signs of each.
pub(crate) fn inert(text: &str) -> Cow<'_, str> {
    replaced(text, " #")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_parted_and_other_text_is_left() {
        for (text, shown) in [
            ("##[error]x", "# #[error]x"),
            ("a ##[group]b ##vso[task]", "a # #[group]b # #vso[task]"),
            ("###[x", "## #[x"),
            ("##teamcity[a", "# #teamcity[a"),
            ("## heading [x]", "## heading [x]"),
            ("# [a] ##", "# [a] ##"),
            ("", ""),
        ] {
            assert_eq!(inert(text), shown, "{text}");
        }
    }
}
