//! The store of built images.

use std::{
    fs::{self, File},
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::pin,
};

use super::{
    BuildError, BuildProgress, BuiltImage, Digest, DigestError, ProbedImage, Recipe,
    build_lock::BuildLock,
    build_run::BuildRun,
    digest_cache::DigestCache,
    metadata::{Metadata, found},
};

/// The folder of built images. Each is `<name>-<first 12 digits of the recipe's digest>.qcow2`, with a `.json` beside
/// it.
#[derive(Debug, Clone)]
pub struct ImageStore {
    folder: PathBuf,
}

/// The store's folder, or a file in it, cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An operation on a path of the store failed.
    #[error("image store: cannot {action} {}", path.display())]
    Io {
        /// The operation, such as `create`.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// The reason why an image in the store is not the one that was built.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The bytes have changed since the build.
    #[error("the image {} has changed since it was built: its digest is {}, expected {}; build it again with \
        `qa image build {name} --force`",
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
    /// Returns the store in `folder` (by convention `$XDG_CACHE_HOME/qa/images`). The folder is made when the first
    /// image is built, so that a user with an image of their own needs none.
    ///
    /// # Errors
    /// When the path is relative and there is no current folder.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let folder = folder.into();
        // Absolute, since QEMU resolves the name of an overlay's base from the overlay's own folder.
        let folder = std::path::absolute(&folder)
            .map_err(|source| StoreError::io("find", &folder, source))?;
        Ok(Self { folder })
    }

    /// Returns the folder of the store.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the image of exactly this recipe, or `None` if it was never built or is incomplete. Reads no image.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn find(&self, recipe: &Recipe) -> Result<Option<BuiltImage>, StoreError> {
        let note = self.image_path(recipe).with_extension("json");
        let image =
            Metadata::read(&note).map_err(|source| StoreError::io("read", &note, source))?;
        // The file's name has only twelve digits of the digest.
        Ok(image.filter(|image| image.recipe_digest == recipe.digest()))
    }

    /// Returns every complete image, of any state of its recipe, sorted by name, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self) -> Result<Vec<BuiltImage>, StoreError> {
        let unreadable = |source| StoreError::io("read", &self.folder, source);
        let mut images = Vec::new();
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(images),
            Err(error) => return Err(unreadable(error)),
        };
        for entry in entries {
            let path = entry.map_err(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "json")
            {
                images.extend(
                    Metadata::read(&path)
                        .map_err(|source| StoreError::io("read", &path, source))?,
                );
            }
        }
        images.sort_by(|a, b| (&a.name, b.built, &a.path).cmp(&(&b.name, a.built, &b.path)));
        Ok(images)
    }

    /// Returns the image of `recipe`, and builds it if it is not there. Passes each line to `on_progress` as it comes.
    /// Ends the build early when `cancel` resolves (pass [`std::future::pending`] for never). Two builds of a recipe at
    /// once become one: the second waits. Dropping the future ends the build with all of its processes.
    ///
    /// # Errors
    /// See [`BuildError`]. An incomplete image is never visible.
    pub async fn build(
        &self,
        recipe: &Recipe,
        on_progress: impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<BuiltImage, BuildError> {
        self.make(recipe, WhenThere::Keep, on_progress, cancel)
            .await
    }

    /// Builds as [`build`](Self::build) does, even if there is an image already. The old image is replaced when the new
    /// one is complete.
    ///
    /// # Errors
    /// See [`BuildError`]. The old image stays.
    pub async fn rebuild(
        &self,
        recipe: &Recipe,
        on_progress: impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<BuiltImage, BuildError> {
        self.make(recipe, WhenThere::Replace, on_progress, cancel)
            .await
    }

    /// Reads the whole image and compares it with the digest taken when it was built. Takes about a second per
    /// gigabyte; must not run on the async threads.
    ///
    /// # Errors
    /// See [`VerifyError`].
    pub fn verify(&self, image: &BuiltImage) -> Result<(), VerifyError> {
        let unreadable = |source| DigestError {
            path: image.path.clone(),
            source,
        };
        let mut file = File::open(&image.path).map_err(unreadable)?;
        let found = Digest::of_reader(&mut file).map_err(unreadable)?;
        if found == image.digest {
            Ok(())
        } else {
            Err(VerifyError::Changed {
                name: image.name.clone(),
                path: image.path.clone(),
                found,
                expected: image.digest,
            })
        }
    }

    /// Removes an image and its note. Machines that run on it go on. New ones cannot start from it.
    ///
    /// # Errors
    /// When a file is there but cannot be removed.
    pub fn remove(&self, image: &BuiltImage) -> Result<(), StoreError> {
        // The note first: without it the disk counts as incomplete.
        for path in [image.path.with_extension("json"), image.path.clone()] {
            found(fs::remove_file(&path))
                .map_err(|source| StoreError::io("remove", &path, source))?;
        }
        Ok(())
    }

    /// Returns the SHA-256 of any image file, built here or not. The file is read once. Later calls answer from a note
    /// in the store, as long as path, size, modification time and inode are the same.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest_of(&self, path: &Path) -> Result<Digest, DigestError> {
        DigestCache::new(self.folder.join("digests")).digest_of(path)
    }

    /// Returns the digest of an image with its backing files: that of the file if it is one file, otherwise that of the
    /// digests of all.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn digest_of_all(&self, image: &ProbedImage) -> Result<Digest, DigestError> {
        let digests = image.files().map(|path| self.digest_of(path));
        let digests = digests.collect::<Result<Vec<_>, _>>()?;
        if let [only] = digests.as_slice() {
            return Ok(*only);
        }
        let formats = image.layers().iter().map(|layer| layer.format.driver());
        let parts = digests.iter().map(ToString::to_string);
        let text: Vec<_> = parts.chain(formats.map(str::to_owned)).collect();
        Ok(Digest::of_bytes(text.join(" ").as_bytes()))
    }

    async fn make(
        &self,
        recipe: &Recipe,
        when_there: WhenThere,
        mut on_progress: impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<BuiltImage, BuildError> {
        if let (WhenThere::Keep, Some(image)) = (when_there, self.find(recipe)?) {
            return Ok(image);
        }
        let folder = &self.folder;
        fs::create_dir_all(folder).map_err(|source| StoreError::io("create", folder, source))?;
        let mut cancel = pin!(cancel);
        let path = self.folder.join(format!(".{}.lock", recipe.name()));
        let mut waited = false;
        let lock = {
            let on_wait = || {
                waited = true;
                on_progress(BuildProgress::WaitingForAnotherBuild);
            };
            tokio::select! {
                lock = BuildLock::take(&path, on_wait) => lock.map_err(|source| StoreError::io("lock", &path, source))?,
                () = &mut cancel => return Err(BuildError::Cancelled { name: recipe.name().to_owned() }),
            }
        };
        // The former holder of the lock may have built this image just now.
        if let (true, Some(image)) = (waited || when_there == WhenThere::Keep, self.find(recipe)?) {
            return Ok(image);
        }
        let run = BuildRun {
            recipe,
            image: self.image_path(recipe),
            aside: self.folder.join(format!(".building-{}", recipe.name())),
        };
        let image = run.run(&mut on_progress, cancel).await;
        drop(lock);
        image
    }

    fn image_path(&self, recipe: &Recipe) -> PathBuf {
        let name = format!("{}-{}.qcow2", recipe.name(), recipe.digest().short());
        self.folder.join(name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhenThere {
    Keep,
    Replace,
}
