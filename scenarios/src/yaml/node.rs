//! The values of a YAML file.

use crate::finding::{Code, Diagnostic, Span};

/// A value in a YAML file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) at: Span,
}

/// The kind of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// Nothing, `~` or `null`.
    Null,
    /// Text, a number or a boolean, as written. Quotes and escapes are resolved.
    Scalar { text: String, quoted: bool },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order written.
    Map(Vec<(Key, Node)>),
}

/// The key of a map's entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) at: Span,
}

impl Kind {
    /// Returns the length of a scalar's text in bytes.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Scalar { text, .. } => text.len(),
            Self::Null | Self::List(_) | Self::Map(_) => 0,
        }
    }
}

impl Node {
    /// Returns a description for messages: `a list`.
    pub(crate) fn what(&self) -> String {
        match &self.kind {
            Kind::Null => "nothing".to_owned(),
            Kind::Scalar { text, .. } => {
                let shown: String = text.chars().take(60).collect();
                format!("`{}`", shown.replace('\n', "\\n"))
            }
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a map".to_owned(),
        }
    }

    /// Makes the finding about a value of another type than `expected`.
    pub(super) fn unlike(&self, expected: &str) -> Diagnostic {
        let message = format!("expected {expected}, found {}", self.what());
        Diagnostic::new(Code::WrongType, &self.at, message)
    }

    pub(crate) fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
    }
}
