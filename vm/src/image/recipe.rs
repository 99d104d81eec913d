use std::{
    io,
    path::{Path, PathBuf},
};

use super::Digest;

/// The recipe of a reference image: a folder, the shared parts it names, and the program that builds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    name: String,
    folder: PathBuf,
    builder: PathBuf,
    digest: Digest,
}

/// Why there is no such recipe.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// A name that cannot be a folder's and a file's name at once.
    #[error("`{name}` cannot be the name of an image: use lower-case letters, digits and `-`")]
    InvalidName {
        /// The name asked for.
        name: String,
    },
    /// No root holds a recipe of this name.
    #[error("no recipe `{name}`; there are: {}", listed(known))]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names there are, sorted.
        known: Vec<String>,
    },
    /// The recipe names a shared part that is not there.
    #[error("{}: names the part `{part}`, but there is no folder {}", parts.display(), folder.display())]
    UnknownPart {
        /// The file that lists parts.
        parts: PathBuf,
        /// The part's name.
        part: String,
        /// Where it should be.
        folder: PathBuf,
    },
    /// Something of the recipe cannot be read.
    #[error("cannot read {} of the recipe `{name}`", path.display())]
    Unreadable {
        /// The recipe's name.
        name: String,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

impl Recipe {
    /// Finds the recipe `name` in the first of `roots` that has it, and takes its digest (milliseconds).
    /// A root is a folder like `vm/images`: the program `build`, shared `parts/`, and a folder per recipe with a file `disk`.
    ///
    /// # Errors
    /// See [`RecipeError`].
    pub fn find(name: &str, roots: &[PathBuf]) -> Result<Self, RecipeError> {
        let _ = (name, roots);
        todo!()
    }

    /// The names of all recipes in `roots`, sorted, each once. A root that is not there has none.
    #[must_use]
    pub fn names(roots: &[PathBuf]) -> Vec<String> {
        let _ = roots;
        todo!()
    }

    /// The name: that of the folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The recipe's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The program that builds it.
    #[must_use]
    pub fn builder(&self) -> &Path {
        &self.builder
    }

    /// Changes whenever anything changes that the image is made from: a file's name, content or execute bit in the recipe or a
    /// part it names, or the build program.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }
}
