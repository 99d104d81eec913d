//! One run of a build, from the empty folder to the image in the store.

use std::{
    fs::{self, File},
    future::Future,
    io,
    path::{Path, PathBuf},
    pin::pin,
    time::SystemTime,
};

use tokio::task::spawn_blocking;

use super::{
    BuildError, BuildProgress, BuiltImage, Digest, Recipe, StoreError,
    build_lines::BuildLines,
    build_program::BuildProgram,
    metadata::{Metadata, found, sync_folder, write_json},
    probe,
};

/// One build, under the lock of the recipe's name. The image is made in a folder of its own, then synced to disk, then
/// renamed. Its note is written last.
pub(super) struct BuildRun<'a> {
    pub(super) recipe: &'a Recipe,
    /// The disk file to make.
    pub(super) image: PathBuf,
    /// A folder on the same file system for files that are not complete.
    pub(super) aside: PathBuf,
}

impl BuildRun<'_> {
    pub(super) async fn run(
        self,
        on_progress: &mut impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<BuiltImage, BuildError> {
        // A build that was killed may have left its folder. The holder of the lock may remove it.
        let _aside = Aside::make(&self.aside)?;
        let output = self.aside.join("image.qcow2");
        let mut cancel = pin!(cancel);
        self.run_program(&output, on_progress, cancel.as_mut())
            .await?;
        probe(&output).map_err(|source| BuildError::NoImage {
            name: self.recipe.name().to_owned(),
            source,
        })?;
        let path = output.clone();
        let hashed = spawn_blocking(move || sync_and_hash(&path));
        let (digest, bytes) = tokio::select! {
            hashed = hashed => hashed
                .unwrap_or_else(|panicked| Err(io::Error::other(panicked)))
                .map_err(|source| store_error("read", &output, source))?,
            () = &mut cancel => return Err(self.cancelled()),
        };
        self.keep(&output, digest, bytes)
    }

    async fn run_program(
        &self,
        output: &Path,
        on_progress: &mut impl FnMut(BuildProgress),
        cancel: impl Future<Output = ()>,
    ) -> Result<(), BuildError> {
        let builder = self.recipe.builder();
        let start = |source| BuildError::Start {
            program: builder.to_owned(),
            source,
        };
        let mut lines = BuildLines::default();
        let mut program = BuildProgram::start(builder, self.recipe.folder(), output)
            .await
            .map_err(start)?;
        let ended = {
            let on_line = |line: &str| on_progress(BuildProgress::Line(line.to_owned()));
            tokio::select! {
                ended = program.run(&mut lines, on_line) => Some(ended.map_err(start)?),
                () = cancel => None,
            }
        };
        match ended {
            None => {
                program.stop().await;
                Err(self.cancelled())
            }
            Some(status) if status.success() => Ok(()),
            Some(status) => Err(BuildError::Failed {
                name: self.recipe.name().to_owned(),
                status,
                tail: lines.into_tail(),
            }),
        }
    }

    fn keep(&self, output: &Path, digest: Digest, bytes: u64) -> Result<BuiltImage, BuildError> {
        let image = BuiltImage {
            name: self.recipe.name().to_owned(),
            path: self.image.clone(),
            digest,
            recipe_digest: self.recipe.digest(),
            built: SystemTime::now(),
            bytes,
        };
        let note = self.image.with_extension("json");
        let folder = self.image.parent().unwrap_or(Path::new("."));
        // Between the two renames, the note of the former image would describe the new one.
        found(fs::remove_file(&note)).map_err(|source| store_error("remove", &note, source))?;
        fs::rename(output, &self.image)
            .and_then(|()| sync_folder(folder))
            .map_err(|source| store_error("write", &self.image, source))?;
        write_json(&note, &Metadata::of(&image))
            .map_err(|source| store_error("write", &note, source))?;
        Ok(image)
    }

    fn cancelled(&self) -> BuildError {
        BuildError::Cancelled {
            name: self.recipe.name().to_owned(),
        }
    }
}

fn store_error(action: &'static str, path: &Path, source: io::Error) -> BuildError {
    BuildError::Store(StoreError::io(action, path, source))
}

fn sync_and_hash(path: &Path) -> io::Result<(Digest, u64)> {
    let mut file = File::open(path)?;
    file.sync_all()?;
    Ok((Digest::of_reader(&mut file)?, file.metadata()?.len()))
}

/// A folder for a build. It is removed at the end of the build, whatever the result.
struct Aside<'a>(&'a Path);

impl<'a> Aside<'a> {
    fn make(path: &'a Path) -> Result<Self, BuildError> {
        found(fs::remove_dir_all(path)).map_err(|source| store_error("remove", path, source))?;
        fs::create_dir(path).map_err(|source| store_error("create", path, source))?;
        Ok(Self(path))
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        // If it cannot be removed now, the next build of this name removes it.
        let _ = fs::remove_dir_all(self.0);
    }
}
