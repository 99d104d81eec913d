//! Everything that a project is made of.

use std::collections::BTreeMap;

use crate::openqa::perl::PerlFile;
use crate::openqa::settings::Jobs;
use crate::openqa::steps::{Module, Uses};

/// Everything that a project is made of.
pub(in crate::openqa) struct Plan {
    pub(in crate::openqa) jobs: Jobs,
    /// The modules of each job; of the only order, where there are no jobs.
    pub(in crate::openqa) scheduled: Vec<Vec<String>>,
    pub(in crate::openqa) modules: BTreeMap<String, (PerlFile, Module)>,
    pub(in crate::openqa) uses: Uses,
    pub(in crate::openqa) needles_folder: String,
    /// Class, hook and place of the hooks in the library.
    pub(in crate::openqa) hooks: Vec<(String, String, String)>,
}
