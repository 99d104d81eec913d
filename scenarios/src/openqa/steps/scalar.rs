//! Writes text as a scalar of YAML.

/// Words that YAML, or a reader of it, takes for something else than text.
const NOT_TEXT: [&str; 12] = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", "any", "nan",
];

/// Returns text as a scalar that may stand anywhere, with quotes where it needs them.
pub(in crate::openqa) fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}'))
    {
        return double_quoted(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

fn is_plain(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '_'));
    let ends = text.ends_with(|c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.' | ')' | '+' | '?' | '"' | '\'')
    });
    let inner = |c: char| c.is_ascii_alphanumeric() || " _-./()+=@~^;?'\"$*%!&<>|".contains(c);
    starts
        && ends
        && text.chars().all(inner)
        && !NOT_TEXT.contains(&text.to_ascii_lowercase().as_str())
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Returns text for a comment: in one line, without what a terminal obeys.
pub(in crate::openqa) fn comment(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' => ' ',
        c if c.is_control()
            || matches!(
                c,
                '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200e}'..='\u{200f}'
            ) =>
        {
            '?'
        }
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '?',
        c => c,
    };
    text.chars().map(shown).collect()
}
