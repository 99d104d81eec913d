//! A restart that was seen, and whether it counts.

/// The longest sign that is reported, in characters.
const LONGEST_SIGN: usize = 120;

/// A restart that was seen on the serial line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SeenRestart {
    /// The text that tells it, at most 120 characters.
    pub(crate) sign: String,
    /// The stage that began: `first stage`, `TPL`, `SPL`, `OpenSBI`, `U-Boot`, `UEFI`, `GRUB`, `kernel`, or `pattern`
    /// of a user's pattern. `kernel` without firmware before it may be the kernel alone (kexec).
    pub(crate) stage: &'static str,
    /// The number of bytes of the serial line before the line of text with the sign.
    pub(crate) position: u64,
    /// Tells whether it counts.
    pub(crate) certainty: Certainty,
}

/// Tells whether a restart counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// It counts.
    Certain,
    /// It may be something else, and does not count. If it is decided later, it is reported once more, as certain and
    /// with the same position.
    Doubtful(Doubt),
}

/// The reason why a sign may be no restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// A command was running: it may have printed it.
    Printed,
    /// A boot loader may have started this stage again.
    Chained,
    /// The sign does not have its usual form.
    Form,
    /// A system was running that may have printed it.
    Running,
}

impl Doubt {
    /// Returns the reason, as a lowercase fragment.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Printed => "a command was running on the serial line and may have printed it",
            Self::Chained => "a boot loader may have started it without a restart",
            Self::Form => "it does not stand alone as usual",
            Self::Running => "the system was running and may have printed it",
        }
    }
}

impl SeenRestart {
    pub(super) fn new(
        text: &str,
        stage: &'static str,
        position: u64,
        certainty: Certainty,
    ) -> Self {
        Self {
            sign: text.trim().chars().take(LONGEST_SIGN).collect(),
            stage,
            position,
            certainty,
        }
    }
}
