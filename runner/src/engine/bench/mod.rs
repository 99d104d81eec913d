//! A bench: one machine of a scenario, with its session, its time scale and its evidence.
//!
//! A bench outlives its machine: a machine that is switched on again, or restored after it was saved, uses the same
//! bench. [`Attempt`](super::attempt::Attempt) holds everything that belongs to the scenario.

mod benches;
mod evidence;
mod file_keeper;
mod film;
mod frame_keeper;
mod input_action;
mod journal_position;
mod last_round;
mod launch;
mod nearest;
mod serial_record;

use std::path::PathBuf;
use std::sync::Arc;

use needles::Needle;
use reports::{CauseKind, Event, FrameRef};
use scenarios::Keyboard;
use tokio::time::Instant;
use vm::checkpoint::Lease;

use crate::deadline::Scale;
use crate::engine::session::{Session, Wake};
use crate::engine::shared::Engine;
use crate::engine::stop::Stop;
use crate::engine::watches::JournalPosition;
use crate::plan::Job;
use crate::recorder::Recorder;
use film::Film;
use frame_keeper::FrameKeeper;
use input_action::InputAction;
use nearest::Nearest;
use serial_record::SerialRecord;

pub(super) use benches::Benches;

/// One machine of a scenario, with everything that the engine keeps about it.
#[derive(Debug)]
pub(super) struct Bench<'e> {
    pub(super) engine: &'e Engine,
    pub(super) job: &'e Job,
    /// Writes events to the log of the attempt.
    pub(super) recorder: Recorder,
    /// The session of the machine; none before it is launched and after it is ended.
    pub(super) session: Option<Session>,
    /// The factor of deadlines on this machine.
    pub(super) scale: Scale,
    /// The folder of its logs and its evidence.
    pub(super) folder: PathBuf,
    /// The checkpoint that its machine was started from; none if it was switched on.
    pub(super) base_checkpoint: Option<Arc<Lease>>,
    /// The last frame of a machine that was saved and has ended.
    pub(super) saved_frame: Option<FrameRef>,
    /// The position to which the previous stage has read the journal; none if that is unknown.
    pub(super) journal_position: Option<JournalPosition>,
    /// The keyboard layout for the steps of the stage.
    pub(super) keyboard: Keyboard,
    /// The number of the step that runs, such as `3.1`.
    pub(super) at_step: String,
    /// The needles that steps matched since [`take_matched`](Self::take_matched) was called last.
    matched: Vec<Arc<Needle>>,
    /// The folder of the attempt, relative to the folder of the run.
    attempt_folder: String,
    keeper: FrameKeeper,
    film: Film,
    /// The record of the serial console; none while no machine runs.
    serial_record: Option<SerialRecord>,
    nearest: Nearest,
    /// The number of machines so far; tells the frames of one machine from those of the next.
    machine_number: u32,
    /// The last action with keyboard or pointer, until it is in the event log.
    last_action: Option<InputAction>,
    /// True if the attempt has noted that the keyboard does not confirm typed text; the note is written once.
    pub(super) noted_unconfirmed_typing: bool,
}

impl<'e> Bench<'e> {
    /// Makes a bench without a machine. Its files go to `attempt_folder`, a path inside the folder of the run.
    pub(super) fn new(
        engine: &'e Engine,
        job: &'e Job,
        recorder: Recorder,
        attempt_folder: String,
    ) -> Self {
        let run = engine.folder.path();
        Self {
            engine,
            job,
            recorder,
            session: None,
            scale: Scale::new(true, None),
            folder: run.join(&attempt_folder),
            base_checkpoint: None,
            saved_frame: None,
            journal_position: None,
            keyboard: Keyboard::default(),
            at_step: String::new(),
            matched: Vec::new(),
            keeper: FrameKeeper::new(run, attempt_folder.clone()),
            film: Film::new(run, &attempt_folder),
            serial_record: None,
            nearest: Nearest::default(),
            attempt_folder,
            machine_number: 0,
            last_action: None,
            noted_unconfirmed_typing: false,
        }
    }

    /// Begins to film the screen of the machine, and to record its serial console from a position on.
    pub(super) fn roll_film(&mut self, serial_from: u64) {
        if let Some(session) = &self.session {
            let machine = session.machine();
            self.film
                .roll(machine.screen().watch(), self.recorder.clone());
            let serial = machine.serial().clone();
            let before = self.serial_record.take();
            let record = SerialRecord::begin(before, serial, serial_from, self.recorder.clone());
            self.serial_record = Some(record);
        }
    }

    /// Ends the film and the record of the serial console: everything is in the event log.
    pub(super) async fn stop_film(&mut self) {
        self.film.stop().await;
        if let Some(record) = self.serial_record.take() {
            record.stop().await;
        }
    }

    /// Returns the running machine.
    ///
    /// # Errors
    /// The machine is off or ended.
    pub(super) fn session(&mut self) -> Result<&mut Session, Stop> {
        self.session.as_mut().ok_or_else(|| {
            Stop::error(
                CauseKind::Scenario,
                "the machine is off; a `power: on` step must come first",
            )
        })
    }

    /// Judges all events of the machine until now.
    ///
    /// # Errors
    /// The machine broke or a watch was breached: it must not be saved or changed like a good one.
    pub(super) async fn settle(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        let session = self.session()?;
        while session.wake(Some(now)).await? != Wake::Deadline {}
        Ok(())
    }

    /// Notes that a step matched a needle and continued.
    pub(super) fn matched(&mut self, needle: &Arc<Needle>) {
        self.matched.push(Arc::clone(needle));
    }

    /// Returns the needles that steps matched since the last call, oldest first.
    pub(super) fn take_matched(&mut self) -> Vec<Arc<Needle>> {
        std::mem::take(&mut self.matched)
    }

    /// Records a remark.
    pub(super) fn note(&self, text: &str) {
        self.recorder.record(Event::Note {
            text: text.to_owned(),
        });
    }
}
