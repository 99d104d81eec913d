use std::time::Duration;

use super::modifiers::Modifiers;
use super::target::Target;
use crate::phase::Visitor;
use crate::schema::Shape;
use crate::yaml::{Field, Kind, Node, Reader};
use crate::{Diagnostic, Phase, Rendered, TagQuery, Written};

/// A button of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Button {
    /// The left one.
    #[default]
    Left,
    /// The middle one.
    Middle,
    /// The right one.
    Right,
}

/// `click`: presses and releases a button at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Click<P: Phase = Rendered> {
    /// Where.
    pub target: Target<P>,
    /// With which button.
    pub button: Button,
    /// How often: 2 is a double click. At least 1.
    pub count: u32,
    /// The needle that the click brings onto the screen. The click is repeated until it is there, as long as the target
    /// stays.
    pub until: Option<TagQuery<P>>,
    /// Time from one click to the next; absent: the engine's default.
    pub every: Option<P::Of<Duration>>,
}

impl Click<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Button::FIELD,
        Field::optional("count", Shape::Whole(1), "How often; 2 is a double click."),
        Field::optional(
            "until",
            Shape::OneOrList(&Shape::Text),
            "Clicks again, as long as the target is there, until this tag is on the screen; fails when it never is.",
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
        let until = fields.may("until", reader, Reader::tags);
        let every = fields.may("every", reader, Reader::value);
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

/// `move`: moves the pointer to a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Move<P: Phase = Rendered> {
    /// Where to.
    pub target: Target<P>,
}

impl Move<Written> {
    pub(super) const SHAPE: Shape = Target::SHAPE;

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let target = if node.is_map() {
            let fields = reader.fields(node, "`move`", &[Target::FIELDS, Modifiers::FIELDS])?;
            Target::from_fields(reader, &fields, "`move`")
        } else {
            Target::read(reader, node, "`move`")
        };
        Some(Self { target: target? })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Move<V::To>, Diagnostic> {
        Ok(Move {
            target: self.target.visit(visitor)?,
        })
    }
}

/// `drag`: presses a button at one place, moves, releases it at another.
#[derive(Debug, Clone, PartialEq)]
pub struct Drag<P: Phase = Rendered> {
    /// Where the button goes down.
    pub from: Target<P>,
    /// Where it comes up.
    pub to: Target<P>,
    /// Which button.
    pub button: Button,
}

impl Drag<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("from", Target::SHAPE, "Where the button goes down."),
        Field::required("to", Target::SHAPE, "Where it comes up."),
        Button::FIELD,
    ];
    pub(super) const SHAPE: Shape = Shape::Fields(&[Self::FIELDS]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`drag`", &[Self::FIELDS, Modifiers::FIELDS])?;
        let from = fields.need("from", reader, |r, n| Target::read(r, n, "`from`"));
        let to = fields.need("to", reader, |r, n| Target::read(r, n, "`to`"));
        let button = Button::read(reader, &fields);
        Some(Self {
            from: from?,
            to: to?,
            button: button?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Drag<V::To>, Diagnostic> {
        Ok(Drag {
            from: self.from.visit(visitor)?,
            to: self.to.visit(visitor)?,
            button: self.button,
        })
    }
}

impl<P: Phase> Drag<P> {
    pub(super) fn line(&self) -> String {
        format!("{} to {}", self.from.line(), self.to.line())
    }
}

/// Where a wheel turns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Away from the user.
    Up,
    /// To the user.
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

    /// Its name.
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
    /// Where to.
    pub direction: Direction,
    /// How many notches, at least 1.
    pub notches: u32,
    /// Where the pointer is moved first; absent: where it is.
    pub target: Option<Target<P>>,
}

impl Scroll<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("direction", Direction::SHAPE, "Where to."),
        Field::optional(
            "notches",
            Shape::Whole(1),
            "How many notches of the wheel; 1 when absent.",
        ),
        Field::optional("at", Target::SHAPE, "Where the pointer is moved first."),
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
