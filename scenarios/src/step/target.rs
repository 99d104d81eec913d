use super::pointer::Button;
use crate::phase::Visitor;
use crate::schema::Shape;
use crate::templated::Shown;
use crate::yaml::{Field, Fields, Node, Reader};
use crate::{Code, Diagnostic, Phase, Rendered, TagQuery, Text, Written};

/// A place on the screen.
#[derive(Debug, Clone, PartialEq)]
pub enum Target<P: Phase = Rendered> {
    /// A click point of a needle, which is waited for.
    Needle {
        /// What is looked for.
        needle: TagQuery<P>,
        /// Id of the click point; absent: the needle's only or first one.
        point: Option<P::Of<Text>>,
    },
    /// Pixels from the left and upper edge.
    At {
        /// To the right.
        x: P::Of<u32>,
        /// Down.
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
            "Id of the click point, where a needle has several.",
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

    /// A tag, or a map of its own.
    pub(super) fn read(reader: &mut Reader, node: &Node, what: &str) -> Option<Self> {
        if node.is_map() {
            let fields = reader.fields(node, what, &[Self::FIELDS])?;
            return Self::from_fields(reader, &fields, what);
        }
        let needle = reader.tags(node)?;
        Some(Self::Needle {
            needle,
            point: None,
        })
    }

    /// Its fields among those of a verb.
    pub(super) fn from_fields(
        reader: &mut Reader,
        fields: &Fields<'_>,
        what: &str,
    ) -> Option<Self> {
        let written = |names: [&str; 2]| names.iter().any(|name| fields.get(name).is_some());
        match (written(["needle", "point"]), written(["x", "y"])) {
            (true, false) => {
                let needle = fields.need("needle", reader, Reader::tags);
                let point = fields.may("point", reader, Reader::filled);
                Some(Self::Needle {
                    needle: needle?,
                    point: point?,
                })
            }
            (false, true) => {
                let x = fields.need("x", reader, Reader::value);
                let y = fields.need("y", reader, Reader::value);
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

impl Button {
    pub(super) const NAMES: &'static [(&'static str, Self)] = &[
        ("left", Self::Left),
        ("middle", Self::Middle),
        ("right", Self::Right),
    ];
    pub(super) const FIELD: Field = Field::optional(
        "button",
        Shape::Choice(&["left", "middle", "right"]),
        "Which button; `left` when absent.",
    );

    pub(super) fn read(reader: &mut Reader, fields: &Fields<'_>) -> Option<Self> {
        fields
            .may("button", reader, |r, n| r.choice(n, "button", Self::NAMES))
            .map(Option::unwrap_or_default)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Middle => "middle",
            Self::Right => "right",
        }
    }
}
