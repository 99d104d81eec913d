//! Decides whether the wait under way can still succeed.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use tokio::time::Instant;

use reports::CauseKind;
use tokio::task::JoinHandle;
use vm::{ProcessorState, ScreenState, Serial};

use super::Session;
use crate::engine::diagnosis::{self, Doubt, HALTED, IdleFirmware, ToldBy};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

/// So often, in the time that a state must last, the processors and the firmware's log are looked at.
const LOOKS: u32 = 5;

/// Pictures that are known again: more than a cursor and a clock make in that time.
const MOST_PICTURES: usize = 256;

/// The state of a step's wait: the rules that apply, and the doubt that speaks against it.
#[derive(Debug)]
pub(in crate::engine) struct Hope {
    /// Up to where the console was searched: whole lines.
    searched: u64,
    /// The position of the console at that time.
    position: u64,
    /// Rules that are switched off.
    off: Vec<String>,
    doubt: Option<Doubt>,
    /// Since something new was there last, while there is a doubt.
    staying: Option<Wait>,
    /// What the screen has shown since there is a doubt.
    pictures: Pictures,
    /// Where QEMU keeps what the firmware says.
    folder: PathBuf,
    /// When the firmware's log and the processors are looked at next.
    next_look: Instant,
    /// The question to QEMU about its processors, and when it was asked.
    asking: Option<(Instant, JoinHandle<ProcessorState>)>,
    /// When they were last found to have halted.
    halted_at: Option<Instant>,
}

/// Pictures by what they show: a cursor that blinks shows nothing new.
#[derive(Debug, Default)]
struct Pictures {
    newest: u64,
    seen: HashSet<u64>,
}

impl Session {
    /// A step begins whose wait can become hopeless, by all rules but those that are `off`. What the console said
    /// before such a step held last does not count: the scenario went on from there. The machine's files are in
    /// `folder`.
    pub(in crate::engine) fn hope(&mut self, off: Vec<String>, folder: &Path) {
        let from = self.hopeful_at.max(self.serial_from);
        self.hope = Some(Hope {
            searched: from,
            position: from,
            off,
            doubt: None,
            staying: None,
            pictures: Pictures::default(),
            folder: folder.to_owned(),
            next_look: Instant::now() + diagnosis::grace() / LOOKS,
            asking: None,
            halted_at: None,
        });
    }

    /// The step is over.
    pub(in crate::engine) fn end_hope(&mut self, has_held: bool) {
        if self.hope.take().is_some() && has_held {
            self.hopeful_at = self.machine.serial().position();
        }
    }

    /// Returns the time at which a doubt will have lasted long enough; none while there is none.
    ///
    /// # Errors
    /// It has: the wait is hopeless.
    pub(super) fn doubted(&mut self) -> Result<Option<Instant>, Stop> {
        let foresees = self.ledger.foresees_an_end()
            || self.watches.allows_resets()
            || self.power.asked().is_some();
        let Some(hope) = &mut self.hope else {
            return Ok(None);
        };
        if self.serial_at_reset > hope.searched {
            hope.searched = self.serial_at_reset;
            hope.doubt = None;
        }
        hope.search(self.machine.serial());
        if self.power.is_off() && hope.doubt.is_none() {
            hope.doubt = diagnosis::off(&hope.off);
        }
        if hope.next_look <= Instant::now() && hope.asking.is_none() {
            let console = self.machine.serial().text_from(self.serial_at_reset);
            hope.listen_to_firmware(&console);
            if diagnosis::is_on(&HALTED, &hope.off) && !self.power.is_off() {
                let processors = self.machine.processors().clone();
                let asking = tokio::spawn(async move { processors.state().await });
                hope.asking = Some((Instant::now(), asking));
            }
            hope.next_look = Instant::now() + diagnosis::grace() / LOOKS;
        }
        let Some(doubt) = hope.doubt.as_ref().filter(|_| !foresees) else {
            hope.staying = None;
            hope.pictures = Pictures::default();
            return Ok(None);
        };
        // A processor that has halted draws nothing; QEMU itself makes its cursor blink.
        if doubt.rule.name != HALTED.name && hope.pictures.has_new(&self.screen.borrow()) {
            hope.staying = None;
        }
        let starvation = self.machine.starvation();
        let staying = hope
            .staying
            .get_or_insert_with(|| Wait::new(Some(diagnosis::grace()), starvation.clone()));
        starvation.notice();
        if !staying.is_over() {
            return Ok(Some(staying.deadline()));
        }
        if doubt.rule.name == HALTED.name && hope.halted_at.is_none_or(|at| at < staying.deadline())
        {
            // They may have woken up since they were looked at.
            return Ok(None);
        }
        Err(doubt.stop(staying))
    }

    /// Returns when to look at what does not tell of itself; none in a step that hopes for nothing.
    pub(super) fn next_look(&self) -> Option<Instant> {
        let hope = self.hope.as_ref()?;
        hope.asking.is_none().then_some(hope.next_look)
    }

    /// QEMU has told of its processors.
    pub(super) fn take_processors(&mut self, (asked, state): (Instant, ProcessorState)) {
        let Some(hope) = &mut self.hope else {
            return;
        };
        hope.asking = None;
        match state {
            ProcessorState::Halted => {
                hope.halted_at = Some(asked);
                hope.doubt = hope.doubt.take().or_else(|| diagnosis::halted(&hope.off));
            }
            ProcessorState::Alive | ProcessorState::Unknown => {
                hope.halted_at = None;
                let is_by_it = |doubt: &Doubt| doubt.rule.name == HALTED.name;
                hope.doubt = hope.doubt.take().filter(|doubt| !is_by_it(doubt));
            }
        }
        if state == ProcessorState::Unknown {
            // It will not tell later either, or not soon.
            hope.next_look = Instant::now() + diagnosis::grace();
        }
    }
}

/// Waits for QEMU's answer, where it was asked.
pub(super) async fn answered(hope: &mut Option<Hope>) -> (Instant, ProcessorState) {
    match hope.as_mut().and_then(|hope| hope.asking.as_mut()) {
        // It ends with the machine, of which events tell.
        Some((asked, asking)) => (*asked, asking.await.unwrap_or(ProcessorState::Unknown)),
        None => std::future::pending().await,
    }
}

impl Hope {
    /// Looks through what the console said since the last look.
    fn search(&mut self, serial: &Serial) {
        let position = serial.position();
        if position == self.position {
            return;
        }
        self.position = position;
        // Whatever it says: the guest is not done yet.
        self.staying = None;
        let text = serial.text_from(self.searched);
        let was_open = self.doubt.as_ref().is_some_and(Doubt::is_open);
        if diagnosis::starts_anew(&text) || was_open {
            self.doubt = None;
        }
        let found = diagnosis::find(&text, &self.off);
        self.doubt = self.doubt.take().or(found);
        let open_line = text
            .rfind('\n')
            .map_or(text.len(), |at| text.len() - at - 1);
        self.searched = position.saturating_sub(open_line as u64).max(self.searched);
    }

    /// Looks at what the firmware has said since the machine started last.
    fn listen_to_firmware(&mut self, console: &str) {
        let log = diagnosis::firmware_log(&self.folder);
        let idle = IdleFirmware::find_for_good(&log, console);
        let is_by_it = |doubt: &Doubt| matches!(doubt.by, ToldBy::Firmware(_));
        match idle {
            Some(_) if self.doubt.is_some() => {}
            Some(idle) => self.doubt = diagnosis::idle_firmware(idle.said, &self.off),
            None => self.doubt = self.doubt.take().filter(|doubt| !is_by_it(doubt)),
        }
    }
}

impl Pictures {
    /// Tells whether the screen shows what it has not shown before. A screen that is off shows nothing.
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

impl Doubt {
    fn is_open(&self) -> bool {
        matches!(self.by, ToldBy::Console { is_open: true, .. })
    }

    fn stop(&self, staying: &Wait) -> Stop {
        let (said, nothing) = match &self.by {
            ToldBy::Console { line, .. } => (
                format!(" (the serial console says `{line}`)"),
                "nothing came after that",
            ),
            ToldBy::Firmware(words) => (format!(" (it says `{words}`)"), "nothing came after that"),
            ToldBy::Qemu => (String::new(), "nothing changed that"),
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
                "if it would have come, `watch: [{{ off: {} }}]` in the scenario, or in qa.yaml for all or for the \
                 image, lets it wait to its deadline",
                rule.name
            ))
    }
}
