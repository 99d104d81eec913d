//! Finds the recipes of reference images.

use std::path::{Path, PathBuf};

use vm::image::{Recipe, RecipeError};

use crate::failure::{Failure, chain};

/// Returns the folders with recipes: that of the project in `root`, and that of the sources of this program.
pub(crate) fn recipe_roots(root: &Path) -> Vec<PathBuf> {
    let mut roots = vec![root.join("vm/images")];
    let own = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../vm/images"));
    if own.is_dir() {
        roots.push(own);
    }
    roots
}

/// Finds a recipe by name, for the project in `root`.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(crate) fn find_recipe(root: &Path, name: &str) -> Result<Recipe, Failure> {
    Recipe::find(name, &recipe_roots(root)).map_err(|error| {
        let failure = Failure::usage(chain(&error));
        match error {
            RecipeError::Unknown { .. } => failure.hint("`qa image list` shows what can be built"),
            RecipeError::InvalidName { .. }
            | RecipeError::UnknownPart { .. }
            | RecipeError::UnknownLayout { .. }
            | RecipeError::Unreadable { .. } => failure,
        }
    })
}
