//! Follows the boots of a board.

use super::{
    boot::{Boot, Farewell, LastWords, State},
    line_kind::{LineKind, Place, Typed},
    lines::{Line, Lines},
    seen_restart::{Certainty, Doubt, SeenRestart},
    sign_set::{
        Meaning, SignSet, Signs, Stage, failed_entry, is_first_of_kernel, loaded_entry, sign,
        without_noise,
    },
};

/// The entries of a UEFI menu that are remembered. Firmware tries a few.
const ENTRIES: usize = 32;

/// Finds the restarts of one board. Text may be split anywhere; memory is bounded.
#[derive(Debug)]
pub(crate) struct RestartWatch {
    set: SignSet,
    pub(super) lines: Lines,
    pub(super) state: State,
    /// The boot that began with a doubtful sign, and that sign.
    pub(super) doubtful: Option<(Boot, SeenRestart)>,
    /// A command was typed, and no prompt has come since.
    pub(super) is_in_command: bool,
    /// The announcement of a restart.
    pub(super) farewell: Farewell,
    /// The lines with time zero in a row, and the sign that the first one is.
    pub(super) zeroes: (u32, Option<(String, u64)>),
    /// The words with which the board said that it is off. None if something came after them.
    pub(super) last_words: Option<LastWords>,
    pub(super) power_offs: u64,
}

impl RestartWatch {
    /// Begins to follow a board that is off.
    pub(crate) fn new(set: SignSet) -> Self {
        Self {
            set,
            lines: Lines::new(),
            state: State::Off,
            doubtful: None,
            is_in_command: false,
            farewell: Farewell::Nothing,
            zeroes: (0, None),
            last_words: None,
            power_offs: 0,
        }
    }

    /// Returns the number of bytes that it has taken.
    pub(crate) fn position(&self) -> u64 {
        self.lines.position()
    }

    /// Expects a boot: the board was switched on or reset from here. The next boot is no restart.
    pub(crate) fn expect_boot(&mut self) {
        self.now(State::Expected);
    }

    /// The board was switched off from here. A boot that comes before [`Self::expect_boot`] is a restart: its power
    /// did not stay off.
    pub(crate) fn switched_off(&mut self) {
        self.now(State::Off);
    }

    /// The system was asked to restart. The next sign of a boot is a restart, whatever a command prints.
    pub(crate) fn announce_restart(&mut self) {
        self.farewell = Farewell::LastWords;
    }

    fn now(&mut self, state: State) {
        self.state = state;
        self.doubtful = None;
        self.is_in_command = false;
        self.farewell = Farewell::Nothing;
        self.last_words = None;
    }

    /// Takes text of the serial line. Returns the restarts that it tells. A sign is told when its line has ended.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Vec<SeenRestart> {
        let mut seen = Vec::new();
        for &byte in bytes {
            if let Some(line) = self.lines.push(byte) {
                seen.extend(self.line(&line));
            }
        }
        // A login prompt waits at the end of its line.
        if self.doubtful.is_some()
            && let Some(line) = self.lines.waiting()
            && matches!(LineKind::of(&line.text), LineKind::Login)
        {
            seen.extend(self.login(&line));
        }
        seen
    }

    /// Returns the restarts that a line tells: one, or two if a message interrupts a prompt.
    fn line(&mut self, line: &Line) -> Vec<SeenRestart> {
        let kind = LineKind::of(&line.text);
        self.goes_on_after_words(&kind);
        match &self.set.0 {
            Signs::Patterns(patterns) => {
                let text = line.text.as_str();
                let found = patterns
                    .iter()
                    .filter_map(|pattern| pattern.find(text))
                    .find(|found| found.start() == 0 && !found.is_empty());
                let found = found.map(|found| found.as_str().to_owned());
                self.line_for_patterns(line, &kind, found.as_deref())
            }
            Signs::BuiltIn => self.line_for_signs(line, kind),
        }
    }

    fn line_for_patterns(
        &mut self,
        line: &Line,
        kind: &LineKind<'_>,
        found: Option<&str>,
    ) -> Vec<SeenRestart> {
        match kind {
            LineKind::Prompt(typed) | LineKind::LoaderPrompt(typed) => self.prompt(*typed),
            LineKind::Login | LineKind::Message { .. } | LineKind::Farewell | LineKind::Other => {
                self.is_in_command &= *kind != LineKind::Login;
            }
        }
        if let Some(words) = self.last_words_in(line) {
            self.say_last_words(words);
        }
        let seen = found.and_then(|found| self.pattern(found, line));
        seen.into_iter().collect()
    }

    fn line_for_signs(&mut self, line: &Line, kind: LineKind<'_>) -> Vec<SeenRestart> {
        if !matches!(kind, LineKind::Message { time: 0, .. }) {
            self.zeroes = (0, None);
        }
        let before = match kind {
            LineKind::Message {
                place: Place::Login,
                ..
            }
            | LineKind::Login => self.login(line),
            LineKind::Message {
                place: Place::Prompt,
                ..
            } => {
                self.prompt(None);
                None
            }
            LineKind::LoaderPrompt(_) => self.confirm_boot_loader(),
            LineKind::Message {
                place: Place::Begin,
                ..
            }
            | LineKind::Prompt(_)
            | LineKind::Farewell
            | LineKind::Other => None,
        };
        let last_words = self.last_words_in(line);
        let seen = match kind {
            LineKind::Message {
                time,
                text,
                is_last,
                whole,
                ..
            } => {
                let line = Line {
                    text: whole.to_owned(),
                    ..*line
                };
                self.message(&line, time, text, is_last)
            }
            LineKind::Prompt(typed) | LineKind::LoaderPrompt(typed) => {
                self.prompt(typed);
                None
            }
            LineKind::Farewell => {
                // In the output of a command it is text.
                if !self.is_in_command {
                    self.farewell = self.farewell.max(Farewell::Said);
                }
                None
            }
            LineKind::Login => None,
            LineKind::Other => self.other(line),
        };
        if let Some(words) = last_words {
            self.say_last_words(words);
        }
        before.into_iter().chain(seen).collect()
    }

    fn pattern(&mut self, found: &str, line: &Line) -> Option<SeenRestart> {
        let is_expected = self.state == State::Expected;
        // With patterns alone, it is never known how far a boot is.
        self.now(State::Off);
        if is_expected {
            return None;
        }
        Some(SeenRestart::new(
            found,
            "pattern",
            line.position,
            Certainty::Certain,
        ))
    }

    fn prompt(&mut self, typed: Option<Typed>) {
        // The command that printed the doubtful sign has ended.
        self.doubtful = None;
        self.is_in_command = typed == Some(Typed::Other);
        match typed {
            Some(Typed::Restart) => self.farewell = Farewell::Said,
            // It did not restart.
            Some(Typed::Other) => self.farewell = Farewell::Nothing,
            None => {}
        }
        if let State::Booted(boot) = &mut self.state {
            boot.kernel.is_used |= boot.furthest == Stage::Kernel;
        }
    }

    /// The doubtful boot has come to a prompt that the system before does not have.
    fn confirm(&mut self) -> Option<SeenRestart> {
        let (boot, restart) = self.doubtful.take()?;
        self.accept(boot);
        Some(SeenRestart {
            certainty: Certainty::Certain,
            ..restart
        })
    }

    fn confirm_boot_loader(&mut self) -> Option<SeenRestart> {
        let (boot, _) = self.doubtful.as_ref()?;
        let is_system =
            matches!(&self.state, State::Booted(boot) if boot.furthest == Stage::Kernel);
        (is_system && boot.furthest < Stage::Kernel)
            .then(|| self.confirm())
            .flatten()
    }

    /// A login prompt: the shell before it is gone, and a system is up.
    fn login(&mut self, line: &Line) -> Option<SeenRestart> {
        self.is_in_command = false;
        if let Some(restart) = self.confirm() {
            if let State::Booted(boot) = &mut self.state {
                boot.furthest = Stage::Kernel;
                boot.kernel.is_used = true;
            }
            return Some(restart);
        }
        match &mut self.state {
            // All that came between was silent.
            State::Booted(boot)
                if self.farewell == Farewell::LastWords && boot.furthest == Stage::Kernel =>
            {
                self.begins(Stage::Kernel, &line.text, line.position, None)
            }
            State::Booted(boot) => {
                boot.furthest = Stage::Kernel;
                boot.kernel.is_used = true;
                None
            }
            State::Off | State::Expected => None,
        }
    }

    /// The boot that text belongs to.
    pub(super) fn boot(&mut self) -> Option<&mut Boot> {
        match (&mut self.doubtful, &mut self.state) {
            (Some((boot, _)), _) | (None, State::Booted(boot)) => Some(boot),
            (None, State::Off | State::Expected) => None,
        }
    }

    fn other(&mut self, line: &Line) -> Option<SeenRestart> {
        let text = without_noise(&line.text);
        if is_first_of_kernel(text) {
            return self.kernel_without_time(line, text);
        }
        let (stage, meaning) = sign(&line.text)?;
        let entry = loaded_entry(&line.text).map(str::to_owned);
        let seen = self.firmware(line, stage, meaning, entry.as_deref());
        if let Some(boot) = self.boot() {
            if let Some(failed) = failed_entry(&line.text) {
                // Firmware may try it again.
                boot.entries.retain(|known| known != failed);
            }
            if boot.entries.len() < ENTRIES {
                boot.entries.extend(entry);
            }
        }
        seen
    }

    fn firmware(
        &mut self,
        line: &Line,
        stage: Stage,
        meaning: Meaning,
        entry: Option<&str>,
    ) -> Option<SeenRestart> {
        let is_in_command = self.is_in_command;
        let Some(boot) = self.boot() else {
            let doubt = is_in_command.then_some(Doubt::Printed);
            return self.begins(stage, &line.text, line.position, doubt);
        };
        if stage > boot.furthest {
            boot.furthest = stage;
            // The prompt was that of an earlier stage.
            self.is_in_command &= self.doubtful.is_some();
            return None;
        }
        let has_kernel = boot.furthest == Stage::Kernel;
        let is_again = entry.is_some_and(|entry| boot.entries.iter().any(|known| known == entry));
        let doubt = match meaning {
            Meaning::Runs if !has_kernel && !is_again => return None,
            Meaning::Runs => None,
            Meaning::Begins if stage.may_be_chained() && !has_kernel && stage > boot.first => {
                Some(Doubt::Chained)
            }
            Meaning::Begins => None,
        };
        // U-Boot always writes an empty line before its banner. Its command `version` does not.
        let is_bare = stage == Stage::UBoot && !line.is_apart;
        let doubt = match (is_in_command, is_bare) {
            (true, true) if self.farewell == Farewell::Nothing => return None,
            (true, _) => Some(Doubt::Printed),
            (false, true) => doubt.or(Some(Doubt::Form)),
            (false, false) => doubt,
        };
        self.begins(stage, &line.text, line.position, doubt)
    }

    /// A stage begins with which a boot may begin. Returns the restart, if there is one.
    pub(super) fn begins(
        &mut self,
        stage: Stage,
        text: &str,
        position: u64,
        doubt: Option<Doubt>,
    ) -> Option<SeenRestart> {
        let is_announced = self.farewell > Farewell::Nothing;
        let first = match &self.state {
            State::Booted(boot) => boot.first,
            State::Off | State::Expected => stage,
        };
        let is_progress = self.doubtful.is_none()
            && matches!(&self.state, State::Booted(boot) if stage > boot.furthest);
        if is_progress {
            if let State::Booted(boot) = &mut self.state {
                boot.furthest = stage;
            }
            self.is_in_command = false;
            return None;
        }
        if let Some((boot, _)) = &mut self.doubtful
            && stage > boot.furthest
        {
            boot.furthest = stage;
            return None;
        }
        let doubt = match &self.state {
            State::Expected => {
                self.accept(Boot::new(stage, first));
                return None;
            }
            _ if is_announced => None,
            State::Off | State::Booted(_) => doubt,
        };
        let certainty = doubt.map_or(Certainty::Certain, Certainty::Doubtful);
        let restart = SeenRestart::new(text, stage.name(), position, certainty);
        let boot = Boot::new(stage, first);
        match doubt {
            Some(Doubt::Printed | Doubt::Running | Doubt::Form) => {
                self.doubtful = Some((boot, restart.clone()));
            }
            // Either way, the board is at this stage now.
            Some(Doubt::Chained) | None => self.accept(boot),
        }
        Some(restart)
    }

    /// The board is in this boot now.
    fn accept(&mut self, boot: Boot) {
        self.now(State::Booted(boot));
    }
}
