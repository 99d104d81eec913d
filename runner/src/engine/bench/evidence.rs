//! The evidence of a verdict: frames, nearest needles, the end of the serial console.

use std::fs;
use std::time::Duration;
use tokio::time::Instant;

use reports::{Candidate, CauseKind, Event, Evidence, FrameRef, KeptFile, Look, StepOutcome};
use scenarios::GuestPath;

use crate::engine::bench::Bench;
use crate::engine::bench::file_keeper::{conceal, keep_file};
use crate::engine::diagnosis::{IdleFirmware, KernelCrash, LOOKED_AT, firmware_log};
use crate::engine::screen_frame::ScreenFrame;
use crate::engine::session::Session;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::file_name::file_name;
use crate::millis::millis;

/// The words for a frame in messages about lost evidence.
const PICTURE: &str = "a picture of the screen";

/// The number of lines of the serial console that a failure shows.
const SERIAL_TAIL: usize = 20;

/// The longest time that a failed step waits for the rest of a kernel's crash message: registers and calls.
const CRASH: Duration = Duration::from_secs(5);

/// The crash message is complete if the console stays silent for this time.
const QUIET: Duration = Duration::from_millis(500);

impl Bench<'_> {
    /// Collects the evidence of a step that held. The result is an error if the frame cannot be written.
    pub(in crate::engine) async fn evidence(
        &mut self,
        held: StepOutput,
    ) -> (Evidence, Result<(), Stop>) {
        let mut evidence = Evidence {
            look: held.look,
            command: held.command,
            after_ms: held.after.map(millis),
            frame: held.frame,
            file: held.file,
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

    /// Collects the evidence of a step that did not hold. Returns it with the reason, which is another one if the
    /// frame cannot be written.
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
                self.record_lost_evidence(PICTURE, &lost.cause().message);
                (None, stop.without_evidence(&lost))
            }
        };
        let evidence = Evidence {
            cause: Some(stop.cause().clone()),
            frame,
            look,
            changed: stop.changed,
            pointed_out: stop.pointed_out.as_deref().cloned(),
            after_ms: None,
            command: stop.command.as_deref().cloned(),
            file: None,
            kernel_crash: kernel_crash.map_or_else(Vec::new, |crash| crash.lines),
            serial_tail: self.serial_tail(),
        };
        (evidence, stop)
    }

    /// Records that evidence could not be kept.
    fn record_lost_evidence(&self, what: &str, reason: &str) {
        self.recorder.record(Event::EvidenceLost {
            what: what.to_owned(),
            reason: reason.to_owned(),
        });
    }

    /// Records which parts of the machine's logs could not be written.
    pub(in crate::engine) fn record_lost_logs(&self) {
        let session = self.session.iter();
        let lost = session.flat_map(|session| session.machine().lost_logs());
        lost.for_each(|reason| self.record_lost_evidence("a part of a log", &reason));
    }

    /// Adds a kernel crash, or a firmware that found nothing to start, as the reason of a wait that missed its
    /// deadline.
    pub(in crate::engine) fn with_crash(&self, stop: Stop) -> Stop {
        let cause = stop.cause();
        let is_known = cause.step.is_some() || cause.kind != CauseKind::Deadline;
        match self.kernel_crash(&stop) {
            Some(crash) if crash.is_fatal && !is_known => {
                // A rule for hopeless waits may have told it already.
                let is_told = stop.cause().message.contains(&crash.what);
                let stop = match is_told {
                    true => stop,
                    false => stop.led_by(&format!(
                        "the guest's kernel has crashed (`{}`)",
                        crash.what
                    )),
                };
                stop.hint("`watch: [panic]` in qa.yaml or in the scenario ends such a wait at once")
            }
            _ if !is_known => self.with_idle_firmware(stop),
            _ => stop,
        }
    }

    /// Adds to a failed wait that the firmware found nothing to start.
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
                    false => stop.led_by(&format!("{why} (`{}`)", idle.said)),
                };
                stop.hint(IdleFirmware::hint(&self.job.machine))
            }
            None => stop,
        }
    }

    /// Waits until the kernel has printed the rest of its crash message. A watch ends a step at the first line of it,
    /// but a reader needs the lines after it. Best effort: no verdict depends on it.
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

    /// Returns the crash of the guest's kernel since its last start. For an unexpected restart, returns the crash
    /// before that restart.
    fn kernel_crash(&self, stop: &Stop) -> Option<KernelCrash> {
        let session = self.session.as_ref()?;
        let serial = session.machine().serial();
        let console = match stop.cause().kind {
            CauseKind::UnexpectedReset | CauseKind::Resets => serial.tail(LOOKED_AT),
            _ => serial.text_from(session.serial_at_reset()),
        };
        KernelCrash::find(&console)
    }

    /// Returns the last lines of the serial console.
    fn serial_tail(&self) -> Vec<String> {
        self.session.as_ref().map_or_else(Vec::new, |session| {
            let tail = session.machine().serial().tail(SERIAL_TAIL);
            tail.lines().map(str::to_owned).collect()
        })
    }

    /// Keeps the newest frame in the results; none if the screen never had one.
    pub(in crate::engine) async fn keep_frame(&mut self) -> Result<Option<FrameRef>, Stop> {
        match self.session.as_mut().and_then(Session::newest) {
            Some(shown) => self.keep_shown(&shown).await.map(Some),
            None => Ok(None),
        }
    }

    /// Keeps a frame of the machine that runs in the results.
    pub(in crate::engine) async fn keep_shown(
        &mut self,
        shown: &ScreenFrame,
    ) -> Result<FrameRef, Stop> {
        self.keeper
            .keep(
                self.machine_number,
                shown.generation,
                shown.frame.picture().clone(),
            )
            .await
            .map_err(|error| Stop::unwritable("a frame", &error))
    }

    /// Keeps a frame in the results under a name that a step gives.
    pub(in crate::engine) async fn keep_named(
        &mut self,
        name: &str,
        shown: &ScreenFrame,
    ) -> Result<FrameRef, Stop> {
        let picture = shown.frame.picture().clone();
        let kept = self
            .keeper
            .keep_named(name, shown.generation, picture)
            .await;
        kept.map_err(|error| Stop::unwritable("a screenshot", &error))
    }

    /// Keeps a file of the guest in the results.
    pub(in crate::engine) async fn keep_guest_file(
        &self,
        guest_path: &GuestPath,
        content: Vec<u8>,
    ) -> Result<KeptFile, Stop> {
        let kept = conceal(content, &self.recorder.secrets());
        let bytes = kept.content.len() as u64;
        let run = self.engine.folder.path();
        let file = keep_file(run, &self.attempt_folder, guest_path.name(), kept.content).await;
        Ok(KeptFile {
            file: file.map_err(|error| Stop::unwritable("a file of the guest", &error))?,
            guest_path: guest_path.to_string(),
            bytes,
            remark: kept.remark.map(str::to_owned),
        })
    }

    /// Copies the pictures of the nearest needles into the results. The report then shows them even after the needles
    /// have changed.
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
                Err(error) => self.record_lost_evidence(
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

    /// Keeps the last frame of the machine. If the machine was saved and ended, returns the frame from that time. Takes
    /// a fresh picture only if all steps held.
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
                self.record_lost_evidence(PICTURE, &lost.cause().message);
                None
            }
        }
    }
}
