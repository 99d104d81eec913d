//! The verb `click`.

use std::time::Duration;

use super::button::Button;
use super::modifiers::Modifiers;
use super::target::Target;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, TagQuery, Templated, Visitor, Written};
use crate::yaml::{Field, Node, Reader, Shape};

/// `click`: presses and releases a button at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Click<P: Phase = Rendered> {
    /// The place.
    pub target: Target<P>,
    /// The button.
    pub button: Button,
    /// The number of clicks, at least 1; 2 is a double click.
    pub count: u32,
    /// The needle that the click must bring onto the screen. The click is repeated until the needle is there, as long
    /// as the target stays.
    pub until: Option<TagQuery<P>>,
    /// The time from one click to the next. Absent: the engine's default.
    pub every: Option<P::Of<Duration>>,
}

impl Click<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Button::FIELD,
        Field::optional(
            "count",
            Shape::Whole(1),
            "The number of clicks; 2 is a double click.",
        ),
        Field::optional(
            "until",
            Shape::OneOrList(&Shape::Text),
            "Clicks again until this tag is on the screen, as long as the target is there. The step fails if the \
            tag never is.",
        ),
        Field::optional("every", Shape::Duration, "Time from one click to the next."),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::OneOrList(&Shape::Text),
        Shape::Fields(&[Target::FIELDS, Self::FIELDS]),
    ]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let target = Target::read(reader, node, "`click`")?;
            return Some(Self {
                target,
                button: Button::Left,
                count: 1,
                until: None,
                every: None,
            });
        }
        let fields = reader.fields(
            node,
            "`click`",
            &[Target::FIELDS, Self::FIELDS, Modifiers::FIELDS],
        )?;
        let target = Target::from_fields(reader, &fields, "`click`");
        let button = Button::read(reader, &fields);
        let count = fields.may("count", reader, |r, n| r.whole(n, 1, 10));
        let until = fields.may("until", reader, TagQuery::read);
        let every = fields.may("every", reader, Templated::read);
        Some(Self {
            target: target?,
            button: button?,
            count: count?.unwrap_or(1),
            until: until?,
            every: every?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Click<V::To>, Diagnostic> {
        Ok(Click {
            target: self.target.visit(visitor)?,
            button: self.button,
            count: self.count,
            until: TagQuery::visit_option(&self.until, visitor)?,
            every: visitor.option(&self.every)?,
        })
    }
}

impl<P: Phase> Click<P> {
    pub(super) fn line(&self) -> String {
        let mut line = self.target.line();
        if self.button != Button::Left {
            line.push_str(&format!(" with the {} button", self.button.name()));
        }
        if self.count > 1 {
            line.push_str(&format!(" {} times", self.count));
        }
        if let Some(until) = &self.until {
            line.push_str(&format!(" until {until}"));
        }
        line
    }
}
