//! Regular expressions of a project file, without variables.

use crate::value::Pattern;
use crate::yaml::{Node, Reader};

/// Reads a regular expression. `example` is one for the message about a wrong one.
pub(super) fn plain_pattern(reader: &mut Reader, node: &Node, example: &str) -> Option<Pattern> {
    let text = reader.plain(node)?;
    match Pattern::new(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(problem) => reader.invalid(
            &text.at,
            format!("not a regular expression: {problem}"),
            &format!("write a pattern such as `{example}`"),
        ),
    }
}
