//! Steps that say how often the machine starts over while they run, or that it powers off.
//!
//! ```text
//! looks:    resets --> what is looked for --------------------> powered off
//! actions:             what is done       --> resets ---------> powered off
//! groups:              the steps inside   --> resets came? no --> failed
//! ```
//!
//! What a look finds before the last reset was there before it, and says nothing; what an action does is why the
//! machine starts over. All of it is in the step's deadline. One reset too many ends the step at once, wherever it is.

use std::time::Duration;

use reports::CauseKind;
use scenarios::{Action, PlannedStep, RenderedStep};

use crate::engine::attempt::Attempt;
use crate::engine::bench::Bench;
use crate::engine::held::Held;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// What a reset adds to a deadline that is not stated: as long as `reboot` may take.
const RESET: Duration = Duration::from_secs(120);

/// What powering off adds to it: as long as `shutdown` may take.
const POWER_OFF: Duration = Duration::from_secs(90);

/// Where the resets stand among what a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// First they come, then it looks.
    Before,
    /// It brings them about.
    After,
    /// They come while steps inside it run.
    Inside,
}

fn order(action: &Action) -> Order {
    match action {
        Action::See(_)
        | Action::Gone(_)
        | Action::Still(_)
        | Action::Changed(_)
        | Action::Screenshot(_) => Order::Before,
        // One that sends something does it to bring them about.
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

/// Whether the step says anything of the machine.
fn says(step: &RenderedStep) -> bool {
    step.resets.is_some() || step.powers_off
}

/// What is added to the time that the verb has by default, for what the step waits for besides.
pub(super) fn added_time(step: &RenderedStep) -> Option<Duration> {
    if !says(step) || order(&step.action) == Order::Inside {
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
    /// Carries out a step, with what it says of the machine.
    pub(super) async fn act(
        &mut self,
        step: &RenderedStep,
        planned: &PlannedStep,
        wait: &Wait,
    ) -> Result<Held, Stop> {
        if !says(step) {
            return self.carry_out(step, planned, wait).await;
        }
        let ledger = self.bench().session()?.ledger();
        ledger.open(step.resets.clone(), step.powers_off);
        let result = self.foreseen(step, planned, wait).await;
        if let Ok(session) = self.bench().session() {
            session.ledger().close();
        }
        result
    }

    async fn foreseen(
        &mut self,
        step: &RenderedStep,
        planned: &PlannedStep,
        wait: &Wait,
    ) -> Result<Held, Stop> {
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
                // Where a person has come to look at its first steps, nobody can say what the rest would have brought.
                if !planned.is_cut() {
                    self.bench().refuse_too_few().await?;
                }
                Ok(held)
            }
        }
    }
}

impl Bench<'_> {
    /// Waits until the machine has started over as often as the step says.
    async fn await_resets(&mut self, wait: &Wait) -> Result<(), Stop> {
        loop {
            // A machine whose power a step has cut has nothing to wait for.
            let session = self.session()?;
            if session.ledger().resets_have_come() {
                return Ok(());
            }
            if wait.is_over() {
                return Err(self.too_few(&format!(" within {}", wait.words()))?);
            }
            session.wake(Some(wait.deadline())).await?;
        }
    }

    /// Waits until the machine has powered itself off, where the step says that it does.
    async fn await_power_off(&mut self, step: &RenderedStep, wait: &Wait) -> Result<(), Stop> {
        if !step.powers_off {
            return Ok(());
        }
        loop {
            let session = self.session()?;
            if session.ledger().is_off_as_said() {
                return Ok(());
            }
            if wait.is_over() {
                let message = format!("the guest did not power off within {}", wait.words());
                return Err(Stop::failed(CauseKind::Deadline, message));
            }
            session.wake(Some(wait.deadline())).await?;
        }
    }

    /// What steps inside brought about has been brought about when they have ended.
    async fn refuse_too_few(&mut self) -> Result<(), Stop> {
        if !self.session()?.is_over() {
            self.settle().await?;
        }
        let ledger = self.session()?.ledger();
        if !ledger.resets_have_come() {
            return Err(self.too_few("")?);
        }
        if !ledger.is_off_as_said() {
            let message = "the guest did not power off in any of the steps inside";
            return Err(Stop::failed(CauseKind::Deadline, message));
        }
        Ok(())
    }

    fn too_few(&mut self, within: &str) -> Result<Stop, Stop> {
        let words = self.session()?.ledger().words();
        Ok(Stop::failed(
            CauseKind::Resets,
            format!("the machine did not start over as often as expected{within}: {words}"),
        ))
    }
}
