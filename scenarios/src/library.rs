use std::sync::Arc;

use crate::{Diagnostic, Scenario, Source};

/// The scenarios and fragments of a project.
#[derive(Debug, Clone, Default)]
pub struct Library {
    files: Vec<Arc<Scenario>>,
}

impl Library {
    /// Reads files. A file with an error in it is left out where nothing can be made of it; every error of every file is
    /// reported.
    pub fn read(files: impl IntoIterator<Item = Arc<Source>>) -> (Self, Vec<Diagnostic>) {
        let _ = files.into_iter().count();
        todo!()
    }

    /// The scenarios, sorted by name; fragments are not among them.
    pub fn scenarios(&self) -> impl Iterator<Item = &Arc<Scenario>> {
        self.files.iter().filter(|file| !file.fragment)
    }

    /// The scenario of this name.
    pub fn get(&self, name: &str) -> Option<&Arc<Scenario>> {
        self.scenarios().find(|scenario| scenario.name == name)
    }

    /// The file at this path, scenario or fragment.
    pub fn file(&self, path: &str) -> Option<&Arc<Scenario>> {
        self.files.iter().find(|file| file.source.path() == path)
    }

    /// The scenario of this name.
    ///
    /// # Errors
    /// When there is none: with the nearest name.
    pub fn find(&self, name: &str) -> Result<&Arc<Scenario>, Diagnostic> {
        let _ = name;
        todo!()
    }
}
