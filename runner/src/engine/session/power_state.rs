//! The power state of the machine, with all its transitions.
//!
//! ```text
//!  On --request, started_over, forget_request--> On
//!  On --powered_off--> Off
//!  On, Off, Broken --cut--> Cut
//!  On, Off --broke--> Broken
//! ```
//!
//! None of these states leads back to `On`: a machine that is switched on again gets a new session.

use tokio::time::Instant;

use reports::CauseKind;

use crate::engine::stop::Stop;

/// The power state of the machine.
#[derive(Debug)]
pub(in crate::engine) enum PowerState {
    /// It runs.
    On {
        /// The request of a step that the machine has not fulfilled yet.
        requested: Option<PowerRequest>,
        /// Until this moment, a reset by the guest counts as the BIOS's reaction to the last accepted reset.
        echo_until: Option<Instant>,
    },
    /// The guest has powered it off, as a step requested or expected.
    Off,
    /// A step cut its power.
    Cut,
    /// It cannot continue, for this reason.
    Broken(Stop),
}

/// The request of a step to the machine, with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::engine) enum PowerRequest {
    /// To restart.
    Restart(Instant),
    /// To power itself off.
    PowerOff(Instant),
}

impl Default for PowerState {
    /// Returns the state of a machine that was just switched on.
    fn default() -> Self {
        Self::On {
            requested: None,
            echo_until: None,
        }
    }
}

impl PowerState {
    /// Notes the request of a step. A machine that does not run ignores it.
    pub(super) fn request(&mut self, what: PowerRequest) {
        match self {
            Self::On { requested, .. } => *requested = Some(what),
            Self::Off | Self::Cut | Self::Broken(_) => {}
        }
    }

    /// Forgets the request: its step does not wait for the effect any more.
    pub(super) fn forget_request(&mut self) {
        match self {
            Self::On { requested, .. } => *requested = None,
            Self::Off | Self::Cut | Self::Broken(_) => {}
        }
    }

    /// Notes an accepted reset. `answers` is true if a step requested it. Until `echo`, the BIOS may reset the machine
    /// again.
    pub(super) fn started_over(&mut self, answers: bool, echo: Option<Instant>) {
        match self {
            Self::On {
                requested,
                echo_until,
            } => {
                if answers {
                    *requested = None;
                }
                *echo_until = echo.or(*echo_until);
            }
            Self::Off | Self::Cut | Self::Broken(_) => {}
        }
    }

    /// Notes an accepted power-off by the guest.
    pub(super) fn powered_off(&mut self) {
        match self {
            Self::On { .. } | Self::Off => *self = Self::Off,
            Self::Cut | Self::Broken(_) => {}
        }
    }

    /// Notes that a step cut the power.
    pub(super) fn cut(&mut self) {
        *self = Self::Cut;
    }

    /// Notes that the machine cannot continue, for this reason.
    pub(super) fn broke(&mut self, stop: Stop) {
        match self {
            Self::On { .. } | Self::Off | Self::Broken(_) => *self = Self::Broken(stop),
            // The process ends because its power was cut: that is expected.
            Self::Cut => {}
        }
    }

    /// Returns the request that is not fulfilled yet.
    pub(super) fn requested(&self) -> Option<PowerRequest> {
        match self {
            Self::On { requested, .. } => *requested,
            Self::Off | Self::Cut | Self::Broken(_) => None,
        }
    }

    /// Returns the time of a requested restart that has not come yet.
    pub(super) fn restart_requested(&self) -> Option<Instant> {
        match self.requested()? {
            PowerRequest::Restart(when) => Some(when),
            PowerRequest::PowerOff(_) => None,
        }
    }

    /// Returns the time of a requested power-off that has not come yet.
    pub(super) fn power_off_requested(&self) -> Option<Instant> {
        match self.requested()? {
            PowerRequest::PowerOff(when) => Some(when),
            PowerRequest::Restart(_) => None,
        }
    }

    /// Returns whether a reset by a silent guest counts as the BIOS's reaction to the last accepted reset.
    pub(super) fn echoes(&self) -> bool {
        match self {
            Self::On { echo_until, .. } => echo_until.is_some_and(|until| Instant::now() < until),
            Self::Off | Self::Cut | Self::Broken(_) => false,
        }
    }

    /// Returns whether the guest has powered the machine off.
    pub(super) fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }

    /// Succeeds while the machine can be waited for.
    ///
    /// # Errors
    /// It is broken, or its power is cut.
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

    /// Succeeds if the guest can be asked to restart or to power off.
    ///
    /// # Errors
    /// As [`check`](Self::check), or the guest has powered the machine off.
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
        power.request(PowerRequest::Restart(now));
        assert_eq!(
            (power.restart_requested(), power.power_off_requested()),
            (Some(now), None)
        );
        power.started_over(false, None);
        assert!(
            power.requested().is_some(),
            "a watchdog's reset is not what was requested for"
        );
        power.started_over(true, None);
        assert_eq!(power.requested(), None);
        power.request(PowerRequest::PowerOff(now));
        assert_eq!(
            (power.restart_requested(), power.power_off_requested()),
            (None, Some(now))
        );
        power.forget_request();
        assert_eq!(power.requested(), None);
    }

    #[test]
    fn a_machine_that_is_off_can_be_waited_for_and_not_asked() {
        let mut power = PowerState::default();
        power.request(PowerRequest::PowerOff(Instant::now()));
        power.powered_off();
        assert!(power.is_off() && power.check().is_ok());
        power.request(PowerRequest::Restart(Instant::now()));
        assert_eq!(power.requested(), None);
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
