//! A person looks into a scenario: the engine says when the step is reached, and leaves the machine running at the end.
//!
//! ```text
//! steps before --from--> told: "here is STEP" --> steps up to --until--> the machine runs, its screen is reachable
//!                                                                        '--Enter or a signal--> evidence as ever
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
    /// Returns what a machine of this attempt must offer, if it goes on to the stage `first`.
    pub(in crate::engine) fn offers(&self, first: usize) -> Offers {
        Offers {
            saving: self.engine.keep.is_some() || self.will_save(first),
            vnc: self.job.inspection.stays.is_some() || self.will_pause(),
        }
    }

    /// Returns whether somebody is there who can answer a `pause`, and the job has one.
    fn will_pause(&self) -> bool {
        let has_pause = |stage: &Stage| stage.steps.iter().any(has_pause);
        self.engine.interactive && self.job.stages.iter().any(has_pause)
    }

    /// Says that there is something to run before the step at which the person wants to look.
    pub(super) fn tell_way(&self, first: usize) {
        let Some(from) = &self.job.inspection.from else {
            return;
        };
        let is_there = self.job.stages.get(first).is_some_and(|stage| {
            let next = stage.steps.first();
            stage.scenario.name == self.job.own_name() && next.is_some_and(|next| next.id == *from)
        });
        if !is_there {
            self.note(&format!(
                "no checkpoint stands at step {from}: what is before it is run"
            ));
        }
    }

    /// Says that the step is reached at which the person wants to look.
    pub(super) fn tell_from(&self, step: &PlannedStep) {
        let is_judged = self.stage == self.job.own_name();
        if is_judged && self.job.inspection.from.as_ref() == Some(&step.id) {
            self.note(&format!(
                "step {} is reached: {}",
                step.id,
                step.written_line()
            ));
        }
    }

    /// Leaves the machine to a person until Enter is pressed or a signal comes: neither says anything about the
    /// scenario.
    pub(super) async fn stay(&mut self, why: &str) -> Result<(), Stop> {
        if self.bench().session.as_ref().is_none_or(Session::is_over) {
            self.note(&format!(
                "{why}; the machine is off: there is nothing to look at"
            ));
            return Ok(());
        }
        // Before anything is told: whoever reads it may end it at once.
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

    /// Waits at a `pause` step until Enter is pressed. Ctrl-C stops the run, as ever.
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
            self.note(&format!("nobody is there to pause for{said}"));
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
    /// Returns a sentence that says how a person gets to the screen.
    async fn reachable(&mut self) -> Result<String, Stop> {
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

    async fn leave_alone(&mut self, ended: impl Future<Output = ()>) -> Result<(), Stop> {
        match self.session()?.leave_alone(ended).await? {
            LookedAt::Ended => {}
            LookedAt::MachineGone => self.note("the machine ended while it was looked at"),
        }
        Ok(())
    }
}

fn has_pause(step: &PlannedStep) -> bool {
    step.step().action.verb() == scenarios::Verb::Pause || step.steps.iter().any(has_pause)
}

/// Returns whether a person is there who can press Enter and see why.
pub(crate) fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}
