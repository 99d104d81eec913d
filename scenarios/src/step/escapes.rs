//! Escapes that YAML does not resolve, because the text has no double quotes.

use crate::finding::{Code, Diagnostic};
use crate::yaml::{Kind, Node, Reader};

/// Reports a text without quotes in which `\n`, `\t` or `\r` stands: it would be typed as two characters.
pub(super) fn check_escapes(reader: &mut Reader, node: &Node) {
    let Kind::Scalar {
        text,
        quoted: false,
    } = &node.kind
    else {
        return;
    };
    let Some(escape) = ["\\n", "\\t", "\\r"]
        .into_iter()
        .find(|escape| text.contains(escape))
    else {
        return;
    };
    let message = format!("`{escape}` without quotes is a backslash and a letter");
    let finding = Diagnostic::new(Code::LiteralEscape, &node.at, message);
    reader.report(finding.with_help(
        "write the text in double quotes for a line end or a tab, or in single quotes for the two characters",
    ));
}
