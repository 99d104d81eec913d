//! The blueprint of a machine: all decisions before its QEMU starts.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, atomic::AtomicU64},
};

use super::{
    LaunchError, Offers, SavedMachine,
    lookup::Found,
    run_files::{RunFiles, absolute, file_error},
    spec_check::check,
};
use crate::{
    Firmware, MachineFacts, MachineSpec,
    machine::BackendFacts,
    qemu::{QemuFacts, command_line::CommandLine},
};

/// All decisions before QEMU starts. A second start of the same machine uses them again.
#[derive(Debug, Clone)]
pub(super) struct Blueprint {
    pub(super) spec: MachineSpec,
    pub(super) folder: PathBuf,
    pub(super) found: Found,
    pub(super) files: RunFiles,
    pub(super) offers: Offers,
    /// The numbers of frames continue over a second start.
    pub(super) generations: Arc<AtomicU64>,
}

impl Blueprint {
    /// Searches everything that the machine needs, and makes the files of the run.
    pub(super) async fn draw(
        spec: &MachineSpec,
        folder: PathBuf,
        offers: Offers,
        saved: Option<&SavedMachine>,
    ) -> Result<Self, LaunchError> {
        check(spec)?;
        let folder = absolute(&folder)?;
        fs::create_dir_all(&folder).map_err(file_error("create", &folder))?;
        let (spec, found) = {
            let spec = spec.clone();
            // Starts `qemu --version` and reads folders: some 20 ms.
            let look = tokio::task::spawn_blocking(move || {
                let found = Found::on_host(&spec);
                (spec, found)
            });
            look.await.map_err(|error| LaunchError::Spec {
                reason: format!("the search for QEMU broke off: {error}"),
            })?
        };
        let found = found?;
        let files = RunFiles::make(&folder, &spec, found.firmware.as_ref(), saved).await?;
        Ok(Self {
            spec,
            folder,
            found,
            files,
            offers,
            generations: Arc::default(),
        })
    }

    /// Returns the facts of the machine that runs with these arguments in this process.
    pub(super) fn facts(&self, command_line: &CommandLine, pid: u32) -> MachineFacts {
        let qemu = QemuFacts {
            machine_type: self.spec.machine_type().to_owned(),
            program: self.found.program.path.clone(),
            version: self.found.program.version,
            accel: self.found.accel.clone(),
            firmware: self.found.firmware.clone(),
            kernel: match &self.spec.firmware {
                Firmware::Kernel(boot) => Some(boot.kernel.clone()),
                Firmware::Uefi | Firmware::Bios => None,
            },
            args: command_line.args().to_owned(),
            pid,
        };
        MachineFacts {
            arch: self.spec.arch,
            cpu_model: self.spec.cpu_model_for(&self.found.accel).to_owned(),
            cpus: self.spec.cpus,
            memory_mib: self.spec.memory_mib,
            firmware: qemu.firmware_words(),
            backend: BackendFacts::Qemu(Box::new(qemu)),
        }
    }
}
