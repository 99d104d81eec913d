//! An attempt that runs, and the step that it is at.

use std::time::{Duration, Instant};

/// An attempt that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) which: Which,
    /// Its name, in plain text.
    pub(super) name: String,
    pub(super) began: Instant,
    /// The steps that have not ended, outermost first.
    pub(super) steps: Vec<Current>,
    /// True if another attempt ran at the same time: then its lines need its name.
    pub(super) beside: bool,
}

/// An attempt at a scenario; several may run at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Which {
    pub(super) scenario: String,
    pub(super) attempt: Option<u32>,
}

/// A step that has not ended.
#[derive(Debug)]
pub(super) struct Current {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) since: Instant,
    pub(super) deadline: Option<Duration>,
    pub(super) best: Option<(String, f64, f64)>,
    /// True if lines of its inner steps were shown. Then its own end gets no line.
    pub(super) is_group: bool,
}

impl Running {
    /// Returns the line at the bottom of the terminal: step, time against the deadline, nearest needle.
    pub(super) fn status(&self, now: Instant) -> String {
        let name = match self.beside {
            true => format!("{}  ", self.name),
            false => String::new(),
        };
        let Some(step) = self.steps.last() else {
            let since = now.saturating_duration_since(self.began);
            return format!("  … {name}{}", clock(since));
        };
        let elapsed = now.saturating_duration_since(step.since);
        let time = match step.deadline {
            Some(deadline) => format!("{} of {}", clock(elapsed), clock(deadline)),
            None => clock(elapsed),
        };
        let best = match &step.best {
            Some((needle, similarity, required)) => {
                format!("   best {needle} {similarity:.2} of {required:.2}")
            }
            None => String::new(),
        };
        format!("  ▸ {name}{}   {time}{best}", step.text)
    }
}

/// Returns minutes and seconds: `1:05`.
fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}
