//! Splits Perl into tokens.

use super::expression::Piece;
use super::interpolate::{self, name_length};
use super::quotes::{Heredoc, delimited, heredoc, heredoc_text, plain};
use super::token::{Comment, Token, TokenKind};

/// The operators, the longest first.
const MARKS: [&str; 54] = [
    "<=>", "**=", "||=", "//=", "&&=", "...", "->", "=>", "==", "!=", "=~", "!~", "<=", ">=", "&&",
    "||", "//", "..", "++", "--", "+=", "-=", ".=", "*=", "/=", "|=", "&=", "x=", "**", "<<", ">>",
    "::", "{", "}", "(", ")", "[", "]", ";", ",", "=", "<", ">", "!", "~", "\\", "?", ":", ".",
    "+", "-", "*", "/", "&",
];
const MORE_MARKS: [&str; 4] = ["|", "^", "%", "$"];

/// Returns the tokens of a text, and the comments.
pub(super) fn tokens(text: &str) -> (Vec<Token>, Vec<Comment>) {
    let mut lexer = Lexer {
        text,
        at: 0,
        line: 1,
        tokens: Vec::new(),
        comments: Vec::new(),
        heredocs: Vec::new(),
    };
    while lexer.next() {}
    (lexer.tokens, lexer.comments)
}

struct Lexer<'t> {
    text: &'t str,
    /// In bytes, always between two characters.
    at: usize,
    line: usize,
    tokens: Vec<Token>,
    comments: Vec<Comment>,
    /// Here-documents that begin in the next line.
    heredocs: Vec<Heredoc>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes so many bytes and counts their lines.
    fn take(&mut self, length: usize) {
        let taken = self.rest().get(..length).unwrap_or(self.rest());
        self.line += taken.matches('\n').count();
        self.at += taken.len();
    }

    /// Takes so many bytes as a token.
    fn token(&mut self, kind: TokenKind, length: usize) {
        let (line, start) = (self.line, self.at);
        self.take(length);
        self.tokens.push(Token {
            kind,
            line,
            at: start..self.at,
        });
    }

    fn after_operand(&self) -> bool {
        self.tokens
            .last()
            .is_some_and(|token| token.kind.is_operand())
    }

    /// Takes one token, comment or stretch of spaces. Returns false at the end.
    fn next(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return false;
        };
        let begins_line = self.at == 0 || self.text.as_bytes().get(self.at - 1) == Some(&b'\n');
        match first {
            '\n' => self.line_end(),
            c if c.is_whitespace() => self.take(c.len_utf8()),
            '=' if begins_line && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic()) => {
                self.pod()
            }
            '#' => self.comment(),
            '"' | '\'' | '`' => self.quoted(first, 0, if first == '\'' { "q" } else { "qq" }),
            '$' | '@' => self.variable(first),
            '%' | '&' if !self.after_operand() && name_length(&rest[1..]) > 0 => {
                self.variable(first)
            }
            c if c.is_ascii_digit() => self.number(),
            c if c.is_ascii_alphabetic() || c == '_' => return self.word(),
            '/' if !self.after_operand() || self.is_argument() => self.slash(),
            '<' if rest.starts_with("<<") && !self.after_operand_but_word() => self.heredoc(),
            _ => self.mark(first),
        }
        true
    }

    fn line_end(&mut self) {
        self.take(1);
        for document in std::mem::take(&mut self.heredocs) {
            let (text, length) = heredoc_text(self.rest(), &document);
            let pieces = match document.interpolates {
                true => interpolate::text(&text),
                false => vec![Piece::Text(text)],
            };
            self.take(length);
            if let Some(token) = self.tokens.get_mut(document.token) {
                token.kind = TokenKind::Text(pieces);
                token.at.end = token.at.end.max(self.at);
            }
        }
    }

    /// Skips documentation.
    fn pod(&mut self) {
        let mut length = 0;
        for line in self.rest().split_inclusive('\n') {
            length += line.len();
            if line.starts_with("=cut") {
                break;
            }
        }
        self.take(length);
    }

    fn comment(&mut self) {
        let rest = self.rest();
        let length = rest.find('\n').unwrap_or(rest.len());
        let before = self.text.get(..self.at).unwrap_or_default();
        let own_line = before
            .rsplit('\n')
            .next()
            .is_some_and(|begun| begun.trim().is_empty());
        let text = rest[..length].trim_end().to_owned();
        self.comments.push(Comment {
            line: self.line,
            text,
            own_line,
        });
        self.take(length);
    }

    fn variable(&mut self, sigil: char) {
        let rest = &self.rest()[1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let length = name_length(inner);
            if length > 0 && inner[length..].starts_with('}') {
                let name = format!("{sigil}{}", &inner[..length]);
                return self.token(TokenKind::Variable(name), length + 3);
            }
        }
        let hashes = usize::from(sigil == '$' && rest.starts_with('#') && rest.len() > 1);
        let length = match name_length(&rest[hashes..]) {
            // Special variables: `$_` is a name already; `$1`, `$?`, `$@`, `$$name`.
            0 if hashes == 0 => match rest.chars().next() {
                Some(c) if sigil == '$' && (c.is_ascii_digit() || "?!@$&,;/\\.".contains(c)) => 1,
                _ => 0,
            },
            length => length + hashes,
        };
        let name = format!("{sigil}{}", &rest[..length]);
        self.token(TokenKind::Variable(name), length + 1);
    }

    fn number(&mut self) {
        let rest = self.rest();
        let is_digit = |c: char| c.is_ascii_hexdigit() || c == '_' || c == 'x' || c == 'X';
        let is_hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
        let mut length = match is_hexadecimal {
            true => rest.find(|c| !is_digit(c)),
            false => rest.find(|c: char| !(c.is_ascii_digit() || c == '_')),
        }
        .unwrap_or(rest.len());
        let fraction = rest[length..].strip_prefix('.');
        if let Some(fraction) = fraction
            && fraction.starts_with(|c: char| c.is_ascii_digit())
        {
            let digits = fraction.find(|c: char| !c.is_ascii_digit());
            length += 1 + digits.unwrap_or(fraction.len());
        }
        let digits = rest[..length].replace('_', "");
        self.token(TokenKind::Number(digits), length);
    }

    /// Takes a word, or quoted text that begins with one. Returns false at the end of the program.
    fn word(&mut self) -> bool {
        let rest = self.rest();
        let length = name_length(rest);
        let word = &rest[..length];
        if matches!(word, "__END__" | "__DATA__") {
            return false;
        }
        let tail = &rest[length..];
        let is_name = tail.trim_start().starts_with("=>")
            || matches!(
                self.tokens.last().map(|token| &token.kind),
                Some(TokenKind::Mark("->"))
            )
            || (matches!(
                self.tokens.last().map(|token| &token.kind),
                Some(TokenKind::Mark("{"))
            ) && tail.starts_with('}'));
        if !is_name && matches!(word, "q" | "qq" | "qw" | "qr" | "m" | "s" | "tr" | "y") {
            let spaces = tail.len() - tail.trim_start().len();
            let open = tail.trim_start().chars().next();
            let is_open = |c: char| {
                let is_comment = c == '#' && spaces > 0;
                let is_end = matches!(c, ',' | ';' | ')' | '=');
                !(c.is_alphanumeric() || c == '_' || is_end || is_comment)
            };
            if let Some(open) = open.filter(|c| is_open(*c)) {
                self.quoted(open, length + spaces, word);
                return true;
            }
        }
        self.token(TokenKind::Word(word.to_owned()), length);
        true
    }

    /// Takes quoted text. `before` is the length up to its opening delimiter.
    fn quoted(&mut self, open: char, before: usize, operator: &str) {
        let inner_at = before + open.len_utf8();
        let inner = self.rest().get(inner_at..).unwrap_or_default();
        let (end, mut length) = delimited(inner, open).unwrap_or((inner.len(), inner.len()));
        let text = &inner[..end];
        let kind = match operator {
            "q" => TokenKind::Text(vec![Piece::Text(plain(text, open))]),
            "qw" => TokenKind::Words(text.split_whitespace().map(str::to_owned).collect()),
            "qr" | "m" => {
                let flags = flags(&inner[length..]);
                length += flags.len();
                let pieces = match open {
                    '\'' => vec![Piece::Text(text.to_owned())],
                    _ => interpolate::pattern(text, open),
                };
                TokenKind::Pattern {
                    pieces,
                    flags: flags.to_owned(),
                }
            }
            "s" | "tr" | "y" => {
                length += replacement(&inner[length..], open);
                length += flags(&inner[length..]).len();
                TokenKind::Substitution
            }
            _ if open == '`' => TokenKind::Text(vec![Piece::Unknown]),
            _ => TokenKind::Text(interpolate::text(text)),
        };
        self.token(kind, inner_at + length);
    }

    /// Returns true if the `/` here begins the argument of a call without parentheses: `wait_serial /x/`.
    fn is_argument(&self) -> bool {
        let after_word = matches!(
            self.tokens.last().map(|token| &token.kind),
            Some(TokenKind::Word(_))
        );
        let rest = self.rest();
        let line = rest[1..].lines().next().unwrap_or_default();
        after_word && !line.starts_with([' ', '/', '=']) && delimited(line, '/').is_some()
    }

    fn slash(&mut self) {
        let line = self.rest()[1..].lines().next().unwrap_or_default();
        match delimited(line, '/') {
            Some(_) => self.quoted('/', 0, "m"),
            None => self.mark('/'),
        }
    }

    fn after_operand_but_word(&self) -> bool {
        let after_word = matches!(
            self.tokens.last().map(|token| &token.kind),
            Some(TokenKind::Word(_))
        );
        self.after_operand() && !after_word
    }

    fn heredoc(&mut self) {
        match heredoc(self.rest().get(2..).unwrap_or_default()) {
            Some((length, mut document)) => {
                document.token = self.tokens.len();
                self.token(TokenKind::Text(Vec::new()), length + 2);
                self.heredocs.push(document);
            }
            None => self.mark('<'),
        }
    }

    fn mark(&mut self, first: char) {
        let rest = self.rest();
        let mut all = MARKS.iter().chain(&MORE_MARKS);
        match all.find(|mark| rest.starts_with(**mark)) {
            Some(mark) => self.token(TokenKind::Mark(mark), mark.len()),
            None => self.token(TokenKind::Stray, first.len_utf8()),
        }
    }
}

fn flags(rest: &str) -> &str {
    let length = rest
        .find(|c: char| !c.is_ascii_lowercase())
        .unwrap_or(rest.len());
    &rest[..length]
}

/// Returns the length of the second half of `s///`.
fn replacement(rest: &str, open: char) -> usize {
    if !matches!(open, '(' | '[' | '{' | '<') {
        return delimited(rest, open).map_or(rest.len(), |(_, length)| length);
    }
    let spaces = rest.len() - rest.trim_start().len();
    let Some(second) = rest.trim_start().chars().next() else {
        return rest.len();
    };
    let inner_at = spaces + second.len_utf8();
    let inner = &rest[inner_at..];
    inner_at + delimited(inner, second).map_or(inner.len(), |(_, length)| length)
}
