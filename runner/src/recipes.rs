//! Finds the recipes of reference images.

use std::path::{Path, PathBuf};

use vm::image::{Recipe, RecipeError};

use crate::failure::{Failure, chain};

/// Returns the folders with recipes: that of the project in `root`, and that which came with this program.
pub(crate) fn recipe_roots(root: &Path) -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let sources = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../vm/images"));
    let own = program.and_then(|program| own_recipes(&program, sources));
    std::iter::once(root.join("vm/images")).chain(own).collect()
}

/// Returns the folder with the recipes that came with `program`: those of its package, or else those of its sources.
/// A package's program must not look at its sources: on the host that it is installed on, anybody may have made that
/// folder, and recipes are programs.
fn own_recipes(program: &Path, sources: &Path) -> Option<PathBuf> {
    let packaged = program.parent()?.parent()?.join("share/qa/images");
    let folders = [packaged, sources.to_owned()];
    folders.into_iter().find(|folder| folder.is_dir())
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_package_has_its_recipes_beside_the_program_and_looks_nowhere_else() {
        let place = tempfile::tempdir().unwrap();
        let program = place.path().join("usr/bin/qa");
        let (packaged, sources) = (
            place.path().join("usr/share/qa/images"),
            place.path().join("src"),
        );
        assert_eq!(own_recipes(&program, &sources), None);
        fs::create_dir_all(&sources).unwrap();
        assert_eq!(own_recipes(&program, &sources), Some(sources.clone()));
        fs::create_dir_all(&packaged).unwrap();
        assert_eq!(own_recipes(&program, &sources), Some(packaged));
    }
}
