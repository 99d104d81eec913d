//! The commands of a lab that operate a board.

use std::time::Duration;

use crate::finding::Spanned;
use crate::value::{FromText, Text};
use crate::yaml::{Field, Node, Reader, Shape};

/// The commands of a lab that operate a board. Each is a line for `/bin/sh`, run in the project's folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commands {
    /// Switches it on.
    pub on: Option<String>,
    /// Switches it off.
    pub off: Option<String>,
    /// Presses its reset button. Absent: off, a pause, on.
    pub reset: Option<String>,
    /// Presses its power button.
    pub button: Option<String>,
    /// Tells whether it is on: exit status 0 for on, 1 for off, or prints `on` or `off`.
    pub status: Option<String>,
    /// The pause between off and on. Absent: 3 s.
    pub pause: Option<Duration>,
    /// Writes the image in `$QA_IMAGE` to its storage.
    pub write: Option<String>,
    /// Its serial line is the input and output of this command.
    pub serial: Option<String>,
    /// Prints a picture of its screen: PNG, JPEG or PPM.
    pub picture: Option<String>,
    /// Takes events of keyboard and pointer, one a line.
    pub input: Option<String>,
    /// The longest time of a command, except for writing. Absent: 30 s.
    pub limit: Option<Duration>,
    /// The longest time of writing. Absent: 30 min.
    pub write_limit: Option<Duration>,
}

impl Commands {
    pub(super) const FIELDS: &'static [Field] = &[
        Field::optional("on", Shape::Text, "Switches the board on."),
        Field::optional("off", Shape::Text, "Switches the board off."),
        Field::optional(
            "reset",
            Shape::Text,
            "Presses its reset button. When absent: off, a pause, on.",
        ),
        Field::optional("button", Shape::Text, "Presses its power button."),
        Field::optional(
            "status",
            Shape::Text,
            "Tells whether it is on: exit status 0 for on and 1 for off, or the word `on` or `off`.",
        ),
        Field::optional(
            "pause",
            Shape::Duration,
            "The pause between off and on; `3s` when absent.",
        ),
        Field::optional(
            "write",
            Shape::Text,
            "Writes an image to its storage. `$QA_IMAGE` is the path, `$QA_IMAGE_SIZE` the size in bytes.",
        ),
        Field::optional(
            "serial",
            Shape::Text,
            "A program whose input and output are the serial line.",
        ),
        Field::optional(
            "picture",
            Shape::Text,
            "Prints a picture of the screen: PNG, JPEG or PPM.",
        ),
        Field::optional(
            "input",
            Shape::Text,
            "Reads events of keyboard and pointer from its input, one a line.",
        ),
        Field::optional(
            "limit",
            Shape::Duration,
            "The longest time of a command, except for `write`; `30s` when absent.",
        ),
        Field::optional(
            "write_limit",
            Shape::Duration,
            "The longest time of `write`; `30m` when absent.",
        ),
    ];

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        let fields = reader.fields(node, "`commands`", &[Self::FIELDS])?;
        let mut line = |name: &str| {
            let text = fields.may(name, reader, Reader::plain)?;
            Some(text.map(|Spanned { value, .. }| value))
        };
        let (on, off, reset) = (line("on"), line("off"), line("reset"));
        let (button, status, write) = (line("button"), line("status"), line("write"));
        let (serial, picture, input) = (line("serial"), line("picture"), line("input"));
        let pause = fields.may("pause", reader, read_duration);
        let limit = fields.may("limit", reader, read_duration);
        let write_limit = fields.may("write_limit", reader, read_duration);
        Some(Self {
            on: on?,
            off: off?,
            reset: reset?,
            button: button?,
            status: status?,
            pause: pause?,
            write: write?,
            serial: serial?,
            picture: picture?,
            input: input?,
            limit: limit?,
            write_limit: write_limit?,
        })
    }
}

/// Reads a duration without variables.
pub(super) fn read_duration(reader: &mut Reader, node: &Node) -> Option<Duration> {
    let text = reader.plain(node)?;
    let read = Duration::from_text(&Text::from(text.value.as_str()), &text.at);
    reader.take(read)
}
