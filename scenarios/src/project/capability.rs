//! The capabilities that a scenario can require.

use crate::project::{DisplayDevice, Machine, Network};

/// A capability of a machine that a scenario may need: `requires: agent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// A channel for the guest agent, for `run` steps.
    Agent,
    /// A display, for every step that looks or clicks.
    Display,
    /// A network.
    Network,
    /// A TPM 2.0.
    Tpm,
}

impl Capability {
    /// All capabilities with their names in scenarios.
    pub(crate) const NAMES: &[(&'static str, Self)] = &[
        ("agent", Self::Agent),
        ("display", Self::Display),
        ("network", Self::Network),
        ("tpm", Self::Tpm),
    ];

    /// Returns the name in scenarios.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Display => "display",
            Self::Network => "network",
            Self::Tpm => "tpm",
        }
    }

    /// Returns true if `machine` has it.
    #[must_use]
    pub fn is_had_by(self, machine: &Machine) -> bool {
        if let Some(board) = &machine.board {
            return match self {
                Self::Agent | Self::Tpm => false,
                Self::Display => board.screen.is_some() || !board.general_hw.is_empty(),
                Self::Network => board.network,
            };
        }
        match self {
            Self::Agent => machine.agent,
            Self::Display => machine.display.device != Some(DisplayDevice::None),
            Self::Network => machine.network != Network::Off,
            Self::Tpm => machine.tpm,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_has_what_it_describes() {
        let mut machine = Machine::preset(Machine::DEFAULT_PRESET).unwrap();
        assert!(Capability::Agent.is_had_by(&machine));
        assert!(Capability::Display.is_had_by(&machine));
        machine.agent = false;
        machine.display.device = Some(DisplayDevice::None);
        machine.network = Network::Off;
        for &(name, capability) in Capability::NAMES {
            assert!(!capability.is_had_by(&machine), "{name}");
            assert_eq!(capability.name(), name);
        }
        machine.network = Network::User;
        assert!(Capability::Network.is_had_by(&machine));
        machine.tpm = true;
        assert!(Capability::Tpm.is_had_by(&machine));
    }
}
