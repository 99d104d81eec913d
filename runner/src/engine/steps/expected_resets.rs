//! Steps with `resets` or `powers_off`: the number of restarts that they expect, or a power-off.
//!
//! ```text
//! looks:    resets --> the look         --------------------> powered off
//! actions:             the action       --> resets ---------> powered off
//! groups:              the inner steps  --> resets came? no --> failed
//! ```
//!
//! `see` and other looks wait for the restarts first, because the screen before the last restart is old. `click` and
//! other actions act first, because they cause the restarts. The deadline of the step covers all of it. One reset too
//! many ends the step at once.

use std::time::Duration;

use reports::CauseKind;
use scenarios::{Action, PlannedStep, RenderedStep};

use crate::engine::attempt::Attempt;
use crate::engine::bench::Bench;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The time that each reset adds to the default deadline: the deadline of `reboot`.
const RESET: Duration = Duration::from_secs(120);

/// The time that a power-off adds to it: the deadline of `shutdown`.
const POWER_OFF: Duration = Duration::from_secs(90);

/// The order of the resets and the verb of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// The resets come before the look.
    Before,
    /// The resets come after the action, which causes them.
    After,
    /// The resets come while inner steps run.
    Inside,
}

fn order(action: &Action) -> Order {
    match action {
        Action::See(_)
        | Action::Gone(_)
        | Action::Still(_)
        | Action::Changed(_)
        | Action::Screenshot(_) => Order::Before,
        // A `serial` step that sends text is an action; one that only waits is a look.
        Action::Serial(serial) if serial.send.is_none() => Order::Before,
        Action::Group(_) | Action::Include(_) | Action::Each(_) => Order::Inside,
        Action::Press(_)
        | Action::Hold(_)
        | Action::Type(_)
        | Action::Click(_)
        | Action::Move(_)
        | Action::Drag(_)
        | Action::Scroll(_)
        | Action::Serial(_)
        | Action::Run(_)
        | Action::Put(_)
        | Action::Get(_)
        | Action::Reboot(_)
        | Action::Shutdown
        | Action::Power(_)
        | Action::Media(_)
        | Action::Boot(_)
        | Action::Set(_)
        | Action::Assert(_)
        | Action::Note(_)
        | Action::SoftFail(_)
        | Action::Pause(_) => Order::After,
    }
}

/// Returns whether the step has `resets` or `powers_off`.
fn has_expectations(step: &RenderedStep) -> bool {
    step.resets.is_some() || step.powers_off
}

/// Returns the time that the expected resets and power-off add to the default deadline; none if they add nothing.
pub(super) fn added_time(step: &RenderedStep) -> Option<Duration> {
    if !has_expectations(step) || order(&step.action) == Order::Inside {
        return None;
    }
    let resets = step.resets.as_ref().map_or(0, scenarios::Resets::total);
    let off = if step.powers_off {
        POWER_OFF
    } else {
        Duration::ZERO
    };
    Some(RESET * resets + off).filter(|added| !added.is_zero())
}

impl Attempt<'_> {
    /// Runs a step together with the resets and the power-off that it expects.
    pub(super) async fn act(
        &mut self,
        step: &RenderedStep,
        planned: &PlannedStep,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        if !has_expectations(step) {
            return self.carry_out(step, planned, wait).await;
        }
        let ledger = self.bench().session()?.ledger();
        ledger.open(step.resets.clone(), step.powers_off);
        let result = self.with_expectations(step, planned, wait).await;
        if let Ok(session) = self.bench().session() {
            session.ledger().close();
        }
        result
    }

    /// Runs a step with `resets` or `powers_off`.
    async fn with_expectations(
        &mut self,
        step: &RenderedStep,
        planned: &PlannedStep,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        match order(&step.action) {
            Order::Before => {
                self.bench().await_resets(wait).await?;
                if step.resets.as_ref().is_some_and(|r| r.total() > 0) {
                    self.bench().session()?.search_serial_from_reset();
                }
                let held = self.carry_out(step, planned, wait).await?;
                self.bench().await_power_off(step, wait).await?;
                Ok(held)
            }
            Order::After => {
                let held = self.carry_out(step, planned, wait).await?;
                self.bench().await_resets(wait).await?;
                self.bench().await_power_off(step, wait).await?;
                Ok(held)
            }
            Order::Inside => {
                let held = self.carry_out(step, planned, wait).await?;
                // If only the first inner steps run, for a person, the missing resets may belong to the others.
                if !planned.is_cut() {
                    self.bench().refuse_too_few(wait).await?;
                }
                Ok(held)
            }
        }
    }
}

impl Bench<'_> {
    /// Waits until all expected resets came.
    async fn await_resets(&mut self, wait: &Wait) -> Result<(), Stop> {
        loop {
            // Fails in `session` or `wake` if there is no machine to wait for.
            let session = self.session()?;
            if session.ledger().has_all_resets() {
                return Ok(());
            }
            if wait.is_over() {
                let stop = self.too_few(&format!(" within {}", wait.words()))?;
                return Err(self.session()?.unless_unnoticed(stop, wait));
            }
            session.wake(Some(wait.deadline())).await?;
        }
    }

    /// Waits until the machine has powered itself off, if the step expects that.
    async fn await_power_off(&mut self, step: &RenderedStep, wait: &Wait) -> Result<(), Stop> {
        if !step.powers_off {
            return Ok(());
        }
        loop {
            let session = self.session()?;
            if session.ledger().is_off_as_expected() {
                return Ok(());
            }
            if wait.is_over() {
                let message = format!("the guest did not power off within {}", wait.words());
                let stop = Stop::failed(CauseKind::Deadline, message);
                return Err(session.unless_unnoticed(stop, wait));
            }
            session.wake(Some(wait.deadline())).await?;
        }
    }

    /// Fails if expected resets or the power-off are missing after the inner steps.
    async fn refuse_too_few(&mut self, wait: &Wait) -> Result<(), Stop> {
        if !self.session()?.is_over() {
            self.settle().await?;
        }
        let ledger = self.session()?.ledger();
        if !ledger.has_all_resets() {
            let stop = self.too_few("")?;
            return Err(self.session()?.unless_unnoticed(stop, wait));
        }
        if !ledger.is_off_as_expected() {
            let message = "the guest did not power off in any of the inner steps";
            let stop = Stop::failed(CauseKind::Deadline, message);
            return Err(self.session()?.unless_unnoticed(stop, wait));
        }
        Ok(())
    }

    /// Returns the failure for missing resets.
    fn too_few(&mut self, within: &str) -> Result<Stop, Stop> {
        let words = self.session()?.ledger().words();
        Ok(Stop::failed(
            CauseKind::Resets,
            format!("the machine did not restart as often as expected{within}: {words}"),
        ))
    }
}
