//! The verb `scroll`.

use super::modifiers::Modifiers;
use super::target::Target;
use crate::finding::Diagnostic;
use crate::value::{Phase, Rendered, Visitor, Written};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// The direction in which a wheel turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Away from the user.
    Up,
    /// Towards the user.
    Down,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

impl Direction {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("up", Self::Up),
        ("down", Self::Down),
        ("left", Self::Left),
        ("right", Self::Right),
    ];
    const SHAPE: Shape = Shape::Choice(&["up", "down", "left", "right"]);

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        reader.choice(node, "direction", Self::NAMES)
    }
}

/// `scroll`: turns the wheel.
#[derive(Debug, Clone, PartialEq)]
pub struct Scroll<P: Phase = Rendered> {
    /// The direction.
    pub direction: Direction,
    /// The number of notches, at least 1.
    pub notches: u32,
    /// The place where the pointer moves first. Absent: it does not move.
    pub target: Option<Target<P>>,
}

impl Scroll<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("direction", Direction::SHAPE, "The direction."),
        Field::optional(
            "notches",
            Shape::Whole(1),
            "The number of notches of the wheel; 1 when absent.",
        ),
        Field::optional(
            "at",
            Target::SHAPE,
            "The place to which the pointer moves first.",
        ),
    ];
    pub(super) const SHAPE: Shape =
        Shape::OneOf(&[Direction::SHAPE, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !matches!(node.kind, Kind::Map(_)) {
            let direction = Direction::read(reader, node)?;
            return Some(Self {
                direction,
                notches: 1,
                target: None,
            });
        }
        let fields = reader.fields(node, "`scroll`", &[Self::FIELDS, Modifiers::FIELDS])?;
        let direction = fields.need("direction", reader, Direction::read);
        let notches = fields.may("notches", reader, |r, n| r.whole(n, 1, 1000));
        let target = fields.may("at", reader, |r, n| Target::read(r, n, "`at`"));
        Some(Self {
            direction: direction?,
            notches: notches?.unwrap_or(1),
            target: target?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Scroll<V::To>, Diagnostic> {
        Ok(Scroll {
            direction: self.direction,
            notches: self.notches,
            target: self
                .target
                .as_ref()
                .map(|target| target.visit(visitor))
                .transpose()?,
        })
    }
}

impl<P: Phase> Scroll<P> {
    pub(super) fn line(&self) -> String {
        let mut line = self.direction.name().to_owned();
        if self.notches > 1 {
            line.push_str(&format!(" {} notches", self.notches));
        }
        if let Some(target) = &self.target {
            line.push_str(&format!(" at {}", target.line()));
        }
        line
    }
}
