//! The capabilities of machines: everything that a machine may be able to do, known before it starts.
//!
//! ```text
//! MachineSpec, script, board --each backend states--> Capabilities --> plans: is a step possible?
//!                                                                 '--> handles: an operation that is not, is a Lack
//! ```
//!
//! The set is closed. A backend states each capability in a `match` without a wildcard, so that a new one is decided
//! for every backend.

use std::fmt;

use super::{ControlError, ControlErrorKind};

/// Something that a machine can do, or that can be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Its screen can be captured.
    Screen,
    /// Keys can be pressed.
    Keyboard,
    /// The pointer can be moved to exact places, and its buttons pressed.
    Pointer,
    /// It has a serial console that is read and written.
    Serial,
    /// It has a channel for an agent in the guest. Whether an agent uses it depends on the image.
    Agent,
    /// Its power button can be pressed.
    PowerButton,
    /// Its reset button can be pressed.
    Reset,
    /// It can be switched on when it is off.
    SwitchOn,
    /// Its power can be cut.
    PowerCut,
    /// Its processors can be stopped and continued.
    Pause,
    /// The medium in its drive for CDs can be changed.
    ChangeMedium,
    /// The disk that it starts from can be chosen.
    BootOrder,
    /// Its whole state can be saved.
    Save,
    /// Its processors tell whether they can still run.
    ProcessorState,
    /// It tells each restart as an event. Without that, restarts are found by their traces, such as serial text.
    ResetEvents,
    /// It tells a restart by its watchdog and one after a panic from other restarts.
    ResetCauses,
    /// It tells as an event that its guest has powered it off.
    PowerOffEvents,
}

/// A capability that a machine does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct Lack {
    /// The capability.
    pub capability: Capability,
    /// The advice on how to get it. None if there is no way.
    pub remedy: Option<&'static str>,
}

/// The capabilities of a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// In the order of [`Capability::ALL`]. The machine has all others.
    lacks: Vec<Lack>,
}

/// The statement of a backend about one capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stated {
    /// The machine has it.
    Has,
    /// The machine does not have it, and nothing helps.
    Lacks,
    /// The machine does not have it. This is the advice on how to get it.
    LacksUnless(&'static str),
}

impl Stated {
    /// Returns the statement that another set of capabilities makes.
    pub(crate) fn of(required: Result<(), Lack>) -> Self {
        match required {
            Ok(()) => Self::Has,
            Err(Lack { remedy, .. }) => remedy.map_or(Self::Lacks, Self::LacksUnless),
        }
    }
}

impl Capability {
    /// All capabilities.
    pub const ALL: [Self; 17] = [
        Self::Screen,
        Self::Keyboard,
        Self::Pointer,
        Self::Serial,
        Self::Agent,
        Self::PowerButton,
        Self::Reset,
        Self::SwitchOn,
        Self::PowerCut,
        Self::Pause,
        Self::ChangeMedium,
        Self::BootOrder,
        Self::Save,
        Self::ProcessorState,
        Self::ResetEvents,
        Self::ResetCauses,
        Self::PowerOffEvents,
    ];

    /// Returns the noun for messages: completes "the machine has no ...".
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Keyboard => "keyboard",
            Self::Pointer => "pointer for exact places",
            Self::Serial => "serial console",
            Self::Agent => "agent channel",
            Self::PowerButton => "power button",
            Self::Reset => "reset button",
            Self::SwitchOn => "switch to turn it on",
            Self::PowerCut => "switch to cut its power",
            Self::Pause => "way to pause it",
            Self::ChangeMedium => "drive for CDs",
            Self::BootOrder => "boot order that can be changed",
            Self::Save => "way to save it",
            Self::ProcessorState => "report of its processors' state",
            Self::ResetEvents => "report of its restarts",
            Self::ResetCauses => "report of why it restarts",
            Self::PowerOffEvents => "report that it is off",
        }
    }
}

impl Lack {
    /// Returns the lack of a capability that there is no way to get.
    pub(crate) const fn without_remedy(capability: Capability) -> Self {
        Self {
            capability,
            remedy: None,
        }
    }
}

impl Capabilities {
    /// Collects what a backend states about each capability.
    pub(crate) fn stated(state: impl Fn(Capability) -> Stated) -> Self {
        let lack = |capability| {
            let remedy = match state(capability) {
                Stated::Has => return None,
                Stated::Lacks => None,
                Stated::LacksUnless(remedy) => Some(remedy),
            };
            Some(Lack { capability, remedy })
        };
        Self {
            lacks: Capability::ALL.into_iter().filter_map(lack).collect(),
        }
    }

    /// Returns true if the machine has it.
    #[must_use]
    pub fn has(&self, capability: Capability) -> bool {
        self.require(capability).is_ok()
    }

    /// Requires a capability.
    ///
    /// # Errors
    /// The machine does not have it.
    pub fn require(&self, capability: Capability) -> Result<(), Lack> {
        let lack = self.lacks.iter().find(|lack| lack.capability == capability);
        lack.map_or(Ok(()), |lack| Err(*lack))
    }

    /// Returns all that the machine lacks.
    #[must_use]
    pub fn lacks(&self) -> &[Lack] {
        &self.lacks
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the machine has no {}", self.capability.noun())?;
        match self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl From<Lack> for ControlError {
    fn from(lack: Lack) -> Self {
        Self {
            kind: ControlErrorKind::Lacking(lack.capability),
            words: lack.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_machine_lacks_is_named_with_its_remedy() {
        let capabilities = Capabilities::stated(|capability| match capability {
            Capability::Agent => Stated::LacksUnless("set `agent: true` in its description"),
            Capability::Pause => Stated::Lacks,
            _ => Stated::Has,
        });
        let lacks = capabilities.lacks().iter().map(Lack::to_string);
        assert_eq!(
            lacks.collect::<Vec<_>>(),
            [
                "the machine has no agent channel; set `agent: true` in its description",
                "the machine has no way to pause it",
            ]
        );
        assert!(capabilities.has(Capability::Screen));
        assert!(!capabilities.has(Capability::Pause));
        let error = ControlError::from(capabilities.require(Capability::Pause).unwrap_err());
        assert_eq!(error.kind, ControlErrorKind::Lacking(Capability::Pause));
    }

    #[test]
    fn every_capability_is_listed_once() {
        let mut all = Capability::ALL.to_vec();
        all.sort();
        all.dedup();
        assert_eq!(all, Capability::ALL);
    }
}
