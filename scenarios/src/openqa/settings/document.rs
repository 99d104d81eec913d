//! A YAML or JSON document whose fields are looked up by name.

use crate::finding::Source;
use crate::yaml::{self, Kind, Node};

/// A document.
#[derive(Debug)]
pub(in crate::openqa) struct Document {
    pub(in crate::openqa) root: Node,
}

impl Document {
    /// Reads a document. Returns the message of a mistake that leaves no document.
    pub(in crate::openqa) fn read(path: &str, text: &str) -> Result<Self, String> {
        let mut found = Vec::new();
        match yaml::parse(&Source::new(path, text), &mut found) {
            Ok(root) => Ok(Self { root }),
            Err(finding) => {
                let line = finding.at.as_ref().map_or(1, crate::finding::Span::line);
                Err(format!("{path}:{line}: {}", finding.message))
            }
        }
    }
}

/// Returns a field of a map.
pub(in crate::openqa) fn get<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    entries(node)
        .iter()
        .find(|(key, _)| key.name == name)
        .map(|(_, value)| value)
}

/// Returns the entries of a map; none if it is something else.
pub(in crate::openqa) fn entries(node: &Node) -> &[(yaml::Key, Node)] {
    match &node.kind {
        Kind::Map(entries) => entries,
        Kind::Null | Kind::Scalar { .. } | Kind::List(_) => &[],
    }
}

/// Returns the items of a list. A single value is a list of one.
pub(in crate::openqa) fn items(node: &Node) -> &[Node] {
    match &node.kind {
        Kind::List(items) => items,
        Kind::Null => &[],
        Kind::Scalar { .. } | Kind::Map(_) => std::slice::from_ref(node),
    }
}

/// Returns a scalar as written.
pub(in crate::openqa) fn text(node: &Node) -> Option<&str> {
    match &node.kind {
        Kind::Scalar { text, .. } => Some(text),
        Kind::Null | Kind::List(_) | Kind::Map(_) => None,
    }
}

/// Returns the text of a field of a map.
pub(in crate::openqa) fn field<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    get(node, name).and_then(text)
}
