//! The verb `boot`.

use std::fmt;

use crate::finding::{Diagnostic, Span};
use crate::value::{
    FromText, Phase, Rendered, Shown, Templated, Text, Visitor, Written, not_a, show_no_secret,
};
use crate::yaml::{Node, Reader, Shape};

/// `boot`: selects the disk that the machine starts from at the next reset or power-on, and from then on.
#[derive(Debug, Clone, PartialEq)]
pub struct Boot<P: Phase = Rendered> {
    /// The disk that is tried first.
    pub from: P::Of<BootDisk>,
}

/// A disk of a machine, or its CD drive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootDisk {
    /// `disk`: the disk with the image.
    Image,
    /// `disk1` and so on: one of the machine's `disks:`, counted from 1.
    Own(u32),
    /// `cd`: the CD in the drive.
    Cd,
}

impl FromText for BootDisk {
    fn from_text(text: &Text, at: &Span) -> Result<Self, Diagnostic> {
        show_no_secret(text, at, "the name of a disk")?;
        let name = text.reveal().trim();
        let number = |name: &str| match name.strip_prefix("disk")?.parse::<u32>() {
            Ok(number) if format!("disk{number}") == name && number > 0 => Some(number),
            Ok(_) | Err(_) => None,
        };
        match (name, number(name)) {
            ("disk", _) => Ok(Self::Image),
            ("cd", _) => Ok(Self::Cd),
            (_, Some(number)) => Ok(Self::Own(number)),
            (_, None) => Err(not_a("a disk to start from", name, at).with_help(
                "write `disk` for the image, `disk1`, `disk2` and so on for the disks of the machine, or `cd`",
            )),
        }
    }
}

impl fmt::Display for BootDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image => f.write_str("disk"),
            Self::Own(number) => write!(f, "disk{number}"),
            Self::Cd => f.write_str("cd"),
        }
    }
}

impl Shown for BootDisk {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Boot<Written> {
    pub(super) const SHAPE: Shape = Shape::BootDisk;

    pub(super) fn read(reader: &mut Reader, node: &Node) -> Option<Self> {
        Some(Self {
            from: Templated::read(reader, node)?,
        })
    }

    pub(super) fn visit<V: Visitor>(&self, visitor: &mut V) -> Result<Boot<V::To>, Diagnostic> {
        Ok(Boot {
            from: visitor.value(&self.from)?,
        })
    }
}

impl<P: Phase> Boot<P> {
    pub(super) fn line(&self) -> String {
        format!("from {}", self.from.shown())
    }
}
