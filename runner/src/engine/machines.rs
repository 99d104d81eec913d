//! The source of the engine's machines: QEMU, or a script in tests.

use std::path::Path;

use vm::{LaunchError, Machine, MachineEvents, MachineSpec, Offers};

/// The source of the engine's machines.
#[derive(Debug, Clone)]
pub(crate) enum Machines {
    /// Each machine is a QEMU process.
    Qemu,
    /// Each machine follows this script, for tests of the engine.
    #[cfg(test)]
    Scripted(std::sync::Arc<vm::scripted::Script>),
}

impl Machines {
    /// Switches on a machine of this description. Its logs go to `folder`.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running.
    pub(super) async fn launch(
        &self,
        spec: &MachineSpec,
        folder: &Path,
        offers: Offers,
    ) -> Result<(Machine, MachineEvents), LaunchError> {
        match self {
            Self::Qemu => Machine::launch_with(spec, folder, offers).await,
            #[cfg(test)]
            Self::Scripted(script) => {
                Machine::scripted(spec, std::sync::Arc::clone(script), folder)
            }
        }
    }
}
