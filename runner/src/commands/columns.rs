//! Prints lists for people: names in one column, their descriptions in the next.

use crate::commands::print::print;
use crate::failure::Failure;

/// The smallest width of the first column, in characters, so that short lists look alike.
const NARROWEST: usize = 20;

/// Prints a line for each name, indented by `indent` spaces. The second column begins after the longest name.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn print_columns(indent: usize, rows: &[(String, String)]) -> Result<(), Failure> {
    let longest = rows.iter().map(|(name, _)| name.chars().count()).max();
    let width = longest.unwrap_or(0).max(NARROWEST) + 2;
    for (name, said) in rows {
        let line = format!("{:indent$}{name:<width$}{said}", "");
        print(line.trim_end())?;
    }
    Ok(())
}
