//! One machine of a scenario: what runs on it, how time counts there, and the evidence that is kept of it.
//!
//! A bench outlives its machine: a machine that is switched off, or saved and started again, stands on the same bench.
//! Everything that belongs to the scenario and not to a machine is in [`Attempt`](super::attempt::Attempt).

mod acted;
mod benches;
mod evidence;
mod frame_keeper;
mod journal_place;
mod last_round;
mod launch;

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
use crate::engine::watches::Since;
use crate::plan::Job;
use crate::recorder::Recorder;
use acted::Acted;
use frame_keeper::FrameKeeper;

pub(super) use benches::Benches;

/// One machine of a scenario.
#[derive(Debug)]
pub(super) struct Bench<'e> {
    pub(super) engine: &'e Engine,
    pub(super) job: &'e Job,
    /// Its events go to the log of the attempt.
    pub(super) recorder: Recorder,
    /// The machine, while there is one.
    pub(super) session: Option<Session>,
    /// How deadlines scale on it.
    pub(super) scale: Scale,
    /// Where its logs and its evidence go.
    pub(super) folder: PathBuf,
    /// The checkpoint that its machine goes back to.
    pub(super) ground: Option<Arc<Lease>>,
    /// The last picture of a machine that was saved.
    pub(super) saved_frame: Option<FrameRef>,
    /// Up to where the journal was read before the stage that comes next.
    pub(super) journal_place: Option<Since>,
    /// The keyboard that the steps of the stage type on.
    pub(super) keyboard: Keyboard,
    /// The step that runs, such as `3.1`.
    pub(super) at_step: String,
    /// The needles that steps went on with since the scenario took them last.
    matched: Vec<Arc<Needle>>,
    /// The folder of the attempt in that of the run.
    attempt_folder: String,
    keeper: FrameKeeper,
    /// Counts the machines that stood here, to tell their frames apart.
    machine_number: u32,
    /// The last action with keyboard or pointer, until it is in the event log.
    acted: Option<Acted>,
    /// True if it was said that nothing tells whether what is typed arrives.
    pub(super) types_blindly: bool,
}

impl<'e> Bench<'e> {
    /// Makes an empty bench of an attempt, whose files go to `attempt_folder` in the folder of the run.
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
            ground: None,
            saved_frame: None,
            journal_place: None,
            keyboard: Keyboard::default(),
            at_step: String::new(),
            matched: Vec::new(),
            keeper: FrameKeeper::new(run, attempt_folder.clone()),
            attempt_folder,
            machine_number: 0,
            acted: None,
            types_blindly: false,
        }
    }

    /// Returns the running machine.
    ///
    /// # Errors
    /// There is none: the scenario asks for something that needs one.
    pub(super) fn session(&mut self) -> Result<&mut Session, Stop> {
        self.session.as_mut().ok_or_else(|| {
            Stop::error(
                CauseKind::Scenario,
                "the machine is off; a `power: on` step must come first",
            )
        })
    }

    /// Takes in what the machine did up to now: a machine that broke must not be saved, or changed, as a good one.
    pub(super) async fn settle(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        let session = self.session()?;
        while session.wake(Some(now)).await? != Wake::Deadline {}
        Ok(())
    }

    /// Notes that a step went on with a needle.
    pub(super) fn matched(&mut self, needle: &Arc<Needle>) {
        self.matched.push(Arc::clone(needle));
    }

    /// Returns the needles that steps went on with since the last call, the first one first.
    pub(super) fn take_matched(&mut self) -> Vec<Arc<Needle>> {
        std::mem::take(&mut self.matched)
    }

    /// Writes a remark into the log.
    pub(super) fn note(&self, text: &str) {
        self.recorder.record(Event::Note {
            text: text.to_owned(),
        });
    }
}
