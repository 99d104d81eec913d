//! What backs a verdict: frames, nearest needles, the end of the serial console.

use std::fs;
use std::time::Duration;
use tokio::time::Instant;

use reports::{Candidate, CauseKind, Event, Evidence, FrameRef, Look, StepOutcome};

use crate::engine::bench::Bench;
use crate::engine::diagnosis::{IdleFirmware, KernelCrash, LOOKED_AT, firmware_log};
use crate::engine::held::Held;
use crate::engine::session::Session;
use crate::engine::shown::Shown;
use crate::engine::stop::Stop;
use crate::file_name::file_name;
use crate::millis::millis;

/// The words of a report for a frame.
const PICTURE: &str = "a picture of the screen";

/// The last lines of the serial console that a failure shows.
const SERIAL_TAIL: usize = 20;

/// How long a kernel may take to tell of its crash, registers, calls and all.
const CRASH: Duration = Duration::from_secs(5);

/// It has told all when it says nothing for so long.
const QUIET: Duration = Duration::from_millis(500);

impl Bench<'_> {
    /// The evidence of a step that held; it does not hold where that cannot be written.
    pub(in crate::engine) async fn evidence(&mut self, held: Held) -> (Evidence, Result<(), Stop>) {
        let mut evidence = Evidence {
            look: held.look,
            command: held.command,
            after_ms: held.after.map(millis),
            frame: held.frame,
            ..Evidence::default()
        };
        if evidence.frame.is_none() {
            match self.keep_frame().await {
                Ok(frame) => evidence.frame = frame,
                Err(stop) => return (evidence, Err(stop)),
            }
        }
        (evidence, Ok(()))
    }

    /// The evidence of a step that did not hold, and why it did not: something else where the picture of it is lost.
    pub(in crate::engine) async fn evidence_of(&mut self, stop: Stop) -> (Evidence, Stop) {
        if stop.outcome() != StepOutcome::Cancelled {
            self.let_crash_end(&stop).await;
        }
        let mut look = stop.look.as_deref().cloned();
        if let Some(look) = &mut look {
            self.keep_needles(look);
        }
        let kernel_crash = self.kernel_crash(&stop);
        let (frame, stop) = match self.keep_frame().await {
            Ok(frame) => (frame, stop),
            Err(lost) => {
                self.tell_lost(PICTURE, &lost.cause().message);
                (None, stop.unshown(&lost))
            }
        };
        let evidence = Evidence {
            cause: Some(stop.cause().clone()),
            frame,
            look,
            changed: stop.changed,
            after_ms: None,
            command: stop.command.as_deref().cloned(),
            kernel_crash: kernel_crash.map_or_else(Vec::new, |crash| crash.lines),
            serial_tail: self.serial_tail(),
        };
        (evidence, stop)
    }

    /// Tells of evidence that could not be kept.
    fn tell_lost(&self, what: &str, reason: &str) {
        self.recorder.record(Event::EvidenceLost {
            what: what.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// Tells of what the machine's logs have lost.
    pub(in crate::engine) fn tell_lost_logs(&self) {
        let session = self.session.iter();
        let lost = session.flat_map(|session| session.machine().lost_logs());
        lost.for_each(|reason| self.tell_lost("a part of a log", &reason));
    }

    /// Adds to a wait that failed that the guest's kernel has crashed.
    pub(in crate::engine) fn with_crash(&self, stop: Stop) -> Stop {
        let cause = stop.cause();
        let is_known = cause.step.is_some() || cause.kind != CauseKind::Deadline;
        match self.kernel_crash(&stop) {
            Some(crash) if crash.is_fatal && !is_known => stop
                .because(&format!("the guest's kernel has crashed: `{}`", crash.what))
                .hint("`watch: [panic]` in qa.yaml or in the scenario ends such a wait at once"),
            _ if !is_known => self.with_idle_firmware(stop),
            _ => stop,
        }
    }

    /// Adds to a wait that failed that the guest was never started.
    fn with_idle_firmware(&self, stop: Stop) -> Stop {
        let Some(session) = &self.session else {
            return stop;
        };
        let serial = session.machine().serial();
        let console = serial.text_from(session.serial_at_reset());
        match IdleFirmware::find(&firmware_log(&self.folder), &console) {
            Some(idle) => {
                let why = "the firmware found nothing to start";
                let is_told = stop.cause().message.contains(why);
                let stop = match is_told {
                    true => stop,
                    false => stop.because(&format!("{why}: `{}`", idle.said)),
                };
                stop.hint(IdleFirmware::hint(&self.job.machine))
            }
            None => stop,
        }
    }

    /// A watch sees the first line of a crash; what the reader wants comes in the next moments. Best effort:
    /// nothing is judged by it.
    async fn let_crash_end(&self, stop: &Stop) {
        let Some(session) = self
            .session
            .as_ref()
            .filter(|_| self.kernel_crash(stop).is_some())
        else {
            return;
        };
        let serial = session.machine().serial();
        let enough = Instant::now() + CRASH;
        let mut position = None;
        while position != Some(serial.position()) && Instant::now() < enough {
            position = Some(serial.position());
            tokio::time::sleep(QUIET).await;
        }
    }

    /// How the guest's kernel crashed since it started last; where a restart is what happened, before that.
    fn kernel_crash(&self, stop: &Stop) -> Option<KernelCrash> {
        let session = self.session.as_ref()?;
        let serial = session.machine().serial();
        let console = match stop.cause().kind {
            CauseKind::UnexpectedReset | CauseKind::Resets => serial.tail(LOOKED_AT),
            _ => serial.text_from(session.serial_at_reset()),
        };
        KernelCrash::find(&console)
    }

    fn serial_tail(&self) -> Vec<String> {
        self.session.as_ref().map_or_else(Vec::new, |session| {
            let tail = session.machine().serial().tail(SERIAL_TAIL);
            tail.lines().map(str::to_owned).collect()
        })
    }

    /// Keeps the newest frame.
    pub(in crate::engine) async fn keep_frame(&mut self) -> Result<Option<FrameRef>, Stop> {
        let Some(shown) = self.session.as_mut().and_then(Session::newest) else {
            return Ok(None);
        };
        self.keeper
            .keep(
                self.machine_number,
                shown.generation,
                shown.frame.picture().clone(),
            )
            .await
            .map(Some)
            .map_err(|error| Stop::unwritable("a frame", &error))
    }

    /// Keeps a frame under a name that a step gives.
    pub(in crate::engine) async fn keep_named(
        &mut self,
        name: &str,
        shown: &Shown,
    ) -> Result<FrameRef, Stop> {
        let picture = shown.frame.picture().clone();
        let kept = self
            .keeper
            .keep_named(name, shown.generation, picture)
            .await;
        kept.map_err(|error| Stop::unwritable("a screenshot", &error))
    }

    /// Copies the pictures of the nearest needles into the results, so that the report shows them for ever.
    fn keep_needles(&self, look: &mut Look) {
        const MOST: usize = 3;
        let folder = self.folder.join("needles");
        let keep = |candidate: &mut Candidate| {
            let needle = self.engine.store.named(&candidate.needle)?;
            let picture = self.engine.store.picture_file(needle)?;
            let name = format!("{}.png", file_name(&candidate.needle));
            let copied =
                fs::create_dir_all(&folder).and_then(|()| fs::copy(picture, folder.join(&name)));
            match copied {
                Ok(_) => {
                    let folder = &self.attempt_folder;
                    candidate.picture = Some(format!("{folder}/needles/{name}"));
                }
                Err(error) => self.tell_lost(
                    &format!("the copy of needle `{}`", candidate.needle),
                    &error.to_string(),
                ),
            }
            Some(())
        };
        // Without the copy the report still has the scores.
        for candidate in look
            .matched
            .iter_mut()
            .chain(look.candidates.iter_mut().take(MOST))
        {
            keep(candidate);
        }
    }

    /// The last picture: a fresh one where the machine still runs, that of its saving where it was saved and is gone.
    pub(in crate::engine) async fn last_frame(&mut self, all_held: bool) -> Option<FrameRef> {
        let Some(session) = &mut self.session else {
            return self.saved_frame.clone();
        };
        if all_held {
            // Best effort: the frames of the steps are the evidence, this one is for the reader.
            let _ = session.fresh().await;
        }
        match self.keep_frame().await {
            Ok(frame) => frame,
            Err(lost) => {
                self.tell_lost(PICTURE, &lost.cause().message);
                None
            }
        }
    }
}
