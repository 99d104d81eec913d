//! Says in plain words what is wrong with text that is not YAML.

use std::sync::Arc;

use serde_yaml::granit_parser::{ErrorKind, Marker, ScanError};

use crate::finding::{Code, Diagnostic, Source, Span};

/// Converts the parser's error. Its own words name its rules; these name the mistake and its remedy.
pub(super) fn syntax(source: &Arc<Source>, error: &ScanError) -> Diagnostic {
    let place = Place {
        text: source.text(),
        at: offset(source, error.marker()),
    };
    let Words { message, help, at } = words(&place, error.kind());
    let at = at.unwrap_or(place.at);
    Diagnostic::new(Code::Syntax, &Span::new(source, at..at + 1), message).with_help_if(help)
}

/// The words of a finding, and its place where that is not the parser's.
struct Words {
    message: String,
    help: Option<String>,
    at: Option<usize>,
}

impl Words {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
            at: None,
        }
    }
}

fn words(place: &Place<'_>, kind: &ErrorKind) -> Words {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            Words::new("a tab where only spaces may stand", "indent with spaces")
        }
        // The parser's own limit on nested brackets is lower than ours.
        ErrorKind::RecursionLimitExceeded => Words {
            message: "nested too deeply: too many brackets inside each other".to_owned(),
            help: None,
            at: None,
        },
        ErrorKind::UnknownAnchor => Words::new(
            "an alias (`*name`) of nothing",
            "give something the anchor `&name` first, or quote text that begins with `*`",
        ),
        ErrorKind::UnexpectedCharacter { character: '`' } => Words::new(
            "text without quotes cannot begin with a backtick",
            "write the text in quotes",
        ),
        ErrorKind::UnexpectedCharacter { character } => Words::new(
            format!("text without quotes cannot begin with `{character}`"),
            "write the text in quotes",
        ),
        ErrorKind::MissingAnchorOrAliasName => Words::new(
            "text without quotes cannot begin with `*` or `&`",
            "write the text in quotes",
        ),
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => Words::new(
            "a quote that is never closed",
            "write the closing quote; a `\"` inside double quotes is written `\\\"`, a `'` inside single quotes `''`",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => Words::new(
            "text after a closing quote",
            "put all of the text into the quotes",
        ),
        ErrorKind::UnknownQuotedScalarEscape => Words::new(
            "a backslash that begins no known escape",
            "inside double quotes a backslash is written `\\\\`; inside single quotes it stands for itself",
        ),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => Words::new(
            format!("a `{open}` that is closed by a `{close}`"),
            "`[` is closed by `]`, and `{` by `}`",
        ),
        ErrorKind::MisplacedFlowCollectionEnd => Words::new(
            "a closing bracket of nothing",
            "leave it out, or quote text that begins with it",
        ),
        ErrorKind::SimpleKeyExpected => Words::new(
            "a name without a `:` after it",
            "a field is written `name: value`, a step `- verb: value`",
        ),
        ErrorKind::MappingValueNotAllowed if place.has_colon_before() => {
            Words::new("a second `: ` in one value", "write the text in quotes")
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::MappingKeyNotAllowed
        | ErrorKind::ExpectedBlockMappingKey
        | ErrorKind::ExpectedBlockSequenceEntry
        | ErrorKind::BlockSequenceEntryNotAllowed
        | ErrorKind::InvalidIndentation => match place.open_bracket() {
            Some(open) => open,
            None => place.misaligned(),
        },
        kind => place.open_bracket().unwrap_or_else(|| Words {
            message: kind.to_string(),
            help: None,
            at: None,
        }),
    }
}

/// The place of an error in the text of a file.
struct Place<'a> {
    text: &'a str,
    /// In bytes.
    at: usize,
}

impl Place<'_> {
    /// Returns the text before the place, in its line.
    fn before(&self) -> &str {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        before.rsplit('\n').next().unwrap_or_default()
    }

    /// Returns true if the line has a `: ` before the place.
    fn has_colon_before(&self) -> bool {
        self.before().contains(": ")
    }

    /// Returns the finding about a line that begins in a column of its own.
    fn misaligned(&self) -> Words {
        let line_at = self.at - self.before().len();
        let line = self.text.get(line_at..).unwrap_or_default();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let column = indent + 1;
        Words {
            message: format!(
                "this line begins in column {column}, and none of the lists and maps above it does"
            ),
            help: Some("all entries of one list or map begin in the same column".to_owned()),
            at: Some(line_at + indent),
        }
    }

    /// Returns the finding about the last bracket before the place that is not closed, if there is one.
    fn open_bracket(&self) -> Option<Words> {
        let mut open: Vec<(usize, char)> = Vec::new();
        let mut quote: Option<char> = None;
        for (at, character) in self.text.char_indices().take_while(|(at, _)| *at < self.at) {
            match (quote, character) {
                (Some(mark), _) if mark == character => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') => quote = Some(character),
                (None, '[' | '{') => open.push((at, character)),
                (None, ']' | '}') => {
                    open.pop();
                }
                (None, _) => {}
            }
        }
        let (at, bracket) = open.pop()?;
        let closing = if bracket == '[' { ']' } else { '}' };
        Some(Words {
            message: format!("a `{bracket}` that is never closed"),
            help: Some(format!(
                "write the closing `{closing}`, or quote text that begins with `{bracket}`"
            )),
            at: Some(at),
        })
    }
}

/// Returns the place of a marker in the text, in bytes.
pub(super) fn offset(source: &Arc<Source>, marker: &Marker) -> usize {
    marker.byte_offset().unwrap_or_else(|| {
        let text = source.text();
        text.char_indices()
            .nth(marker.index())
            .map_or(text.len(), |(at, _)| at)
    })
}
