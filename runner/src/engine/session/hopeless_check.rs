//! Decides whether the wait of a step can still succeed. See [`diagnosis`] for the rules.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use tokio::time::Instant;

use reports::CauseKind;
use tokio::task::JoinHandle;
use vm::{ProcessorState, ScreenState, Serial};

use super::Session;
use crate::engine::diagnosis::{self, HALTED, HopelessReason, IdleFirmware, ReasonSource};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// The number of looks at the processors and the firmware's log in the time that a hopeless state must last.
const LOOKS: u32 = 5;

/// The number of pictures that are remembered: more than a cursor and a clock draw in that time.
const MOST_PICTURES: usize = 256;

/// The hopelessness check of one step: the rules that apply, and the reason why its wait may be hopeless.
#[derive(Debug)]
pub(in crate::engine) struct HopelessCheck {
    /// The position to which the console was searched: the begin of a line.
    searched: u64,
    /// The position of the console when it was searched last.
    position: u64,
    /// The names of rules that are switched off.
    off: Vec<String>,
    reason: Option<HopelessReason>,
    /// The time of grace since the last news; none while there is no reason.
    staying: Option<Wait>,
    /// The pictures of the screen since there is a reason.
    pictures: Pictures,
    /// The folder of the machine, with the firmware's log.
    folder: PathBuf,
    /// The time of the next look at the firmware's log and the processors.
    next_look: Instant,
    /// The question to QEMU about its processors, and its time; none if no answer is awaited.
    asking: Option<(Instant, JoinHandle<ProcessorState>)>,
    /// The time at which the processors were last found halted.
    halted_at: Option<Instant>,
}

/// The hashes of pictures that were shown. A blinking cursor shows the same pictures again, which is no news.
#[derive(Debug, Default)]
struct Pictures {
    newest: u64,
    seen: HashSet<u64>,
}

impl Session {
    /// Begins the check for a step. Rules named in `off` do not apply. Console text from before the last such step held
    /// is not searched, because the scenario continued after it. `folder` is the folder of the machine.
    pub(in crate::engine) fn begin_hopeless_check(&mut self, off: Vec<String>, folder: &Path) {
        let from = self.console_accepted_to.max(self.serial_from);
        self.hopeless_check = Some(HopelessCheck {
            searched: from,
            position: from,
            off,
            reason: None,
            staying: None,
            pictures: Pictures::default(),
            folder: folder.to_owned(),
            next_look: Instant::now() + diagnosis::grace() / LOOKS,
            asking: None,
            halted_at: None,
        });
    }

    /// Ends the check with its step. If the step held, the console text until now is accepted.
    pub(in crate::engine) fn end_hopeless_check(&mut self, has_held: bool) {
        if self.hopeless_check.take().is_some() && has_held {
            self.console_accepted_to = self.machine.serial().position();
        }
    }

    /// Returns the moment at which the wait becomes hopeless if nothing changes; none while there is no reason.
    ///
    /// # Errors
    /// The wait is hopeless: the reason has lasted for the time of grace.
    pub(super) fn hopeless_deadline(&mut self) -> Result<Option<Instant>, Stop> {
        let expects_end = self.ledger.expects_end()
            || self.watches.allows_resets()
            || self.power.requested().is_some();
        let Some(check) = &mut self.hopeless_check else {
            return Ok(None);
        };
        if self.serial_at_reset > check.searched {
            check.searched = self.serial_at_reset;
            check.reason = None;
        }
        check.search(self.machine.serial());
        if self.power.is_off() && check.reason.is_none() {
            check.reason = diagnosis::off(&check.off);
        }
        if check.next_look <= Instant::now() && check.asking.is_none() {
            let console = self.machine.serial().text_from(self.serial_at_reset);
            check.listen_to_firmware(&console);
            if diagnosis::is_on(&HALTED, &check.off) && !self.power.is_off() {
                let processors = self.machine.processors().clone();
                let asking = tokio::spawn(async move { processors.state().await });
                check.asking = Some((Instant::now(), asking));
            }
            check.next_look = Instant::now() + diagnosis::grace() / LOOKS;
        }
        let Some(reason) = check.reason.as_ref().filter(|_| !expects_end) else {
            check.staying = None;
            check.pictures = Pictures::default();
            return Ok(None);
        };
        // A processor that has halted draws nothing; QEMU itself makes its cursor blink.
        if reason.rule.name != HALTED.name && check.pictures.has_new(&self.screen.borrow()) {
            check.staying = None;
        }
        let starvation = self.machine.starvation();
        let staying = check
            .staying
            .get_or_insert_with(|| Wait::new(Some(diagnosis::grace()), starvation.clone()));
        starvation.notice();
        if !staying.is_over() {
            return Ok(Some(staying.deadline()));
        }
        if reason.rule.name == HALTED.name
            && check.halted_at.is_none_or(|at| at < staying.deadline())
        {
            // The processors may have woken up since the last answer: the next one decides.
            return Ok(None);
        }
        Err(reason.stop(staying))
    }

    /// Returns the time of the next look at the firmware's log and the processors; none while an answer is awaited, or
    /// if the step has no check.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let check = self.hopeless_check.as_ref()?;
        check.asking.is_none().then_some(check.next_look)
    }

    /// Takes QEMU's answer about its processors, with the time of the question.
    pub(super) fn take_processors(&mut self, (asked, state): (Instant, ProcessorState)) {
        let Some(check) = &mut self.hopeless_check else {
            return;
        };
        check.asking = None;
        match state {
            ProcessorState::Halted => {
                check.halted_at = Some(asked);
                check.reason = check
                    .reason
                    .take()
                    .or_else(|| diagnosis::halted(&check.off));
            }
            ProcessorState::Alive | ProcessorState::Unknown => {
                check.halted_at = None;
                let is_by_it = |reason: &HopelessReason| reason.rule.name == HALTED.name;
                check.reason = check.reason.take().filter(|reason| !is_by_it(reason));
            }
        }
        if state == ProcessorState::Unknown {
            // QEMU will probably not know it soon, so the next question waits longer.
            check.next_look = Instant::now() + diagnosis::grace();
        }
    }
}

/// Waits for QEMU's answer about its processors; for ever if it was not asked.
pub(super) async fn answered(check: &mut Option<HopelessCheck>) -> (Instant, ProcessorState) {
    match check.as_mut().and_then(|check| check.asking.as_mut()) {
        // The question fails if the machine ends; the events report that.
        Some((asked, asking)) => (*asked, asking.await.unwrap_or(ProcessorState::Unknown)),
        None => std::future::pending().await,
    }
}

impl HopelessCheck {
    /// Searches the console text since the last look for a reason.
    fn search(&mut self, serial: &Serial) {
        let position = serial.position();
        if position == self.position {
            return;
        }
        self.position = position;
        // Any new text restarts the time of grace.
        self.staying = None;
        let text = serial.text_from(self.searched);
        let was_open = self.reason.as_ref().is_some_and(HopelessReason::is_open);
        if diagnosis::starts_anew(&text) || was_open {
            self.reason = None;
        }
        let found = diagnosis::find(&text, &self.off);
        self.reason = self.reason.take().or(found);
        let open_line = text
            .rfind('\n')
            .map_or(text.len(), |at| text.len() - at - 1);
        self.searched = position.saturating_sub(open_line as u64).max(self.searched);
    }

    /// Searches the messages of the firmware since the last start of the machine for a reason.
    fn listen_to_firmware(&mut self, console: &str) {
        let log = diagnosis::firmware_log(&self.folder);
        let idle = IdleFirmware::find_for_good(&log, console);
        let is_by_it = |reason: &HopelessReason| matches!(reason.source, ReasonSource::Firmware(_));
        match idle {
            Some(_) if self.reason.is_some() => {}
            Some(idle) => self.reason = diagnosis::idle_firmware(idle.said, &self.off),
            None => self.reason = self.reason.take().filter(|reason| !is_by_it(reason)),
        }
    }
}

impl Pictures {
    /// Returns whether the screen shows a picture that it has not shown before. A screen that is off shows none.
    fn has_new(&mut self, screen: &ScreenState) -> bool {
        let ScreenState::Shown(frame) = screen else {
            return false;
        };
        if frame.generation == self.newest {
            return false;
        }
        self.newest = frame.generation;
        let mut hasher = DefaultHasher::new();
        (frame.width, &frame.rgb).hash(&mut hasher);
        let is_first = self.seen.is_empty();
        if self.seen.len() >= MOST_PICTURES {
            self.seen.clear();
        }
        self.seen.insert(hasher.finish()) && !is_first
    }
}

impl HopelessReason {
    /// Returns whether the reason is a line of the console that has no end yet.
    fn is_open(&self) -> bool {
        matches!(self.source, ReasonSource::Console { is_open: true, .. })
    }

    /// Returns the failure of a wait that is hopeless after the time of grace.
    fn stop(&self, staying: &Wait) -> Stop {
        let (said, nothing) = match &self.source {
            ReasonSource::Console { line, .. } => (
                format!(" (the serial console says `{line}`)"),
                "nothing came after that",
            ),
            ReasonSource::Firmware(words) => {
                (format!(" (it says `{words}`)"), "nothing came after that")
            }
            ReasonSource::Qemu => (String::new(), "nothing changed that"),
        };
        let rule = self.rule;
        let message = format!(
            "it cannot succeed any more: {}{said}, and {nothing} for {}",
            rule.means,
            staying.words()
        );
        Stop::failed(CauseKind::Deadline, message)
            .hint(rule.hint)
            .hint(format!(
                "if the guest would have continued, switch this rule off: `watch: [{{ off: {} }}]` in the scenario, or \
                 in qa.yaml for all or for the image",
                rule.name
            ))
    }
}
