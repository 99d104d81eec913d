//! The ways to get a machine that runs in QEMU.

use std::{path::Path, sync::Arc};

use super::{LaunchError, Offers, SavedMachine, blueprint::Blueprint};
use crate::{Machine, MachineEvents, MachineSpec, machine::Backend, qemu::qmp::Qmp};

impl Machine {
    /// Builds the machine of `spec` and starts it. `folder` (made if not there) gets `serial0.log`, `qmp.log` and
    /// `qemu.args` (and `swtpm.log` where there is a TPM); overlays, firmware variables and TPM state of the run are
    /// kept in it until the machine is shut down.
    ///
    /// The events begin before the machine's first instruction. Dropping the future ends what was started.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running.
    pub async fn launch(
        spec: &MachineSpec,
        folder: &Path,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        Self::launch_with(spec, folder, Offers::default()).await
    }

    /// As [`launch`](Self::launch), so that more can be done with the machine.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running.
    pub async fn launch_with(
        spec: &MachineSpec,
        folder: &Path,
        offers: Offers,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let blueprint = Blueprint::draw(spec, folder.to_owned(), offers, None).await?;
        Arc::new(blueprint).start(None).await
    }

    /// Lets a saved machine go on, in a QEMU of its own; `spec` is that of the saved one, with the medium and the boot
    /// order that it had when it was saved. One that was off stays off. What it writes stays its own. One that offers
    /// to be saved begins with a copy of the saved memory, which takes some tenths of a second; any other starts at
    /// once and shares what it does not write with all machines that were started from the same.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running. [`LaunchError::Saved`] tells that the saved state is to blame.
    pub async fn restore(
        spec: &MachineSpec,
        folder: &Path,
        saved: &SavedMachine,
        offers: Offers,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let blueprint = Blueprint::draw(spec, folder.to_owned(), offers, Some(saved)).await?;
        Arc::new(blueprint).start(Some(saved)).await
    }

    /// Returns the control connection of its QEMU, for what the handles do not offer; none if it is no QEMU.
    #[must_use]
    pub fn qmp(&self) -> Option<&Qmp> {
        match &self.backend {
            Backend::Qemu(qemu) => Some(qemu.qmp()),
            Backend::Scripted(_) => None,
        }
    }
}
