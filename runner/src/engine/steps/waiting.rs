//! The wait of each verb: how long it may take where a step does not say so, and whether it can become hopeless.

use std::time::Duration;

use scenarios::{Action, Power, SerialWait, Target};

/// The way in which a step waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// It acts at once, or as long as the steps inside it.
    Not,
    /// It may wait so long, in seconds before scaling, for something that can come about even if the guest does nothing
    /// any more: a key that is pressed again may help, and what must not appear does not appear.
    For(u64),
    /// It may wait so long, in seconds before scaling, for something that only a guest that goes on can bring about.
    /// The wait is hopeless when the guest cannot go on any more (see [`hopeless`](crate::engine::hopeless)).
    ForGuest(u64),
}

impl Waiting {
    /// Returns how a step with this action waits.
    pub(super) fn of(action: &Action) -> Self {
        match action {
            Action::See(_) => Self::ForGuest(30),
            Action::Gone(_) | Action::Still(_) => Self::For(30),
            Action::Changed(_) => Self::For(10),
            Action::Press(press) if press.until.is_some() => Self::For(60),
            Action::Press(press) if press.when_still.is_some() => Self::For(30),
            Action::Type(text) if text.when_still.is_some() => Self::For(30),
            Action::Click(click) if click.until.is_some() => Self::For(60),
            Action::Click(click) if looks_for(&click.target) => Self::ForGuest(30),
            Action::Move(to) if looks_for(&to.target) => Self::For(30),
            Action::Drag(drag) if looks_for(&drag.from) || looks_for(&drag.to) => Self::For(30),
            Action::Scroll(scroll) if scroll.target.as_ref().is_some_and(looks_for) => {
                Self::For(30)
            }
            Action::Serial(serial) => match &serial.wait {
                Some(SerialWait::Appears { .. }) => Self::ForGuest(90),
                Some(SerialWait::Absent { .. }) | None => Self::Not,
            },
            Action::Run(_) => Self::ForGuest(90),
            Action::Reboot(_) => Self::For(120),
            Action::Shutdown | Action::Power(Power::On) => Self::For(90),
            Action::Screenshot(_)
            | Action::Press(_)
            | Action::Hold(_)
            | Action::Type(_)
            | Action::Click(_)
            | Action::Move(_)
            | Action::Drag(_)
            | Action::Scroll(_)
            | Action::Power(Power::Off | Power::Reset | Power::Cut)
            | Action::Media(_)
            | Action::Boot(_)
            | Action::Group(_)
            | Action::Include(_)
            | Action::Each(_)
            | Action::Set(_)
            | Action::Assert(_)
            | Action::Note(_)
            | Action::SoftFail(_)
            | Action::Pause(_) => Self::Not,
        }
    }

    /// Returns how long the step may take when it does not say so, before scaling; none for steps that do not wait.
    pub(super) fn deadline(self) -> Option<Duration> {
        match self {
            Self::Not => None,
            Self::For(seconds) | Self::ForGuest(seconds) => Some(Duration::from_secs(seconds)),
        }
    }

    /// Returns whether the step waits for something that a guest in a hopeless state cannot bring about any more.
    pub(super) fn can_be_hopeless(self) -> bool {
        match self {
            Self::ForGuest(_) => true,
            Self::Not | Self::For(_) => false,
        }
    }
}

fn looks_for(target: &Target) -> bool {
    match target {
        Target::Needle { .. } => true,
        Target::At { .. } => false,
    }
}
