//! The reason why a machine is left running after the last step of a part.

use super::look_limits::LookLimits;

/// The reason why a machine is left running after the last step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stay {
    /// A person inspects the machine, for this reason.
    Person(String),
    /// The machine is looked at: every screen is kept, until a person or a limit ends the look.
    Look(LookLimits),
}
