//! A person inspects a scenario: the engine announces the step, and leaves the machine running at the end.
//!
//! ```text
//! steps before --from--> note: "step is reached" --> steps until --until--> the machine runs, its screen is reachable
//!                                                                           '--Enter or a signal--> the usual end
//! ```

use std::io::IsTerminal;

use scenarios::PlannedStep;
use vm::Offers;

use crate::engine::attempt::Attempt;
use crate::engine::bench::Bench;
use crate::engine::session::{LookedAt, Session};
use crate::engine::stop::Stop;
use crate::enter::Enter;
use crate::failure::chain;
use crate::plan::Stage;

impl Attempt<'_> {
    /// Returns the features that the machine of this attempt must have if it runs the stages from `first` on.
    pub(in crate::engine) fn offers(&self, first: usize) -> Offers {
        Offers {
            saving: self.engine.keep.is_some() || self.will_save(first),
            vnc: self.job.inspection.stays.is_some() || self.will_pause(),
        }
    }

    /// Returns whether the job has a `pause` step and a person can answer it.
    fn will_pause(&self) -> bool {
        let has_pause = |stage: &Stage| stage.steps.iter().any(has_pause);
        self.engine.interactive && self.job.stages.iter().any(has_pause)
    }

    /// Notes that the steps before the `--from` step must run first, because no checkpoint is saved there.
    pub(super) fn note_steps_before(&self, first: usize) {
        let Some(from) = &self.job.inspection.from else {
            return;
        };
        let is_there = self.job.stages.get(first).is_some_and(|stage| {
            let next = stage.steps.first();
            stage.scenario.name == self.job.own_name() && next.is_some_and(|next| next.id == *from)
        });
        if !is_there {
            self.note(&format!(
                "no checkpoint was saved before step {from}: the steps before it run first"
            ));
        }
    }

    /// Notes that the `--from` step is reached.
    pub(super) fn note_step_reached(&self, step: &PlannedStep) {
        let is_judged = self.stage == self.job.own_name();
        if is_judged && self.job.inspection.from.as_ref() == Some(&step.id) {
            self.note(&format!(
                "step {} is reached: {}",
                step.id,
                step.written_line()
            ));
        }
    }

    /// Leaves the machine to a person until Enter is pressed or a signal comes. Neither of the two changes the verdict.
    pub(super) async fn stay(&mut self, why: &str) -> Result<(), Stop> {
        if self.bench().session.as_ref().is_none_or(Session::is_over) {
            self.note(&format!(
                "{why}; the machine is off: there is nothing to look at"
            ));
            return Ok(());
        }
        // Held before the note is written, because the reader may press Ctrl-C at once.
        let leave = self.engine.cancel.hold();
        let enter = Enter::on_terminal();
        let ends = match &enter {
            Some(_) => "Enter or Ctrl-C ends it",
            None => "Ctrl-C ends it",
        };
        let reachable = self.bench().reachable().await?;
        self.note(&format!("{why}; {reachable}; {ends}"));
        let ended = async {
            match enter {
                Some(mut enter) => tokio::select! {
                    () = leave.requested() => {}
                    () = enter.pressed() => {}
                },
                None => leave.requested().await,
            }
        };
        self.bench().leave_alone(ended).await
    }

    /// Waits at a `pause` step until Enter is pressed. Ctrl-C stops the run, as in every other step.
    pub(in crate::engine) async fn wait_for_person(
        &mut self,
        text: Option<&str>,
    ) -> Result<(), Stop> {
        let said = text.map_or_else(String::new, |text| format!(": {text}"));
        let enter = if self.engine.interactive {
            Enter::on_terminal()
        } else {
            None
        };
        let Some(mut enter) = enter else {
            self.note(&format!(
                "`pause` is skipped, because this run is not interactive{said}"
            ));
            return Ok(());
        };
        let reachable = self.bench().reachable().await?;
        self.note(&format!("paused{said}; {reachable}; Enter goes on"));
        self.saves = false;
        let mut cancel = self.engine.cancel.clone();
        let ended = async {
            tokio::select! {
                () = enter.pressed() => {}
                () = cancel.requested() => {}
            }
        };
        self.bench().leave_alone(ended).await?;
        if self.engine.cancel.is_requested() {
            return Err(Stop::cancelled());
        }
        Ok(())
    }
}

impl Bench<'_> {
    /// Returns a clause for people that says how to open the screen of the machine.
    pub(super) async fn reachable(&mut self) -> Result<String, Stop> {
        let session = self.session()?;
        let vnc = session.machine().vnc().await;
        Ok(match vnc {
            Ok(Some(address)) => {
                format!("the machine runs, and `vncviewer {address}` shows its screen")
            }
            Ok(None) => "the machine runs".to_owned(),
            Err(error) => format!(
                "the machine runs, but QEMU does not say where its screen is: {}",
                chain(&error)
            ),
        })
    }

    /// Waits until `ended` resolves or the machine ends; the machine's events are recorded and not judged.
    async fn leave_alone(&mut self, ended: impl Future<Output = ()>) -> Result<(), Stop> {
        match self.session()?.leave_alone(ended).await? {
            LookedAt::Ended => {}
            LookedAt::MachineGone => self.note("the machine ended during the inspection"),
        }
        Ok(())
    }
}

fn has_pause(step: &PlannedStep) -> bool {
    step.step().action.verb() == scenarios::Verb::Pause || step.steps.iter().any(has_pause)
}

/// Returns whether standard input and standard error are terminals, so that a person can read and press Enter.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
