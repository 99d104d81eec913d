//! The verb `run`.

use super::modifiers::fields;
use super::over::Over;
use crate::finding::Diagnostic;
use crate::value::{
    Pattern, Phase, Rendered, Shown, Templated, Text, Visitor, Written, read_variable,
};
use crate::yaml::{Field, Kind, Node, Reader, Shape};

/// `run`: runs a shell command in the guest.
#[derive(Debug, Clone, PartialEq)]
pub struct Run<P: Phase = Rendered> {
    /// The command line, for `/bin/sh`.
    pub command: P::Of<Text>,
    /// The expected exit status.
    pub exit: Exit,
    /// The pattern that the output must match.
    pub output: Option<P::Of<Pattern>>,
    /// The variable for the output. The final line end is removed.
    pub save: Option<String>,
    /// The user. Absent: the superuser.
    pub user: Option<P::Of<Text>>,
    /// The input of the command.
    pub stdin: Option<P::Of<Text>>,
    /// The way to the guest. Absent: the agent if the machine has one, else the serial console.
    pub over: Option<Over>,
}

/// The exit status a command must end with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Exactly this status.
    Status(i32),
    /// Any status: `exit: any`.
    Any,
}

impl Default for Exit {
    fn default() -> Self {
        Self::Status(0)
    }
}

impl Exit {
    pub(crate) const SHAPE: Shape = Shape::OneOf(&[Shape::Whole(0), Shape::Choice(&["any"])]);

    pub(crate) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Scalar { text, .. } if text == "any" => Some(Self::Any),
            Kind::Null | Kind::Scalar { .. } | Kind::List(_) | Kind::Map(_) => {
                let status = reader.whole(node, 0, 255)?;
                i32::try_from(status).ok().map(Self::Status)
            }
        }
    }
}

impl Run<Written> {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::required(
            "command",
            Shape::Text,
            "The command line, for `/bin/sh` of the guest.",
        ),
        Field::optional(
            "exit",
            Exit::SHAPE,
            "The exit status that the command must end with, or `any`; 0 when absent.",
        ),
        Field::optional(
            "output",
            Shape::Text,
            "A regular expression that the output must match.",
        ),
        Field::optional("save", Shape::Text, "The variable for the output."),
        Field::optional(
            "user",
            Shape::Text,
            "The user who runs the command; root when absent.",
        ),
        Field::optional(
            "stdin",
            Shape::Text,
            "The text that the command reads from its standard input.",
        ),
        Over::FIELD,
    ];
    pub(super) const SHAPE: Shape = Shape::OneOf(&[Shape::Text, Shape::Fields(&[Self::FIELDS])]);

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        if !node.is_map() {
            let command = Templated::read_filled(reader, node)?;
            return Some(Self {
                command,
                exit: Exit::default(),
                output: None,
                save: None,
                user: None,
                stdin: None,
                over: None,
            });
        }
        let fields = fields(reader, node, "run", Self::FIELDS)?;
        let command = fields.need("command", reader, Templated::read_filled);
        let exit = fields.may("exit", reader, Exit::read);
        let output = fields.may("output", reader, Templated::read);
        let save = fields.may("save", reader, read_variable);
        let user = fields.may("user", reader, Templated::read_filled);
        let stdin = fields.may("stdin", reader, Templated::read);
        let over = fields.may("over", reader, Over::read);
        Some(Self {
            command: command?,
            exit: exit?.unwrap_or_default(),
            output: output?,
            save: save?,
            user: user?,
            stdin: stdin?,
            over: over?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Run<V::To>, Diagnostic> {
        Ok(Run {
            command: visitor.value(&self.command)?,
            exit: self.exit,
            output: visitor.option(&self.output)?,
            save: self.save.clone(),
            user: visitor.option(&self.user)?,
            stdin: visitor.option(&self.stdin)?,
            over: self.over,
        })
    }
}

impl<P: Phase> Run<P> {
    pub(super) fn line(&self) -> String {
        self.command.shown()
    }
}
