//! The end of a run, or of each part of a merged one.

use std::collections::BTreeMap;

use crate::log::ExitStatus;
use crate::run::model::RunEnd;

/// The ends that the log has so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    /// The end of the whole log.
    whole: Option<End>,
    /// The ends of parts, by the name of each scenario.
    parts: BTreeMap<String, End>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    exit: ExitStatus,
    duration_ms: u64,
}

impl Ends {
    /// Adds the end of these scenarios, or of all.
    pub(super) fn add(&mut self, exit: ExitStatus, duration_ms: u64, scenarios: Option<&[String]>) {
        let end = End { exit, duration_ms };
        match scenarios {
            None => self.whole = Some(end),
            Some(names) => {
                let ends = names.iter().map(|name| (name.clone(), end));
                self.parts.extend(ends);
            }
        }
    }

    /// Returns the end of the part that a scenario belongs to, if the log has it.
    pub(super) fn of(&self, scenario: &str) -> Option<RunEnd> {
        let end = self.whole.or_else(|| self.parts.get(scenario).copied());
        end.map(End::as_run_end)
    }

    /// Returns the end of the whole run, which has ended when the parts of all scenarios have.
    pub(super) fn of_all<'n>(
        &self,
        mut scenarios: impl Iterator<Item = &'n str>,
    ) -> Option<RunEnd> {
        if let Some(end) = self.whole {
            return Some(end.as_run_end());
        }
        let last_ms = self.parts.values().map(|end| end.duration_ms).max()?;
        let exit = ExitStatus::worst(self.parts.values().map(|end| end.exit));
        let have_all_ended = scenarios.all(|name| self.parts.contains_key(name));
        have_all_ended.then_some(RunEnd::Finished {
            exit,
            duration_ms: last_ms,
        })
    }
}

impl End {
    fn as_run_end(self) -> RunEnd {
        RunEnd::Finished {
            exit: self.exit,
            duration_ms: self.duration_ms,
        }
    }
}
