//! Computes the digest of a recipe.

use std::{
    fs, io,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::Digest;

/// A file that could not be read, and the reason.
pub(super) type Unreadable = (PathBuf, io::Error);

/// Adds files under the names that they have in the recipe, so that the place of the checkout does not matter.
#[derive(Default)]
pub(super) struct RecipeDigest(Sha256);

impl RecipeDigest {
    /// Adds the file at `path` under `label`. If it is a folder, adds all files below it.
    pub(super) fn add(&mut self, label: &[u8], path: &Path) -> Result<(), Unreadable> {
        let unreadable = |source| (path.to_owned(), source);
        let metadata = path.symlink_metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            self.field(b"folder", label);
            let mut names = fs::read_dir(path)
                .and_then(|entries| {
                    entries
                        .map(|entry| Ok(entry?.file_name()))
                        .collect::<io::Result<Vec<_>>>()
                })
                .map_err(unreadable)?;
            names.sort();
            for name in names {
                let label = [label, b"/", name.as_bytes()].concat();
                self.add(&label, &path.join(&name))?;
            }
        } else if metadata.is_symlink() {
            let target = fs::read_link(path).map_err(unreadable)?;
            self.field(b"link", label);
            self.field(b"to", target.as_os_str().as_bytes());
        } else if metadata.is_file() {
            // Only the execute bit of the mode counts. The others depend on the umask of whoever checked the files out.
            let executable = metadata.permissions().mode() & 0o111 != 0;
            self.field(if executable { b"program" } else { b"file" }, label);
            self.field(b"content", &fs::read(path).map_err(unreadable)?);
        } else {
            return Err(unreadable(io::Error::other(
                "it is neither a file nor a folder nor a link",
            )));
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Digest {
        Digest::from_hasher(self.0)
    }

    /// Adds the length first, so that no two different recipes give the same bytes.
    fn field(&mut self, kind: &[u8], bytes: &[u8]) {
        for part in [kind, bytes] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }
}
