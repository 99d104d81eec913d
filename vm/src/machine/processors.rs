//! Tells whether the guest's processors can still run.

use crate::qemu::QemuProcessors;

/// The state of the guest's processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessorState {
    /// One of them runs, or waits for an interrupt that it would take.
    Alive,
    /// All have halted with interrupts off. Only a reset, an NMI or the like continues the guest.
    Halted,
    /// The backend cannot tell.
    Unknown,
}

/// The processors of a running machine. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Processors(Option<QemuProcessors>);

impl Processors {
    /// Returns the processors of a QEMU.
    pub(crate) fn of_qemu(processors: QemuProcessors) -> Self {
        Self(Some(processors))
    }

    /// Returns processors of unknown state.
    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    /// Returns their state now.
    pub async fn state(&self) -> ProcessorState {
        match &self.0 {
            Some(processors) => processors.state().await,
            None => ProcessorState::Unknown,
        }
    }
}
