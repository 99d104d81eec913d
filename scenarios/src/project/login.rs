//! The login on a serial console.

use super::plain_pattern::plain_pattern;
use crate::finding::Spanned;
use crate::value::Pattern;
use crate::yaml::{Field, Node, Reader, Shape};

/// The login on a serial console.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    /// The user.
    pub user: String,
    /// The variable or secret with the password. Absent: the console asks for none.
    pub password: Option<Spanned<String>>,
    /// The prompt that asks for the user. Absent: `login:`.
    pub prompt: Option<Pattern>,
}

impl Login {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required("user", Shape::Text, "The user who logs in."),
        Field::optional(
            "password",
            Shape::Text,
            "The name of the secret or variable that holds the password.",
        ),
        Field::optional(
            "prompt",
            Shape::Text,
            "A regular expression for the line that asks for the user; `login:` when absent.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`login`", &[Self::FIELDS])?;
        let user = fields.need("user", reader, Reader::plain);
        let password = fields.may("password", reader, Reader::plain);
        let prompt = fields.may("prompt", reader, |r, n| plain_pattern(r, n, "login: $"));
        Some(Self {
            user: user?.value,
            password: password?,
            prompt: prompt?,
        })
    }
}
