/// How a `reboot` is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RebootBy {
    /// The guest's own command.
    #[default]
    Guest,
    /// The machine's reset line.
    Reset,
}

/// `reboot`: restarts the machine and waits until it has been reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reboot {
    /// How.
    pub by: RebootBy,
}

/// `power`: the power button and what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// Switches on.
    On,
    /// Presses the power button, once.
    Off,
    /// Resets.
    Reset,
    /// Takes the power away.
    Cut,
}
