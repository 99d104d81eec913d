//! Variables and escapes in quoted text.

use super::expression::Piece;

/// Splits text of double quotes into its pieces.
pub(super) fn text(text: &str) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\\' => escape(rest, &mut pieces),
            '$' => variable(rest, &mut pieces, true),
            '@' => array(rest, &mut pieces),
            _ => {
                pieces.literal.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    pieces.done()
}

/// Splits a regular expression into its pieces. Its escapes stay, for they mean the same elsewhere.
pub(super) fn pattern(text: &str, open: char) -> Vec<Piece> {
    let mut pieces = Pieces::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '\\' => {
                let next = rest[1..].chars().next();
                match next {
                    // Only the delimiter made it necessary.
                    Some(next) if next == open && matches!(next, '/' | '"' | '\'' | ',' | '!') => {
                        pieces.literal.push(next);
                    }
                    Some(next) => pieces.literal.extend(['\\', next]),
                    None => pieces.literal.push('\\'),
                }
                &rest[1 + next.map_or(0, char::len_utf8)..]
            }
            '$' => variable(rest, &mut pieces, false),
            '@' => array(rest, &mut pieces),
            _ => {
                pieces.literal.push(c);
                &rest[c.len_utf8()..]
            }
        };
    }
    pieces.done()
}

#[derive(Default)]
struct Pieces {
    pieces: Vec<Piece>,
    literal: String,
}

impl Pieces {
    fn add(&mut self, piece: Piece) {
        if !self.literal.is_empty() {
            self.pieces
                .push(Piece::Text(std::mem::take(&mut self.literal)));
        }
        self.pieces.push(piece);
    }

    fn done(mut self) -> Vec<Piece> {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Text(self.literal));
        }
        self.pieces
    }
}

/// Takes an escape. Returns the text after it.
fn escape<'t>(rest: &'t str, pieces: &mut Pieces) -> &'t str {
    let Some(next) = rest[1..].chars().next() else {
        pieces.literal.push('\\');
        return "";
    };
    let after = &rest[1 + next.len_utf8()..];
    match next {
        'n' => pieces.literal.push('\n'),
        't' => pieces.literal.push('\t'),
        'r' => pieces.literal.push('\r'),
        'e' => pieces.literal.push('\u{1b}'),
        'a' => pieces.literal.push('\u{7}'),
        'b' => pieces.literal.push('\u{8}'),
        'f' => pieces.literal.push('\u{c}'),
        '0' => pieces.literal.push('\0'),
        'x' => return hexadecimal(after, pieces),
        // They change the case of what follows, or quote it.
        'L' | 'U' | 'l' | 'u' | 'Q' | 'E' | 'N' | 'c' => pieces.add(Piece::Unknown),
        other => pieces.literal.push(other),
    }
    after
}

fn hexadecimal<'t>(after: &'t str, pieces: &mut Pieces) -> &'t str {
    let (digits, rest) = match after.strip_prefix('{') {
        Some(inner) => match inner.find('}') {
            Some(end) => (&inner[..end], &inner[end + 1..]),
            None => ("", after),
        },
        None => {
            let is_digit = |c: &char| c.is_ascii_hexdigit();
            let length = after.chars().take(2).take_while(is_digit).count();
            after.split_at(length)
        }
    };
    match u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
    {
        Some(c) => pieces.literal.push(c),
        None => pieces.add(Piece::Unknown),
    }
    rest
}

/// Takes a `$`. Returns the text after the variable.
fn variable<'t>(rest: &'t str, pieces: &mut Pieces, is_text: bool) -> &'t str {
    let after = &rest[1..];
    if let Some(inner) = after.strip_prefix('{') {
        let Some(end) = inner.find('}') else {
            pieces.add(Piece::Unknown);
            return inner;
        };
        let name = inner[..end].trim();
        pieces.add(match name_length(name) == name.len() && !name.is_empty() {
            true => Piece::Variable(name.to_owned()),
            false => Piece::Unknown,
        });
        return &inner[end + 1..];
    }
    let length = name_length(after);
    if length == 0 {
        let special = after.chars().next();
        return match special {
            Some(c) if is_text && (c.is_ascii_digit() || "?!$@&;,".contains(c)) => {
                pieces.add(Piece::Unknown);
                &after[1..]
            }
            // The end of a line in a regular expression, or a sign of money.
            _ => {
                pieces.literal.push('$');
                after
            }
        };
    }
    let (name, tail) = after.split_at(length);
    let is_element = tail.starts_with("->[")
        || tail.starts_with("->{")
        || (is_text && tail.starts_with('['))
        || (is_text && tail.starts_with('{'));
    if is_element {
        pieces.add(Piece::Unknown);
        return tail;
    }
    pieces.add(Piece::Variable(name.to_owned()));
    tail
}

/// Takes an `@`. Returns the text after the array.
fn array<'t>(rest: &'t str, pieces: &mut Pieces) -> &'t str {
    let after = &rest[1..];
    if let Some(inner) = after.strip_prefix('{') {
        pieces.add(Piece::Unknown);
        return inner;
    }
    match name_length(after) {
        0 => {
            pieces.literal.push('@');
            after
        }
        length => {
            pieces.add(Piece::Unknown);
            &after[length..]
        }
    }
}

/// Returns the length of the name at the beginning of a text, with its packages.
pub(super) fn name_length(text: &str) -> usize {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let mut length = 0;
    loop {
        let rest = &text[length..];
        if !rest.starts_with(is_first) {
            return length;
        }
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        length += word.unwrap_or(rest.len());
        let tail = &text[length..];
        match tail.strip_prefix("::") {
            Some(next) if next.starts_with(is_first) => length += 2,
            _ => return length,
        }
    }
}
