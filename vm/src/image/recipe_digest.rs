//! What goes into a recipe's digest.

use std::{
    fs, io,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::Digest;

/// Something that could not be read, and why.
pub(super) type Unreadable = (PathBuf, io::Error);

/// Adds up files under the names they have in a recipe, wherever the checkout lies.
#[derive(Default)]
pub(super) struct RecipeDigest(Sha256);

impl RecipeDigest {
    /// Adds the file at `path`, or the whole tree when it is a folder, under `label`.
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
            // Of the mode only the execute bit counts: a checkout gives the others as the user's umask likes.
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

    /// With its length in front, so that no two different recipes give the same bytes.
    fn field(&mut self, kind: &[u8], bytes: &[u8]) {
        for part in [kind, bytes] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
    }
}
