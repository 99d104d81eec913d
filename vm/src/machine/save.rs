use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Machine, PowerError, SavedMachine,
    migration::{self, MigrationError},
    run_files::copy_writable,
    shared_memory::SharedMemory,
};
use crate::{
    checkpoint::{Checksum, copy_sparse},
    firmware::FirmwareFiles,
    qmp::QmpError,
};

/// Why a machine was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It was not launched so.
    #[error("the machine's memory is in no file")]
    NotSavable,
    /// A device of it cannot be saved.
    #[error("{}", .0.join("; "))]
    Blocked(Vec<String>),
    /// It could not be stopped.
    #[error(transparent)]
    Power(#[from] PowerError),
    /// Its devices' state did not come out.
    #[error("cannot save the devices: {0}")]
    Devices(#[from] MigrationError),
    /// It was asked to be given up.
    #[error("it was given up")]
    GivenUp,
    /// A file cannot be written or moved.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What was saved.
#[derive(Debug)]
pub struct Saving {
    /// The saved machine.
    pub saved: SavedMachine,
    /// The checksum of its main memory (file `ram`), taken while it was written.
    pub memory: Checksum,
}

impl Machine {
    /// Returns why this machine cannot be saved; none when it can. To be asked once it runs: a device that blocks
    /// it does so from its start.
    ///
    /// # Errors
    /// When QEMU does not answer.
    pub async fn cannot_be_saved(&self) -> Result<Option<SaveError>, QmpError> {
        if self.memory.is_none() {
            return Ok(Some(SaveError::NotSavable));
        }
        let reasons = migration::blockers(&self.qmp).await?;
        Ok((!reasons.is_empty()).then_some(SaveError::Blocked(reasons)))
    }

    /// Stops the machine and writes all of its state to `folder` (absolute, there, empty of such files). The files of
    /// its disks are moved there: this machine is over then, and only waits to be [shut down](Self::shutdown).
    ///
    /// # Errors
    /// Whatever goes wrong, the machine goes on as if nothing had been.
    pub async fn save(&self, folder: &Path) -> Result<Saving, SaveError> {
        self.save_unless(folder, std::future::pending()).await
    }

    /// As [`save`](Self::save), unless `given_up` comes before QEMU has written the state of the devices: the only part
    /// of it that waits for QEMU. The machine stands still then.
    ///
    /// # Errors
    /// [`SaveError::GivenUp`] when it was given up. With any other the machine goes on as if nothing had been.
    pub async fn save_unless(
        &self,
        folder: &Path,
        given_up: impl Future<Output = ()>,
    ) -> Result<Saving, SaveError> {
        let saved = SavedMachine::in_folder(folder);
        let devices = tokio::select! {
            devices = self.write_devices(&saved) => devices,
            () = given_up => return Err(SaveError::GivenUp),
        };
        let written = match devices {
            Ok(memory) => self.write_files(saved, memory).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            // Where even this is refused, the next thing that is asked of the machine tells.
            let _ = self.power.resume().await;
        }
        written
    }

    async fn write_devices(&self, saved: &SavedMachine) -> Result<Arc<SharedMemory>, SaveError> {
        let memory = Arc::clone(self.memory.as_ref().ok_or(SaveError::NotSavable)?);
        self.power.pause().await?;
        // Brings what the disks still have in memory into their files, too.
        migration::write_devices(&self.qmp, &saved.devices()).await?;
        Ok(memory)
    }

    async fn write_files(
        &self,
        saved: SavedMachine,
        memory: Arc<SharedMemory>,
    ) -> Result<Saving, SaveError> {
        let (blueprint, to) = (Arc::clone(&self.blueprint), saved.clone());
        let files = tokio::task::spawn_blocking(move || {
            let ram = to.ram();
            let copy = copy_sparse(memory.file(), &ram).map_err(write_error(&ram))?;
            let firmware = blueprint.found.firmware.as_ref();
            if firmware.and_then(FirmwareFiles::flash).is_some() {
                let variables = to.variables();
                copy_writable(blueprint.files.variables(), &variables)
                    .map_err(write_error(&variables))?;
            }
            // Last, since what is moved is not there any more.
            for (index, disk) in blueprint.files.overlays() {
                let path = to.disk(index);
                move_file(disk, &path).map_err(write_error(&path))?;
            }
            Ok::<_, SaveError>(copy.checksum)
        });
        let memory = files.await.map_err(|error| SaveError::File {
            path: saved.ram(),
            source: io::Error::other(error),
        })??;
        Ok(Saving { saved, memory })
    }
}

fn write_error(path: &Path) -> impl FnOnce(io::Error) -> SaveError + use<> {
    let path = path.to_owned();
    move |source| SaveError::File { path, source }
}

/// Moves a file that nobody writes to, to another file system if need be.
fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_sparse(&File::open(from)?, to)?;
            fs::remove_file(from)
        }
        renamed => renamed,
    }
}
