//! The verb `each`.

use super::modifiers::fields;
use crate::finding::{Diagnostic, Spanned};
use crate::value::{Phase, Rendered, Shown, Templated, Text, Visitor, Written, read_variable};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// `each`: runs the nested steps ([`Step::steps`](crate::Step::steps)) once for each item.
#[derive(Debug, Clone, PartialEq)]
pub struct Each<P: Phase = Rendered> {
    /// The items.
    pub items: Items<P>,
    /// The variable with the item.
    pub variable: String,
}

/// The items of `each`.
#[derive(Debug, Clone, PartialEq)]
pub enum Items<P: Phase = Rendered> {
    /// A list in the step.
    List(Vec<P::Of<Text>>),
    /// A variable of the project, image, machine or scenario that has a list.
    Variable(Spanned<String>),
}

impl Each<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "in",
            Shape::OneOrList(&Shape::Text),
            "The items: a list, or the name of a variable that holds one.",
        ),
        Field::optional(
            "as",
            Shape::Text,
            "The variable that holds the item; `item` when absent.",
        ),
        Field::required("steps", Shape::Steps, "The steps for each item."),
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = fields(reader, node, "each", Self::FIELDS)?;
        let items = fields.need("in", reader, |reader, node| match &node.kind {
            Kind::List(items) => reader.all(items, Templated::read).map(Items::List),
            Kind::Null | Kind::Scalar { .. } | Kind::Map(_) => {
                reader.scalar(node, "a list, or the name of a variable that holds one")?;
                let value = read_variable(reader, node)?;
                Some(Items::Variable(Spanned {
                    value,
                    at: node.at.clone(),
                }))
            }
        });
        let variable = fields.may("as", reader, read_variable);
        Some(Self {
            items: items?,
            variable: variable?.unwrap_or_else(|| "item".to_owned()),
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Each<V::To>, Diagnostic> {
        Ok(Each {
            items: match &self.items {
                Items::List(items) => Items::List(visitor.list(items)?),
                Items::Variable(name) => Items::Variable(name.clone()),
            },
            variable: self.variable.clone(),
        })
    }
}

impl<P: Phase> Each<P> {
    pub(super) fn line(&self) -> String {
        let items = match &self.items {
            Items::List(items) => items
                .iter()
                .map(Shown::shown)
                .collect::<Vec<_>>()
                .join(", "),
            Items::Variable(name) => name.value.clone(),
        };
        format!("{} in {items}", self.variable)
    }
}
