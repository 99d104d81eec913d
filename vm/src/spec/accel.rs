use super::Arch;

/// Which accelerator a machine asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Accel {
    /// KVM where it can work, else TCG.
    #[default]
    Auto,
    /// The processor's virtualisation; an error where it cannot work.
    Kvm,
    /// Emulation.
    Tcg,
}

/// The accelerator a machine gets, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccelChoice {
    /// The processor's virtualisation.
    Kvm,
    /// Emulation.
    Tcg {
        /// Why not KVM, a fragment such as "`/dev/kvm` cannot be opened: permission denied".
        because: String,
    },
}

/// KVM was asked for where it cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the machine asks for KVM, but {because}; use `accel: auto` to fall back to emulation")]
pub struct AccelError {
    /// Why it cannot work.
    pub because: String,
}

/// What of the host decides whether KVM can work. An openable `/dev/kvm` is not enough: hosts without hardware virtualisation
/// may have one, and real kernels die or hang on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KvmFacts {
    /// The host's own architecture, if a machine can have it.
    pub host: Option<Arch>,
    /// Whether `/proc/cpuinfo` lists `vmx` or `svm`; those exist on x86 only.
    pub virtualisation_flag: bool,
    /// What opening `/dev/kvm` for reading and writing came to; an error as its text.
    pub device: Result<(), String>,
}

impl KvmFacts {
    /// Looks at this host.
    #[must_use]
    pub fn of_host() -> Self {
        todo!()
    }
}

impl Accel {
    /// Decides for a guest of architecture `guest`.
    ///
    /// # Errors
    /// When KVM is asked for and cannot work.
    pub fn decide(self, guest: Arch, host: &KvmFacts) -> Result<AccelChoice, AccelError> {
        let _ = (guest, host);
        todo!()
    }
}

impl AccelChoice {
    /// QEMU's name of the accelerator.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg { .. } => "tcg",
        }
    }

    /// Why it was chosen, as a fragment for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Kvm => "the processor can virtualise and /dev/kvm opens",
            Self::Tcg { because } => because,
        }
    }
}
