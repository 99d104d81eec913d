//! Decides whether the wait under way can still succeed.

use std::time::Instant;

use reports::CauseKind;
use vm::Serial;

use super::Session;
use crate::engine::hopeless::{self, Doubt};
use crate::engine::stop::Stop;
use crate::engine::wait::Wait;

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
    /// Since the console said something last, while there is a doubt.
    staying: Option<Wait>,
}

impl Session {
    /// A step begins whose wait can become hopeless, by all rules but those that are `off`. What the console said
    /// before such a step held last does not count: the scenario went on from there.
    pub(in crate::engine) fn hope(&mut self, off: Vec<String>) {
        let from = self.hopeful_at.max(self.serial_from);
        self.hope = Some(Hope {
            searched: from,
            position: from,
            off,
            doubt: None,
            staying: None,
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
            || self.expected.resets > 0
            || self.expected.shutdown;
        let Some(hope) = &mut self.hope else {
            return Ok(None);
        };
        if self.serial_at_reset > hope.searched {
            hope.searched = self.serial_at_reset;
            hope.doubt = None;
        }
        hope.search(self.machine.serial());
        if self.is_off && hope.doubt.is_none() {
            hope.doubt = hopeless::off(&hope.off);
        }
        let Some(doubt) = hope.doubt.as_ref().filter(|_| !foresees) else {
            hope.staying = None;
            return Ok(None);
        };
        let starvation = self.machine.starvation();
        let staying = hope
            .staying
            .get_or_insert_with(|| Wait::new(Some(hopeless::grace()), starvation.clone()));
        starvation.notice();
        if staying.is_over() {
            return Err(doubt.stop(staying));
        }
        Ok(Some(staying.deadline()))
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
        if hopeless::starts_anew(&text) {
            self.doubt = None;
        }
        let found = hopeless::find(&text, &self.off);
        self.doubt = self.doubt.take().or(found);
        let open_line = text
            .rfind('\n')
            .map_or(text.len(), |at| text.len() - at - 1);
        self.searched = position.saturating_sub(open_line as u64).max(self.searched);
    }
}

impl Doubt {
    fn stop(&self, staying: &Wait) -> Stop {
        let said = match &self.line {
            Some(line) => format!(" (the serial console says `{line}`)"),
            None => String::new(),
        };
        let rule = self.rule;
        let message = format!(
            "it cannot succeed any more: {}{said}, and nothing came after that for {}",
            rule.means,
            staying.words()
        );
        Stop::failed(CauseKind::Deadline, message)
            .hint(rule.hint)
            .hint(format!(
                "if it would have come, `watch: [{{ off: {} }}]` in the scenario lets it wait to its deadline",
                rule.name
            ))
    }
}
