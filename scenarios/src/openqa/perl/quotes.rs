//! Text between delimiters, and here-documents.

/// A here-document whose text begins in the next line.
#[derive(Debug)]
pub(super) struct Heredoc {
    pub(super) end: String,
    pub(super) interpolates: bool,
    /// `<<~`: the common indent is removed.
    pub(super) indented: bool,
    /// The index of its token.
    pub(super) token: usize,
}

/// Returns the delimiter that closes what this one opens.
fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '<' => '>',
        other => other,
    }
}

/// Returns the length of text up to its closing delimiter, and with it. `rest` begins after the opening one.
pub(super) fn delimited(rest: &str, open: char) -> Option<(usize, usize)> {
    let close = closing(open);
    let mut depth = 0_usize;
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == close && depth == 0 {
            return Some((at, at + c.len_utf8()));
        } else if c == close {
            depth -= 1;
        } else if c == open {
            depth += 1;
        }
    }
    None
}

/// Resolves the escapes of text in which nothing is interpolated.
pub(super) fn plain(text: &str, open: char) -> String {
    let close = closing(open);
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some(&next)) if next == '\\' || next == open || next == close => {
                out.push(next);
                characters.next();
            }
            _ => out.push(c),
        }
    }
    out
}

/// Reads what follows `<<` of a here-document: the length of it, the word that ends the text, and if it interpolates.
pub(super) fn heredoc(rest: &str) -> Option<(usize, Heredoc)> {
    let (indented, word) = match rest.strip_prefix('~') {
        Some(word) => (true, word),
        None => (false, rest),
    };
    let before = rest.len() - word.len();
    let quote = word.chars().next()?;
    let (end, length) = match quote {
        '"' | '\'' => {
            let inner = word.get(1..)?;
            let end = inner.find(quote)?;
            (inner.get(..end)?, end + 2)
        }
        c if c.is_ascii_alphabetic() || c == '_' => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = word.find(|c| !is_part(c)).unwrap_or(word.len());
            (word.get(..end)?, end)
        }
        _ => return None,
    };
    if end.contains('\n') {
        return None;
    }
    let heredoc = Heredoc {
        end: end.to_owned(),
        interpolates: quote != '\'',
        indented,
        token: 0,
    };
    Some((before + length, heredoc))
}

/// Returns the text of a here-document, and the length up to the end of its last line. `rest` begins with its first
/// line.
pub(super) fn heredoc_text(rest: &str, heredoc: &Heredoc) -> (String, usize) {
    let mut lines = Vec::new();
    let mut length = 0;
    for line in rest.split_inclusive('\n') {
        length += line.len();
        let bare = line.trim_end_matches(['\n', '\r']);
        let is_end = match heredoc.indented {
            true => bare.trim_start() == heredoc.end,
            false => bare == heredoc.end,
        };
        if is_end {
            break;
        }
        lines.push(line);
    }
    let indent = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let filled = lines.iter().filter(|line| !line.trim().is_empty());
    let least = match heredoc.indented {
        true => filled.map(indent).min().unwrap_or(0),
        false => 0,
    };
    let cut = |line: &&str| {
        line.get(least.min(indent(line))..)
            .unwrap_or_default()
            .to_owned()
    };
    (lines.iter().map(cut).collect(), length)
}
