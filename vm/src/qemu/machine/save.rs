//! Saves a machine: its devices by migration, its memory and disks as files.

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
};

use super::{
    QemuMachine, SavedMachine, Saving, migration, run_files::copy_writable,
    shared_memory::SharedMemory,
};
use crate::{
    machine::{Capability, ControlError, Lack, Power, SaveError},
    qemu::{checkpoint::copy_sparse, firmware::FirmwareFiles},
};

/// The lack of a machine whose main memory is not in a file.
const NO_MEMORY_FILE: Lack = Lack::without_remedy(Capability::Save);

impl QemuMachine {
    /// See [`Machine::cannot_be_saved`](crate::Machine::cannot_be_saved).
    pub(crate) async fn cannot_be_saved(&self) -> Result<Option<SaveError>, ControlError> {
        if self.memory.is_none() {
            return Ok(Some(NO_MEMORY_FILE.into()));
        }
        let reasons = migration::blockers(&self.qmp).await?;
        Ok((!reasons.is_empty()).then_some(SaveError::Blocked(reasons)))
    }

    /// See [`Machine::save_unless`](crate::Machine::save_unless).
    pub(crate) async fn save_unless(
        &self,
        power: &Power,
        folder: &Path,
        given_up: impl Future<Output = ()>,
    ) -> Result<Saving, SaveError> {
        let saved = SavedMachine::in_folder(folder);
        let devices = tokio::select! {
            devices = self.write_devices(power, &saved) => devices,
            () = given_up => return Err(SaveError::GivenUp),
        };
        let written = match devices {
            Ok(memory) => self.write_files(saved, memory).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            // If even this is refused, the next command to the machine reports it.
            let _ = power.resume().await;
        }
        written
    }

    async fn write_devices(
        &self,
        power: &Power,
        saved: &SavedMachine,
    ) -> Result<Arc<SharedMemory>, SaveError> {
        let memory = Arc::clone(self.memory.as_ref().ok_or(NO_MEMORY_FILE)?);
        power.pause().await?;
        // Also flushes the data of the disks into their files.
        let written = migration::write_devices(&self.qmp, &saved.devices()).await;
        written.map_err(|error| SaveError::Devices {
            reason: error.to_string(),
        })?;
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
            // Last, since moved files are no longer in their place.
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

/// Moves a file that is not written to, if necessary to another file system.
fn move_file(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            copy_sparse(&File::open(from)?, to)?;
            fs::remove_file(from)
        }
        renamed => renamed,
    }
}
