//! The progress of a run of many scenarios: those that have ended, those that did not hold, and the time that is left.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use reports::console::columns;
use reports::{Rules, ScenarioInfo, Verdict};

use super::usual::Usual;

/// The scenarios of a run, and what has ended of them.
#[derive(Debug, Default)]
pub(super) struct Overall {
    rules: Rules,
    scenarios: Vec<Tracked>,
    /// The places of scenarios, by name.
    places: HashMap<String, usize>,
    /// The largest number of attempts that ran at once.
    most_at_once: usize,
}

/// A scenario, and what has ended of it.
#[derive(Debug, Default)]
struct Tracked {
    name: String,
    /// The number and the beginning of each attempt that runs.
    running: Vec<(Option<u32>, Instant)>,
    /// The number of attempts that have ended with each verdict.
    ended: Vec<Verdict>,
    /// The time of the attempts that came to a judgement.
    took: Duration,
    /// The number of these attempts.
    judged: u32,
}

/// The numbers on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Counts {
    done: usize,
    all: Option<usize>,
    failed: usize,
    broke: usize,
    running: usize,
}

impl Overall {
    /// Takes in the beginning of the run.
    pub(super) fn begin(&mut self, scenarios: &[ScenarioInfo], rules: Rules) {
        self.rules = rules;
        self.scenarios = scenarios
            .iter()
            .map(|info| Tracked {
                name: info.name.clone(),
                ..Tracked::default()
            })
            .collect();
        let places = (0..).zip(scenarios);
        self.places = places.map(|(at, info)| (info.name.clone(), at)).collect();
    }

    /// Takes in the beginning of an attempt.
    pub(super) fn attempt_begins(&mut self, scenario: &str, attempt: Option<u32>, now: Instant) {
        if let Some(tracked) = self.find(scenario) {
            tracked.running.push((attempt, now));
        }
        let running = self.scenarios.iter().map(|tracked| tracked.running.len());
        self.most_at_once = self.most_at_once.max(running.sum());
    }

    /// Takes in the end of an attempt.
    pub(super) fn attempt_ends(
        &mut self,
        scenario: &str,
        attempt: Option<u32>,
        verdict: Verdict,
        took: Duration,
    ) {
        let Some(tracked) = self.find(scenario) else {
            return;
        };
        tracked.running.retain(|(number, _)| *number != attempt);
        tracked.ended.push(verdict);
        match verdict {
            Verdict::Passed | Verdict::SoftFailed | Verdict::Failed | Verdict::Flaky => {
                tracked.took += took;
                tracked.judged += 1;
            }
            Verdict::Error | Verdict::Skipped | Verdict::Cancelled => {}
        }
    }

    fn find(&mut self, scenario: &str) -> Option<&mut Tracked> {
        let at = *self.places.get(scenario)?;
        self.scenarios.get_mut(at)
    }

    /// Returns the line, as long as fits; none if the run has only one thing to do.
    pub(super) fn line(&self, now: Instant, usual: &Usual, width: usize) -> Option<String> {
        let counts = self.counts();
        let says_nothing = match counts.all {
            Some(all) => all < 2,
            None => counts.done == 0,
        };
        if says_nothing {
            return None;
        }
        let done = match counts.all {
            Some(all) => format!("{}/{all}", counts.done),
            None => format!("{} ended", counts.done),
        };
        let told = |count: usize, word: &str| (count > 0).then(|| format!("{count} {word}"));
        let (failed, broke) = (told(counts.failed, "failed"), told(counts.broke, "error"));
        let running = told(counts.running, "running");
        let left = self.left(now, usual).map(left_text);
        // The running attempts have lines of their own, so their number gives way first.
        let forms = [
            [
                Some(done.clone()),
                failed.clone(),
                broke.clone(),
                running,
                left.clone(),
            ],
            [
                Some(done.clone()),
                failed.clone(),
                broke.clone(),
                None,
                left,
            ],
            [Some(done), failed, broke, None, None],
        ];
        let mut lines = forms.into_iter().map(|parts| {
            format!(
                "  {}",
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            )
        });
        lines.find(|line| columns(line) < width)
    }

    fn counts(&self) -> Counts {
        let of = |verdict: Verdict| {
            let count = move |tracked: &Tracked| tracked.count(verdict, self.rules.repeats);
            self.scenarios.iter().map(count).sum::<usize>()
        };
        let done = self
            .scenarios
            .iter()
            .map(|tracked| match self.rules.repeats {
                true => tracked.ended.len(),
                false => usize::from(tracked.is_done()),
            });
        let running = self.scenarios.iter().map(|tracked| tracked.running.len());
        Counts {
            done: done.sum(),
            all: self.attempts_each().map(|each| each * self.scenarios.len()),
            failed: of(Verdict::Failed),
            broke: of(Verdict::Error),
            running: running.sum(),
        }
    }

    /// Returns the number of attempts at each scenario that are counted; none if nobody knows it.
    fn attempts_each(&self) -> Option<usize> {
        match (self.rules.repeats, self.rules.attempts) {
            (false, _) => Some(1),
            (true, attempts) => usize::try_from(attempts?).ok(),
        }
    }

    /// Returns the time that the rest will take; none if that cannot be said.
    fn left(&self, now: Instant, usual: &Usual) -> Option<Duration> {
        let each = self.attempts_each()?;
        let mean = self.mean();
        let (mut work, mut longest, mut lanes) = (Duration::ZERO, Duration::ZERO, 0_usize);
        for tracked in &self.scenarios {
            let running = tracked.running.len();
            let waiting = match self.rules.repeats {
                true => each.saturating_sub(tracked.ended.len() + running),
                false => usize::from(running == 0 && tracked.ended.is_empty()),
            };
            if waiting + running == 0 {
                continue;
            }
            let known = usual.duration(&tracked.name).or_else(|| tracked.mean());
            let expected = known.or(mean)?;
            let begins = tracked.running.iter().map(|(_, began)| *began);
            for began in begins {
                let rest = expected.saturating_sub(now.saturating_duration_since(began));
                work += rest;
                longest = longest.max(rest);
            }
            let waiting_all = u32::try_from(waiting).unwrap_or(u32::MAX);
            work = work.saturating_add(expected.saturating_mul(waiting_all));
            if waiting > 0 {
                longest = longest.max(expected);
            }
            lanes = lanes.saturating_add(waiting + running);
        }
        let lanes = lanes.min(self.most_at_once).max(1);
        let lanes = u32::try_from(lanes).unwrap_or(u32::MAX);
        (work > Duration::ZERO).then(|| (work / lanes).max(longest))
    }

    /// Returns the mean time of the attempts of this run that came to a judgement; none if there is none.
    fn mean(&self) -> Option<Duration> {
        let judged: u32 = self.scenarios.iter().map(|tracked| tracked.judged).sum();
        let took: Duration = self.scenarios.iter().map(|tracked| tracked.took).sum();
        took.checked_div(judged)
    }
}

impl Tracked {
    fn is_done(&self) -> bool {
        self.running.is_empty() && !self.ended.is_empty()
    }

    fn mean(&self) -> Option<Duration> {
        self.took.checked_div(self.judged)
    }

    /// Counts the ends with this verdict. Of attempts that are no repetitions, the last one counts.
    fn count(&self, verdict: Verdict, repeats: bool) -> usize {
        match repeats {
            true => self.ended.iter().filter(|ended| **ended == verdict).count(),
            false => usize::from(self.is_done() && self.ended.last() == Some(&verdict)),
        }
    }
}

/// Returns an estimate in words that do not say more than is known.
fn left_text(left: Duration) -> String {
    let minutes = left.as_secs().div_ceil(60).max(1);
    match minutes {
        0..=20 => format!("about {minutes} min left"),
        21..=55 => format!("about {} min left", minutes.next_multiple_of(5)),
        _ => {
            let minutes = minutes.next_multiple_of(10);
            match minutes % 60 {
                0 => format!("about {} h left", minutes / 60),
                rest => format!("about {} h {rest} min left", minutes / 60),
            }
        }
    }
}

#[cfg(test)]
mod tests;
