//! The accelerator of a machine.

/// The accelerator that executes the guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accel {
    /// The processor if that works, else emulation.
    #[default]
    Auto,
    /// The processor. It is an error if that does not work.
    Kvm,
    /// Emulation.
    Tcg,
}

impl Accel {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("kvm", Self::Kvm), ("tcg", Self::Tcg)];
}
