//! Places on the screen for the verbs of the pointer.

use crate::finding::{Code, Diagnostic};
use crate::value::{Phase, Rendered, Shown, TagQuery, Templated, Text, Visitor, Written};
use crate::yaml::{Field, Fields, Node, Reader, Shape};

/// A place on the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Target<P: Phase = Rendered> {
    /// A click point of a needle. The step waits for the needle.
    Needle {
        /// The needle to look for.
        needle: TagQuery<P>,
        /// The id of the click point. Absent: the needle's only or last one.
        point: Option<P::Of<Text>>,
    },
    /// A point in pixels from the upper left corner.
    At {
        /// Pixels to the right.
        x: P::Of<u32>,
        /// Pixels down.
        y: P::Of<u32>,
    },
}

impl Target<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional(
            "needle",
            Shape::OneOrList(&Shape::Text),
            "The tag to look for; its click point is the place.",
        ),
        Field::optional(
            "point",
            Shape::Text,
            "The id of the click point, if the needle has several.",
        ),
        Field::optional(
            "x",
            Shape::Count,
            "Pixels from the left edge, instead of a needle.",
        ),
        Field::optional(
            "y",
            Shape::Count,
            "Pixels from the upper edge, instead of a needle.",
        ),
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[
        Shape::OneOrList(&Shape::Text),
        Shape::Fields(&[Self::FIELDS]),
    ]);

    /// Reads a tag, or a map with the target's fields.
    pub(super) fn read(reader: &mut Reader, node: &Node, what: &str) -> Option<Self> {
        if node.is_map() {
            let fields = reader.fields(node, what, &[Self::FIELDS])?;
            return Self::from_fields(reader, &fields, what);
        }
        let needle = TagQuery::read(reader, node)?;
        Some(Self::Needle {
            needle,
            point: None,
        })
    }

    /// Reads the target's fields among those of a verb.
    pub(super) fn from_fields(
        reader: &mut Reader,
        fields: &Fields<'_>,
        what: &str,
    ) -> Option<Self> {
        let written = |names: [&str; 2]| names.iter().any(|name| fields.get(name).is_some());
        match (written(["needle", "point"]), written(["x", "y"])) {
            (true, false) => {
                let needle = fields.need("needle", reader, TagQuery::read);
                let point = fields.may("point", reader, Templated::read_filled);
                Some(Self::Needle {
                    needle: needle?,
                    point: point?,
                })
            }
            (false, true) => {
                let x = fields.need("x", reader, Templated::read);
                let y = fields.need("y", reader, Templated::read);
                Some(Self::At { x: x?, y: y? })
            }
            (false, false)
                if ["needle", "x", "y"]
                    .iter()
                    .any(|name| fields.misspells(name)) =>
            {
                None
            }
            (both, _) => {
                let message = if both {
                    format!("{what} has two places")
                } else {
                    format!("{what} needs a place")
                };
                reader.report(
                    Diagnostic::new(Code::MissingField, &fields.at, message)
                        .with_help("name either a `needle` or `x` and `y`"),
                );
                None
            }
        }
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Target<V::To>, Diagnostic> {
        Ok(match self {
            Self::Needle { needle, point } => Target::Needle {
                needle: needle.visit(visitor)?,
                point: visitor.option(point)?,
            },
            Self::At { x, y } => Target::At {
                x: visitor.value(x)?,
                y: visitor.value(y)?,
            },
        })
    }
}

impl<P: Phase> Target<P> {
    pub(super) fn line(&self) -> String {
        match self {
            Self::Needle {
                needle,
                point: None,
            } => needle.to_string(),
            Self::Needle {
                needle,
                point: Some(point),
            } => format!("{needle} at {}", point.shown()),
            Self::At { x, y } => format!("{},{}", x.shown(), y.shown()),
        }
    }
}
