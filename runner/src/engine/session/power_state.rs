//! The power of the machine, as the engine knows it. Every change of it is here.
//!
//! ```text
//!  On <--ask, started_over, forget--> On
//!  On --powered_off--> Off
//!  On, Off, Broken --cut--> Cut
//!  On, Off --broke--> Broken
//! ```
//!
//! None of these states leads back to `On`: a machine that is switched on again gets a new session.

use tokio::time::Instant;

use reports::CauseKind;

use crate::engine::stop::Stop;

/// The power of the machine.
#[derive(Debug)]
pub(in crate::engine) enum PowerState {
    /// It runs.
    On {
        /// What a step has asked of it and has not come about.
        asked: Option<Asked>,
        /// Until when resets by the guest are its BIOS's answer to the reset that was accepted last.
        echo_until: Option<Instant>,
    },
    /// Its guest has powered it off, as a step asked for or expected.
    Off,
    /// A step cut its power.
    Cut,
    /// It cannot go on, for this reason.
    Broken(Stop),
}

/// What a step has asked of the machine, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum Asked {
    /// That it starts over.
    Restart(Instant),
    /// That it powers itself off.
    PowerOff(Instant),
}

impl Default for PowerState {
    /// A machine that was just switched on.
    fn default() -> Self {
        Self::On {
            asked: None,
            echo_until: None,
        }
    }
}

impl PowerState {
    /// A step asks for something. Who is off hears nothing.
    pub(super) fn ask(&mut self, what: Asked) {
        match self {
            Self::On { asked, .. } => *asked = Some(what),
            Self::Off | Self::Cut | Self::Broken(_) => {}
        }
    }

    /// The step that asked for something does not wait for it any more.
    pub(super) fn forget(&mut self) {
        match self {
            Self::On { asked, .. } => *asked = None,
            Self::Off | Self::Cut | Self::Broken(_) => {}
        }
    }

    /// The machine started over, and may. `answers` tells whether that is what a step asked for; until `echo` its
    /// BIOS may do so again.
    pub(super) fn started_over(&mut self, answers: bool, echo: Option<Instant>) {
        match self {
            Self::On { asked, echo_until } => {
                if answers {
                    *asked = None;
                }
                *echo_until = echo.or(*echo_until);
            }
            Self::Off | Self::Cut | Self::Broken(_) => {}
        }
    }

    /// The guest powered the machine off, and may.
    pub(super) fn powered_off(&mut self) {
        match self {
            Self::On { .. } | Self::Off => *self = Self::Off,
            Self::Cut | Self::Broken(_) => {}
        }
    }

    /// A step cut the power.
    pub(super) fn cut(&mut self) {
        *self = Self::Cut;
    }

    /// The machine cannot go on.
    pub(super) fn broke(&mut self, stop: Stop) {
        match self {
            Self::On { .. } | Self::Off | Self::Broken(_) => *self = Self::Broken(stop),
            // What ends with its power is no news.
            Self::Cut => {}
        }
    }

    /// Returns what was asked and has not come about.
    pub(super) fn asked(&self) -> Option<Asked> {
        match self {
            Self::On { asked, .. } => *asked,
            Self::Off | Self::Cut | Self::Broken(_) => None,
        }
    }

    /// Returns when a restart was asked for that has not come about.
    pub(super) fn restart_asked(&self) -> Option<Instant> {
        match self.asked()? {
            Asked::Restart(when) => Some(when),
            Asked::PowerOff(_) => None,
        }
    }

    /// Returns when powering off was asked for that has not come about.
    pub(super) fn power_off_asked(&self) -> Option<Instant> {
        match self.asked()? {
            Asked::PowerOff(when) => Some(when),
            Asked::Restart(_) => None,
        }
    }

    /// Returns true if a reset by a guest that says nothing is an answer of its BIOS to the last one.
    pub(super) fn echoes(&self) -> bool {
        match self {
            Self::On { echo_until, .. } => echo_until.is_some_and(|until| Instant::now() < until),
            Self::Off | Self::Cut | Self::Broken(_) => false,
        }
    }

    /// Returns true if its guest has powered it off.
    pub(super) fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// Succeeds while the machine can be waited for.
    ///
    /// # Errors
    /// It cannot go on, or its power is cut.
    pub(super) fn check(&self) -> Result<(), Stop> {
        match self {
            Self::On { .. } | Self::Off => Ok(()),
            Self::Cut => Err(Stop::error(
                CauseKind::Scenario,
                "the machine's power is cut; a `power: on` step must come first",
            )),
            Self::Broken(stop) => Err(stop.clone()),
        }
    }

    /// Succeeds where the guest can be asked to restart or to power off.
    ///
    /// # Errors
    /// As [`check`](Self::check); or the guest has powered the machine off.
    pub(super) fn check_on(&self) -> Result<(), Stop> {
        match self {
            Self::Off => Err(Stop::error(
                CauseKind::Scenario,
                "the machine has powered itself off; a `power: on` step must come first",
            )),
            Self::On { .. } | Self::Cut | Self::Broken(_) => self.check(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reports::Verdict;

    use super::*;

    #[test]
    fn what_is_asked_comes_about_once() {
        let mut power = PowerState::default();
        let now = Instant::now();
        power.ask(Asked::Restart(now));
        assert_eq!(
            (power.restart_asked(), power.power_off_asked()),
            (Some(now), None)
        );
        power.started_over(false, None);
        assert!(
            power.asked().is_some(),
            "a watchdog's reset is not what was asked for"
        );
        power.started_over(true, None);
        assert_eq!(power.asked(), None);
        power.ask(Asked::PowerOff(now));
        assert_eq!(
            (power.restart_asked(), power.power_off_asked()),
            (None, Some(now))
        );
        power.forget();
        assert_eq!(power.asked(), None);
    }

    #[test]
    fn a_machine_that_is_off_can_be_waited_for_and_not_asked() {
        let mut power = PowerState::default();
        power.ask(Asked::PowerOff(Instant::now()));
        power.powered_off();
        assert!(power.is_off() && power.check().is_ok());
        power.ask(Asked::Restart(Instant::now()));
        assert_eq!(power.asked(), None);
        let refused = power.check_on().expect_err("it is off");
        assert_eq!(refused.verdict(), Verdict::Error);
    }

    #[test]
    fn a_cut_ends_what_was_and_the_end_that_follows_is_no_news() {
        let mut power = PowerState::default();
        power.broke(Stop::error(CauseKind::Harness, "it broke"));
        let words = |power: &PowerState| power.check().expect_err("over").cause().message.clone();
        assert_eq!(words(&power), "it broke");
        power.cut();
        power.broke(Stop::error(CauseKind::MachineExited, "QEMU ended"));
        power.powered_off();
        assert!(words(&power).starts_with("the machine's power is cut"));
        assert!(!power.is_off());
    }

    #[tokio::test(start_paused = true)]
    async fn resets_echo_for_a_while_only() {
        let mut power = PowerState::default();
        assert!(!power.echoes());
        power.started_over(true, Some(Instant::now() + Duration::from_secs(2)));
        power.started_over(true, None);
        assert!(power.echoes());
        tokio::time::advance(Duration::from_secs(2)).await;
        assert!(!power.echoes());
    }
}
