//! Follows the kernel of a board by its messages.

use super::{
    boot::{Farewell, State},
    lines::Line,
    restart_watch::RestartWatch,
    seen_restart::{Doubt, SeenRestart},
    sign_set::{Stage, is_first_cpu, is_first_of_kernel},
};

/// The time of a kernel, in microseconds, before which lines with time zero are nothing unusual: older kernels write
/// them when further processors start.
const EARLY: u64 = 2_000_000;

/// The lines with time zero in a row that make the begin of a kernel whose first line was lost.
const ZEROES: u32 = 3;

impl RestartWatch {
    pub(super) fn message(
        &mut self,
        line: &Line,
        time: u64,
        text: &str,
        is_last: bool,
    ) -> Option<SeenRestart> {
        if time == 0 {
            return self.message_at_zero(line, text);
        }
        if is_last && self.goes_on(time) {
            self.farewell = Farewell::LastWords;
        }
        if let Some(boot) = self.boot() {
            boot.furthest = Stage::Kernel;
            boot.kernel.time = boot.kernel.time.max(Some(time));
        }
        None
    }

    /// Returns true if a time goes on from that of the running kernel. Old messages that a command prints do not.
    pub(super) fn goes_on(&self, time: u64) -> bool {
        match &self.state {
            State::Booted(boot) => {
                !self.is_in_command || boot.kernel.time.is_some_and(|last| time >= last)
            }
            State::Off | State::Expected => !self.is_in_command,
        }
    }

    fn message_at_zero(&mut self, line: &Line, text: &str) -> Option<SeenRestart> {
        let is_first = is_first_of_kernel(text);
        let has_kernel = self
            .boot()
            .is_some_and(|boot| boot.furthest == Stage::Kernel);
        if !has_kernel {
            // The first lines may be lost.
            self.zeroes = (0, None);
            // Before the first boot, a command may have printed it.
            let is_unknown = self.boot().is_none();
            let doubt = (is_unknown && self.is_in_command).then_some(Doubt::Printed);
            let seen = self.begins(Stage::Kernel, &line.text, line.position, doubt);
            self.note_first(text);
            return seen;
        }
        if is_first && !self.continues_first(text) {
            self.zeroes = (0, None);
            let doubt = self.is_in_command.then_some(Doubt::Printed);
            let seen = self.begins(Stage::Kernel, &line.text, line.position, doubt);
            self.note_first(text);
            return seen;
        }
        let is_late = self
            .boot()
            .is_some_and(|boot| boot.kernel.time > Some(EARLY));
        if is_late {
            let (count, first) = &mut self.zeroes;
            *count += 1;
            first.get_or_insert_with(|| (line.text.clone(), line.position));
            if *count == ZEROES
                && let Some((text, position)) = first.take()
            {
                let doubt = self.is_in_command.then_some(Doubt::Printed);
                return self.begins(Stage::Kernel, &text, position, doubt);
            }
        }
        None
    }

    /// Returns true if a first line of a kernel belongs to the kernel that has just begun.
    fn continues_first(&mut self, text: &str) -> bool {
        let is_first_cpu = is_first_cpu(text);
        let Some(boot) = self.boot() else {
            return false;
        };
        let kernel = &mut boot.kernel;
        let is_new = kernel.time.is_some_and(|time| time > 0)
            || kernel.is_used
            || kernel.has_version
            || (is_first_cpu && kernel.has_first_cpu);
        if !is_new {
            kernel.has_first_cpu |= is_first_cpu;
            kernel.has_version |= !is_first_cpu;
        }
        !is_new
    }

    /// Remembers which first line of the kernel that has just begun was seen.
    fn note_first(&mut self, text: &str) {
        if let Some(boot) = self.boot()
            && is_first_of_kernel(text)
        {
            boot.kernel.has_first_cpu |= is_first_cpu(text);
            boot.kernel.has_version |= !is_first_cpu(text);
        }
    }

    pub(super) fn kernel_without_time(&mut self, line: &Line, text: &str) -> Option<SeenRestart> {
        let is_in_command = self.is_in_command;
        let doubt = match self.boot() {
            Some(boot) if boot.furthest == Stage::Kernel => {
                let kernel = &boot.kernel;
                let (has_time, is_used) = (kernel.time.is_some(), kernel.is_used);
                // It boots without a word: this is `cat /proc/version`.
                let is_quiet = !kernel.has_version && !kernel.has_first_cpu;
                let is_foreign = has_time || (is_quiet && is_in_command);
                if self.continues_first(text) || (is_foreign && self.farewell == Farewell::Nothing)
                {
                    return None;
                }
                match (is_in_command, is_used) {
                    (true, _) => Some(Doubt::Printed),
                    (false, true) => Some(Doubt::Running),
                    (false, false) => None,
                }
            }
            Some(_) => None,
            // `cat /proc/version`
            None if is_in_command => return None,
            None => None,
        };
        let seen = self.begins(Stage::Kernel, text, line.position, doubt);
        self.note_first(text);
        seen
    }
}
