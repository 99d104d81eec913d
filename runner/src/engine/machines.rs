//! The way in which the engine gets its machines.

use std::path::Path;

use vm::{LaunchError, Machine, MachineEvents, MachineSpec, Offers};

/// The way in which the engine gets its machines.
#[derive(Debug, Clone)]
pub(crate) enum Machines {
    /// Each is a QEMU.
    Qemu,
    /// Each follows this script, for tests of the engine.
    #[cfg(test)]
    Scripted(std::sync::Arc<vm::scripted::Script>),
}

impl Machines {
    /// Switches a machine of this description on. `folder` gets its logs.
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
