//! The ways to start a machine that runs in QEMU.

use std::{path::Path, sync::Arc};

use super::{LaunchError, Offers, SavedMachine, blueprint::Blueprint};
use crate::{Machine, MachineEvents, MachineSpec, machine::Backend, qemu::qmp::Qmp};

impl Machine {
    /// Builds the machine of `spec` and starts it. Writes `serial0.log`, `qmp.log` and `qemu.args` to `folder` (and
    /// `swtpm.log` if there is a TPM), which is made if it does not exist. Overlays, firmware variables and TPM state
    /// of the run are kept there until the machine is shut down.
    ///
    /// The events begin before the machine's first instruction. Dropping the future ends what was started.
    ///
    /// # Errors
    /// See [`LaunchError`]. Nothing is left running.
    pub async fn launch(
        spec: &MachineSpec,
        folder: &Path,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        Self::launch_with(spec, folder, Offers::default()).await
    }

    /// Starts a machine as [`launch`](Self::launch) does, with extras.
    ///
    /// # Errors
    /// See [`LaunchError`]. Nothing is left running.
    pub async fn launch_with(
        spec: &MachineSpec,
        folder: &Path,
        offers: Offers,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let blueprint = Blueprint::draw(spec, folder.to_owned(), offers, None).await?;
        Arc::new(blueprint).start(None).await
    }

    /// Continues a saved machine, in a QEMU of its own. `spec` is that of the saved machine, with the medium and the
    /// boot order that it had when it was saved. A machine that was off stays off. Its writes are its own. A machine
    /// that offers to be saved begins with a copy of the saved memory, which takes some tenths of a second. Any other
    /// starts at once, and shares unchanged memory with all machines from the same save.
    ///
    /// # Errors
    /// See [`LaunchError`]. Nothing is left running. [`LaunchError::Saved`] means that the saved state is at fault.
    pub async fn restore(
        spec: &MachineSpec,
        folder: &Path,
        saved: &SavedMachine,
        offers: Offers,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let blueprint = Blueprint::draw(spec, folder.to_owned(), offers, Some(saved)).await?;
        Arc::new(blueprint).start(Some(saved)).await
    }

    /// Returns the control connection of its QEMU, for commands that the handles do not offer. None if it has no QEMU.
    #[must_use]
    pub fn qmp(&self) -> Option<&Qmp> {
        match &self.backend {
            Backend::Qemu(qemu) => Some(qemu.qmp()),
            Backend::Board(_) | Backend::Scripted(_) => None,
        }
    }
}
