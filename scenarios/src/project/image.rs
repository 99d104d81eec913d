use std::collections::BTreeMap;

use crate::{Span, Spanned, WrittenValue};

/// An image of the project.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// What it is, in a sentence.
    pub title: Option<String>,
    /// Where it comes from.
    pub source: ImageSource,
    /// The machine it runs on unless a scenario or the command line says otherwise: one of the project or a built-in preset.
    pub machine: Option<Spanned<String>>,
    /// Variables of scenarios on it.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// Where it is declared.
    pub at: Span,
}

/// Where an image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSource {
    /// Built by a recipe.
    Recipe(String),
    /// A file, relative to the project file.
    File {
        /// The path.
        path: String,
        /// Its format; absent: found out from its content.
        format: Option<DiskFormat>,
    },
}

/// The format of a disk file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFormat {
    /// QEMU's copy-on-write format.
    Qcow2,
    /// The bytes of the disk.
    Raw,
}
