/// Who executes the guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accel {
    /// The processor where that really works, else emulation.
    #[default]
    Auto,
    /// The processor; an error where that does not work.
    Kvm,
    /// Emulation.
    Tcg,
}

impl Accel {
    pub(super) const NAMES: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("kvm", Self::Kvm), ("tcg", Self::Tcg)];
}
