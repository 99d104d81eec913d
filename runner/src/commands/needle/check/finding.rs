//! A finding about one needle, or about a pair.

use std::path::{Path, PathBuf};

use super::kind::Kind;

/// A finding. They are sorted by kind, those that matter first, then by file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    /// The needle's JSON file.
    pub(super) path: PathBuf,
    said: Said,
}

/// The message. That of a pair is made when it is shown: a set of copies has hundreds of thousands of pairs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Message(Box<str>),
    /// The name of the other needle.
    Pair(Box<str>),
}

impl Finding {
    pub(super) fn new(kind: Kind, path: &Path, message: impl Into<Box<str>>) -> Self {
        Self {
            kind,
            path: path.to_owned(),
            said: Said::Message(message.into()),
        }
    }

    /// Makes the finding that a needle and another one match each other's picture.
    pub(super) fn of_pair(path: &Path, other: &str) -> Self {
        Self {
            kind: Kind::EachOther,
            path: path.to_owned(),
            said: Said::Pair(other.into()),
        }
    }

    /// Returns the message.
    pub(super) fn message(&self) -> String {
        match &self.said {
            Said::Message(message) => message.to_string(),
            Said::Pair(other) => format!(
                "this needle and `{other}` match each other's picture: remove one of them, or, if one is a part of the \
                    other on purpose, write \"properties\": [\"part-of:{other}\"]"
            ),
        }
    }
}
