//! The values of `vars:`.

use std::collections::BTreeMap;

use super::template::Template;
use super::variable::own_name;
use crate::finding::Spanned;
use crate::yaml::{Kind, Node, Reader};

/// A variable's value as written in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum WrittenValue {
    /// Text.
    Text(Template),
    /// A list.
    List(Vec<Template>),
}

/// The values of a file's `vars:`, by name.
pub(crate) type WrittenVars = BTreeMap<String, Spanned<WrittenValue>>;

impl WrittenValue {
    /// Reads `vars:`.
    pub(crate) fn read_all(reader: &mut Reader, node: &Node) -> Option<WrittenVars> {
        let expected = "a map from names of variables to values";
        let read = reader.names(node, expected, |reader, _, value| Self::read(reader, value))?;
        let mut vars = WrittenVars::new();
        for (name, value) in read {
            let own = own_name(reader, &name)?;
            vars.insert(own, Spanned { value, at: name.at });
        }
        Some(vars)
    }

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        Some(match &node.kind {
            Kind::List(items) => Self::List(reader.all(items, Template::read)?),
            Kind::Null => Self::Text(Template::empty(&node.at)),
            Kind::Scalar { .. } | Kind::Map(_) => Self::Text(Template::read(reader, node)?),
        })
    }
}
