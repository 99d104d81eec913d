//! The project file `qa.yaml`.

mod image;
mod machine;
mod matrix;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Diagnostic, Secret, Source, Spanned, Watch, Written, WrittenValue};

pub use image::{DiskFormat, Image, ImageSource};
pub use machine::{Accel, Architecture, Disk, Display, Firmware, Machine, Network};
pub use matrix::Matrix;

/// A project: where scenarios and needles are, which images and machines there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Project {
    /// Folders of scenarios, relative to the file; `scenarios` where it says nothing.
    pub scenarios: Vec<Spanned<String>>,
    /// Folders of needles, relative to the file; `needles` where it says nothing.
    pub needles: Vec<Spanned<String>>,
    /// The images by name.
    pub images: BTreeMap<String, Image>,
    /// The machines by name, presets filled in. Built-in presets are not among them: see [`Project::machine`].
    pub machines: BTreeMap<String, Machine>,
    /// Variables of all scenarios.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// Secrets of all scenarios.
    pub secrets: Vec<Secret>,
    /// What must hold in all scenarios.
    pub watch: Vec<Watch<Written>>,
    /// Combinations to run everything on.
    pub matrix: Vec<Matrix>,
    /// Its file.
    pub source: Arc<Source>,
}

impl Project {
    /// Reads a project file. What can be made of it comes with every error in it; it must not be run when there is one.
    pub fn read(source: &Arc<Source>) -> (Option<Self>, Vec<Diagnostic>) {
        let _ = source;
        todo!()
    }

    /// The image of this name.
    ///
    /// # Errors
    /// When there is none: with the nearest name.
    pub fn image(&self, name: &str) -> Result<&Image, Diagnostic> {
        let _ = name;
        todo!()
    }

    /// The machine of this name, of the project or built in.
    ///
    /// # Errors
    /// When there is none: with the nearest name.
    pub fn machine(&self, name: &str) -> Result<Machine, Diagnostic> {
        let _ = name;
        todo!()
    }
}
