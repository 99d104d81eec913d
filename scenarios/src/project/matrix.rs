use crate::schema::Shape;
use crate::yaml::{Field, Node, Reader};
use crate::{Span, Spanned};

/// Combinations of images, machines and scenarios to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// The images.
    pub images: Vec<Spanned<String>>,
    /// The machines; none: each image's own.
    pub machines: Vec<Spanned<String>>,
    /// The scenarios; none: all.
    pub scenarios: Vec<Spanned<String>>,
    /// Where it is declared.
    pub at: Span,
}

impl Matrix {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("images", Shape::OneOrList(&Shape::Text), "The images."),
        Field::optional(
            "machines",
            Shape::OneOrList(&Shape::Text),
            "The machines; each image's own when absent.",
        ),
        Field::optional(
            "scenarios",
            Shape::OneOrList(&Shape::Text),
            "The scenarios; all when absent.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let fields = reader.fields(
            node,
            &format!("the matrix `{}`", name.value),
            &[Self::FIELDS],
        )?;
        let images = fields.need("images", reader, |r, n| r.one_or_list(n, Reader::plain));
        let machines = fields.may("machines", reader, |r, n| r.one_or_list(n, Reader::plain));
        let scenarios = fields.may("scenarios", reader, |r, n| r.one_or_list(n, Reader::plain));
        Some(Self {
            name: name.value.clone(),
            images: images?,
            machines: machines?.unwrap_or_default(),
            scenarios: scenarios?.unwrap_or_default(),
            at: name.at.clone(),
        })
    }
}
