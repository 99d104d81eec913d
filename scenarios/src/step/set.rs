//! The verb `set`.

use crate::finding::Diagnostic;
use crate::value::{MASK, Phase, Rendered, Shown, Templated, Text, Visitor, Written, own_name};
use crate::yaml::{Node, Reader, Shape};

/// `set`: gives variables values.
#[derive(Debug, Clone, PartialEq)]
pub struct Set<P: Phase = Rendered> {
    /// Names and values in the order written. All values are rendered before the first variable is set.
    pub vars: Vec<(String, P::Of<Text>)>,
}

impl Set<Written> {
    pub(super) const SHAPE: Shape = Shape::Names(&Shape::Text);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let vars = read_assignments(reader, node)?;
        if vars.is_empty() {
            return reader.invalid(
                &node.at,
                "`set` sets nothing",
                "write `set: { name: value }`",
            );
        }
        Some(Self { vars })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Set<V::To>, Diagnostic> {
        Ok(Set {
            vars: visitor.named(&self.vars)?,
        })
    }
}

/// Reads a map of variables and values.
pub(super) fn read_assignments(
    reader: &mut Reader,
    node: &Node,
) -> Option<Vec<(String, Templated<Text>)>> {
    let read = reader.names(
        node,
        "a map from names of variables to values",
        |reader, _, value| Templated::read(reader, value),
    )?;
    let mut vars = Vec::new();
    for (name, value) in read {
        let own = own_name(reader, &name)?;
        vars.push((own, value));
    }
    Some(vars)
}

impl<P: Phase> Set<P> {
    pub(super) fn line(&self) -> String {
        let vars = self.vars.iter().map(|(name, value)| {
            let value = value.shown();
            if value == MASK {
                format!("{name} = {MASK}")
            } else {
                format!("{name} = {value:?}")
            }
        });
        vars.collect::<Vec<_>>().join(", ")
    }
}
