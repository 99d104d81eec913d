//! Explains in plain words why a text is not YAML.

use std::sync::Arc;

use serde_yaml::granit_parser::{ErrorKind, Marker, ScanError};

use crate::finding::{Code, Diagnostic, Source, Span};

/// A list or map that the text has begun before the error.
pub(super) struct OpenCollection<'a> {
    pub(super) at: &'a Span,
    pub(super) is_list: bool,
}

/// Converts the parser's error. Its own words name its rules; these name the mistake and its remedy. `open` has the
/// lists and maps around the error, the outermost first.
pub(super) fn syntax(
    source: &Arc<Source>,
    error: &ScanError,
    open: &[OpenCollection<'_>],
) -> Diagnostic {
    let place = Place {
        text: source.text(),
        at: offset(source, error.marker()),
        open,
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
        ErrorKind::MappingValueNotAllowed if place.before().contains(": ") => {
            Words::new("a second `: ` in one value", "write the text in quotes")
        }
        ErrorKind::MappingValueNotAllowed => Words::new(
            "this line is read as a part of the text above it",
            "begin it in the column of the other fields, or write the `:` that is missing in the line above",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed => Words::new(
            "a list that begins in the line of its field",
            "write the first `-` of the list in a new line",
        ),
        kind => place
            .in_brackets()
            .or_else(|| place.in_block(kind))
            .unwrap_or_else(|| Words {
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
    open: &'a [OpenCollection<'a>],
}

impl Place<'_> {
    /// Returns the text before the place, in its line.
    fn before(&self) -> &str {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        before.rsplit('\n').next().unwrap_or_default()
    }

    /// Returns the finding about the bracket that encloses the place, if one does.
    fn in_brackets(&self) -> Option<Words> {
        let at = self.open.last()?.at.range().start;
        let (bracket, closing) = match self.text.get(at..)?.chars().next()? {
            '[' => ('[', ']'),
            '{' => ('{', '}'),
            _ => return None,
        };
        Some(Words {
            message: format!("a `{bracket}` that is never closed"),
            help: Some(format!(
                "write the closing `{closing}`, or quote text that begins with `{bracket}`"
            )),
            at: Some(at),
        })
    }

    /// Returns the finding about an entry that the list or map around it does not take.
    fn in_block(&self, kind: &ErrorKind) -> Option<Words> {
        let is_list = match kind {
            ErrorKind::ExpectedBlockSequenceEntry => true,
            ErrorKind::ExpectedBlockMappingKey => false,
            _ => return None,
        };
        let before = self.before();
        if !before.trim_start_matches(['-', ' ']).is_empty() {
            return Some(Words::new(
                "text after a value that has ended",
                "write the whole value in quotes, or begin a new line",
            ));
        }
        let line_at = self.at - before.len();
        let line = self.text.get(line_at..).unwrap_or_default();
        let indent = line.len() - line.trim_start_matches(' ').len();
        let column = indent + 1;
        let mut beside = self.open.iter().filter(|open| open.at.column() == column);
        let words = match beside.any(|open| open.is_list == is_list) {
            true if is_list => Words::new(
                "an entry of a list without its `- `",
                "begin each entry of a list with `- `",
            ),
            true => Words::new(
                "an entry of a list among the fields of a map",
                "write a field here: `name: value`; or indent the list below the field that it belongs to",
            ),
            false => Words::new(
                format!(
                    "this line begins in column {column}, and none of the lists and maps around it does"
                ),
                "begin all entries of one list or map in the same column",
            ),
        };
        Some(Words {
            at: Some(line_at + indent),
            ..words
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
