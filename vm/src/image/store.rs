use std::{
    future::Future,
    io,
    path::{Path, PathBuf},
};

use super::{BuildError, BuildProgress, BuiltImage, Digest, DigestError, Recipe};

/// The folder of built images: `<name>-<first 12 digits of the recipe's digest>.qcow2`, each with a `.json` beside it.
#[derive(Debug, Clone)]
pub struct ImageStore {
    folder: PathBuf,
}

/// The store's folder or a file in it cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An operation on a path of the store failed.
    #[error("image store: cannot {action} {}", path.display())]
    Io {
        /// What was tried, such as `create`.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

/// Why an image in the store is not what was built.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The bytes have changed since the build.
    #[error("the image {} has changed since it was built: its digest is {}, expected {}; build it again with `qa image build {name} --force`",
        path.display(), found.short(), expected.short())]
    Changed {
        /// The recipe's name.
        name: String,
        /// The disk file.
        path: PathBuf,
        /// The digest of the file now.
        found: Digest,
        /// The digest when it was built.
        expected: Digest,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl ImageStore {
    /// The store in `folder` (by convention `$XDG_CACHE_HOME/qa/images`), which is made when it is not there.
    ///
    /// # Errors
    /// When the folder can neither be found nor made.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        Ok(Self { folder })
    }

    /// The store's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The image of this very recipe, or `None` when it was never built or is incomplete. Costs no hashing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(&self, recipe: &Recipe) -> Result<Option<BuiltImage>, StoreError> {
        let _ = recipe;
        todo!()
    }

    /// Every complete image, of whichever recipe state, sorted by name, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self) -> Result<Vec<BuiltImage>, StoreError> {
        todo!()
    }

    /// The image of `recipe`: the one there is, else built now. `on_progress` gets every line as it comes; the build ends early when
    /// `cancel` resolves (pass [`std::future::pending`] for never). Two builds of a recipe at once become one: the second waits.
    /// Dropping the future ends the build, too, with every process of it.
    ///
    /// # Errors
    /// See [`BuildError`]. Whatever happens, no half image becomes visible.
    pub async fn build(
        &self,
        recipe: &Recipe,
        on_progress: impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<BuiltImage, BuildError> {
        let _ = (recipe, on_progress, cancel);
        todo!()
    }

    /// As [`build`](Self::build), but also when there is an image already, which is replaced when the new one is complete.
    ///
    /// # Errors
    /// See [`BuildError`]; the present image stays.
    pub async fn rebuild(
        &self,
        recipe: &Recipe,
        on_progress: impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<BuiltImage, BuildError> {
        let _ = (recipe, on_progress, cancel);
        todo!()
    }

    /// Reads the whole image and compares it with the digest taken when it was built. Costs about a second per gigabyte: run it off
    /// the async threads.
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn verify(&self, image: &BuiltImage) -> Result<(), VerifyError> {
        let _ = image;
        todo!()
    }

    /// Removes an image and what was noted of it. Machines that run on it go on, new ones cannot start from it.
    ///
    /// # Errors
    /// When a file is there but cannot be removed.
    pub fn remove(&self, image: &BuiltImage) -> Result<(), StoreError> {
        let _ = image;
        todo!()
    }

    /// The SHA-256 of any image file, built here or not. Read once: later calls answer from a note kept in the store as long as path,
    /// size, modification time and inode are the same.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest_of(&self, path: &Path) -> Result<Digest, DigestError> {
        let _ = path;
        todo!()
    }
}
