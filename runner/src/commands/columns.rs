//! Prints lists for people: names in one column, their descriptions in the next.

use crate::commands::print::print;
use crate::failure::Failure;
use crate::progress::Size;

/// The smallest width of the first column, in characters, so that short lists look alike.
const NARROWEST: usize = 20;

/// The smallest width of the second column. On a narrower terminal it begins below the name.
const LEAST: usize = 30;

/// Prints a line for each name, indented by `indent` spaces. The second column begins after the longest name. On a
/// terminal, it is broken into lines that fit.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn print_columns(indent: usize, rows: &[(String, String)]) -> Result<(), Failure> {
    let columns = Size::of_stdout().map(|size| size.columns);
    for line in lines(indent, rows, columns) {
        print(&line)?;
    }
    Ok(())
}

/// Returns the lines of a list for a terminal with this many columns; none for no terminal.
fn lines(indent: usize, rows: &[(String, String)], columns: Option<usize>) -> Vec<String> {
    let longest = rows.iter().map(|(name, _)| name.chars().count()).max();
    let width = longest.unwrap_or(0).max(NARROWEST) + 2;
    let free = columns.map(|columns| columns.saturating_sub(indent + width + 1));
    let mut lines = Vec::new();
    for (name, said) in rows {
        let begin = format!("{:indent$}{name:<width$}", "");
        let (begin, below, room) = match (free, columns) {
            (Some(free), Some(columns)) if free < LEAST => {
                lines.push(begin.trim_end().to_owned());
                let below = indent + 4;
                (" ".repeat(below), below, columns.saturating_sub(below + 1))
            }
            (Some(free), _) => (begin, indent + width, free),
            (None, _) => (begin, indent + width, usize::MAX),
        };
        let mut line = begin;
        for (number, part) in broken(said, room.max(1)).iter().enumerate() {
            if number > 0 {
                lines.push(
                    std::mem::replace(&mut line, " ".repeat(below))
                        .trim_end()
                        .to_owned(),
                );
            }
            line.push_str(part);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Breaks a text between words into lines of at most `room` characters. A longer word has a line of its own.
fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    if text.chars().count() <= room {
        return vec![text.to_owned()];
    }
    for word in text.split(' ') {
        let taken = lines.last().map_or(0, |line| line.chars().count());
        match lines.last_mut() {
            Some(line) if taken == 0 => line.push_str(word),
            Some(line) if taken + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<(String, String)> {
        let row = |name: &str, said: &str| (name.to_owned(), said.to_owned());
        vec![
            row("login", "A user logs in  (after install)"),
            row(
                "install",
                "The live CD installs itself on an empty disk, and the result starts",
            ),
        ]
    }

    #[test]
    fn a_list_fits_the_terminal() {
        assert_eq!(
            lines(2, &rows(), Some(60)),
            [
                "  login                 A user logs in  (after install)",
                "  install               The live CD installs itself on an",
                "                        empty disk, and the result starts",
            ]
        );
        let narrow = lines(2, &rows(), Some(40));
        assert_eq!(narrow[0], "  login");
        assert!(
            narrow.iter().all(|line| line.chars().count() < 40),
            "{narrow:?}"
        );
    }

    #[test]
    fn a_list_for_a_file_has_a_line_for_each_name() {
        assert_eq!(lines(2, &rows(), None).len(), 2);
    }
}
