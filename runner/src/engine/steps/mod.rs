//! Runs the verbs of steps. Each family of verbs has a file.

mod answer;
mod expected_resets;
mod files;
mod gone;
mod input;
mod look;
mod media;
mod pointer;
mod power;
mod power_serial;
mod record;
mod run;
mod run_serial;
mod serial;
mod shell_command;
mod still;
mod structure;
mod until;
mod waiting;

use std::time::Duration;

use scenarios::{Action, Hold, PlannedStep, RebootBy, RenderedStep, Run};
use vm::Capability;

use crate::engine::attempt::Attempt;
use crate::engine::session::ConfirmedResult;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;
use crate::guest_way::GuestWay;

use shell_command::{ShellAnswer, ShellCommand};
use waiting::Waiting;

/// Returns how long the condition of a step must last. This time is not scaled, and is added to the default deadline.
fn required_stay(action: &Action) -> Duration {
    match action {
        Action::See(see) => see.stays.unwrap_or_default(),
        Action::Still(still) => still.stays,
        Action::Gone(_)
        | Action::Changed(_)
        | Action::Screenshot(_)
        | Action::Press(_)
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
        | Action::Group(_)
        | Action::Include(_)
        | Action::Each(_)
        | Action::Set(_)
        | Action::Assert(_)
        | Action::Note(_)
        | Action::SoftFail(_)
        | Action::Pause(_) => Duration::ZERO,
    }
}

/// The longest time that a step may still take to end by itself after the user stopped the run.
const STEP_ENDS: Duration = Duration::from_millis(300);

impl Attempt<'_> {
    /// Returns how long a step may take on this machine; none for a step without a deadline.
    pub(super) fn deadline(&self, step: &RenderedStep) -> Option<Duration> {
        let own = Waiting::of(&step.action).deadline();
        let added = expected_resets::added_time(step);
        let by_default = match (own, added) {
            (Some(own), Some(added)) => Some(own + added),
            (own, added) => own.or(added),
        };
        let by_default = by_default
            .map(|stated| self.benches.default().scale.apply(stated) + required_stay(&step.action));
        let stated = step
            .within
            .map(|stated| self.benches.default().scale.apply(stated));
        stated.or(by_default)
    }

    /// Runs a step within this limit, and confirms its result.
    pub(super) async fn perform(
        &mut self,
        step: &RenderedStep,
        planned: &PlannedStep,
        limit: Option<Duration>,
    ) -> ConfirmedResult {
        let switched_off = self.switched_off.clone();
        let bench = self.bench();
        let starvation = bench
            .session
            .as_ref()
            .map(|session| session.machine().starvation().clone());
        // Without a machine nothing takes time from the step.
        let wait = Wait::new(limit, starvation.unwrap_or_default());
        if let Some(session) = &mut bench.session
            && Waiting::of(&step.action).can_be_hopeless()
        {
            session.begin_hopeless_check(switched_off, &bench.folder);
        }
        let mut cancel = self.engine.cancel.clone();
        // Searches, helper programs and answers of the guest do not react to Ctrl-C by themselves.
        let result = tokio::select! {
            biased;
            done = self.act(step, planned, &wait) => done,
            () = cancel.overdue(STEP_ENDS) => Err(Stop::cancelled()),
        };
        self.take_matched();
        let result = result.and_then(|held| self.save_value(held));
        match &mut self.bench().session {
            Some(session) => {
                session.end_hopeless_check(result.is_ok());
                session.confirm_result(result).await
            }
            None => ConfirmedResult::without_machine(result),
        }
    }

    /// Sets the variable in which the step saves a value.
    fn save_value(&mut self, mut held: StepOutput) -> Result<StepOutput, Stop> {
        if let Some((name, value)) = held.saved.take() {
            self.keep_value(&name, value)?;
        }
        Ok(held)
    }

    /// Runs the verb of a step.
    async fn carry_out(
        &mut self,
        step: &RenderedStep,
        planned: &PlannedStep,
        wait: &Wait,
    ) -> Result<StepOutput, Stop> {
        match &step.action {
            Action::See(see) => self.bench().see(see, wait).await,
            Action::Gone(gone) => self.bench().gone(&gone.needle, wait).await,
            Action::Still(still) => self.bench().still(still, wait).await,
            Action::Changed(changed) => self.bench().changed(changed, wait).await,
            Action::Screenshot(screenshot) => self.bench().screenshot(screenshot).await,
            Action::Press(press) => self.bench().press(press, wait).await,
            Action::Hold(hold) => self.hold(hold, &planned.steps).await,
            Action::Type(text) => self.bench().type_text(text, wait).await,
            Action::Click(click) => self.bench().click(click, wait).await,
            Action::Move(to) => self.bench().move_to(&to.target, wait).await,
            Action::Drag(drag) => self.bench().drag(drag, wait).await,
            Action::Scroll(scroll) => self.bench().scroll(scroll, wait).await,
            Action::Serial(serial) => self.bench().serial(serial, wait).await,
            Action::Run(run) => self.run_command(run, wait).await,
            Action::Put(put) => self.put_file(put, &step.action.line(), wait).await,
            Action::Get(get) => self.get_file(get, &step.action.line(), wait).await,
            Action::Reboot(reboot) => self.reboot(reboot.by, wait).await,
            Action::Shutdown => self.shutdown(wait).await,
            Action::Power(power) => self.bench().power(*power, wait).await,
            Action::Media(media) => self.bench().media(media).await,
            Action::Boot(boot) => self.bench().boot(boot).await,
            Action::Group(group) => self.group(group, step, &planned.steps).await,
            Action::Include(_) | Action::Each(_) => self
                .steps(&planned.steps)
                .await
                .map(|()| StepOutput::default()),
            Action::Set(set) => self.set(set),
            Action::Assert(assert) => self.assert(assert, planned),
            Action::Note(note) => {
                self.note(note.text.shown());
                Ok(StepOutput::default())
            }
            Action::SoftFail(soft_fail) => self.soft_fail(soft_fail),
            Action::Pause(pause) => {
                let text = pause.text.as_ref().map(|text| text.shown().to_owned());
                self.wait_for_person(text.as_deref())
                    .await
                    .map(|()| StepOutput::default())
            }
        }
    }

    /// Holds keys down for a time, or while the inner steps run.
    async fn hold(&mut self, hold: &Hold, steps: &[PlannedStep]) -> Result<StepOutput, Stop> {
        let keys = self.bench().hold(hold).await?;
        let result = self.steps(steps).await;
        // No key may stay down, even if a step failed.
        let released = self.bench().release(&keys).await;
        result.and(released).map(|()| StepOutput::default())
    }

    /// Restarts the machine. A guest without a channel for an agent is asked in a shell on its serial line.
    async fn reboot(&mut self, by: RebootBy, wait: &Wait) -> Result<StepOutput, Stop> {
        match by {
            RebootBy::Guest if self.bench().lacks(&[Capability::Agent])? => {
                let login = run_serial::serial_login(&self.job.machine, &self.vars)?;
                self.bench().reboot_over_serial(login, wait).await
            }
            RebootBy::Guest | RebootBy::Reset => self.bench().reboot(by, wait).await,
        }
    }

    /// Powers the guest off. A guest with neither a channel for an agent nor a power button is asked in a shell on its
    /// serial line.
    async fn shutdown(&mut self, wait: &Wait) -> Result<StepOutput, Stop> {
        let ways = [Capability::Agent, Capability::PowerButton];
        match self.bench().lacks(&ways)? {
            true => {
                let login = run_serial::serial_login(&self.job.machine, &self.vars)?;
                self.bench().shutdown_over_serial(login, wait).await
            }
            false => self.bench().shutdown(wait).await,
        }
    }

    /// Runs a command in the guest, through its agent or over the serial line.
    async fn run_command(&mut self, run: &Run, wait: &Wait) -> Result<StepOutput, Stop> {
        let way = GuestWay::of(run.over, &self.job.machine);
        let answer = self.run_in_guest(way, &ShellCommand::of(run), wait).await?;
        run::take_answer(run, &answer)
    }

    /// Runs a command line in the guest.
    async fn run_in_guest(
        &mut self,
        way: GuestWay,
        command: &ShellCommand<'_>,
        wait: &Wait,
    ) -> Result<ShellAnswer, Stop> {
        match way {
            GuestWay::Agent => self.bench().run_by_agent(command, wait).await,
            GuestWay::Serial => {
                let login = run_serial::serial_login(&self.job.machine, &self.vars)?;
                self.bench().run_over_serial(command, login, wait).await
            }
        }
    }
}
