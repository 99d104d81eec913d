//! Makes JSON safe to show: nothing in it is a command to a CI server, and nothing controls a terminal.

use crate::job_log::replaced;
use crate::plain_text::is_obeyed;

/// Returns a JSON text in which nothing is a command, and nothing controls a terminal. Its meaning is the same: a `#`
/// or a control character stands only in strings, which can name it by its number.
pub(crate) fn inert_json(text: &str) -> String {
    let text = replaced(text, "\\u0023");
    // JSON itself has no other character below a space than line ends.
    if text.is_ascii() && !text.contains('\x7f') {
        return text.into_owned();
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            code if is_hidden(c) => safe.push_str(&format!("\\u{code:04x}")),
            _ => safe.push(c),
        }
    }
    safe
}

/// Returns true for a character that a terminal obeys, and for the line ends of Unicode, at which some readers part
/// lines.
fn is_hidden(c: char) -> bool {
    is_obeyed(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_means_the_same_without_commands_and_control_characters() {
        let text = "##[error]\u{1b}[2J \u{9b}1m \u{202e}\u{2028} ###[a] \\##[";
        let json = serde_json::to_string(text).expect("a string");
        let safe = inert_json(&json);
        assert!(!safe.contains("##[") && !safe.contains(is_hidden), "{safe}");
        let read: String = serde_json::from_str(&safe).expect("JSON");
        assert_eq!(read, text);
    }
}
