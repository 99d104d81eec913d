//! The wait of each verb: its default deadline, and whether it can become hopeless.

use std::time::Duration;

use scenarios::{Action, Power, SerialWait, Target};

/// The kind of wait of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waiting {
    /// No wait of its own: the step acts at once, or takes as long as its inner steps.
    Not,
    /// A wait of this many seconds, before scaling, that can succeed even if the guest hangs: another key press may
    /// help, or something must not appear.
    For(u64),
    /// A wait of this many seconds, before scaling, that needs a running guest. It is hopeless if the guest cannot
    /// continue (see [`diagnosis`](crate::engine::diagnosis)).
    ForGuest(u64),
}

impl Waiting {
    /// Returns the kind of wait of a step with this action.
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
            // The largest file of a serial line takes at least three minutes at 115200 baud.
            Action::Put(_) | Action::Get(_) => Self::ForGuest(300),
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

    /// Returns the default deadline before scaling; none for steps that do not wait.
    pub(super) fn deadline(self) -> Option<Duration> {
        match self {
            Self::Not => None,
            Self::For(seconds) | Self::ForGuest(seconds) => Some(Duration::from_secs(seconds)),
        }
    }

    /// Returns whether the wait needs a running guest, and so can become hopeless.
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
