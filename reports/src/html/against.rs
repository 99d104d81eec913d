//! A scenario that did not hold beside the last run in which it held.

use super::link::link_in;
use super::picture::{Figure, Overlay};
use crate::against::{Against, Baseline, Difference, Parting, SlowStep};
use crate::duration::human_duration;
use crate::log::{FrameRef, Verdict};
use crate::plain_text::plain_line;
use crate::run::{Run, Scenario, Step};
use crate::words::step_ended;

/// The most steps and differences that are shown. More of them say that the runs cannot be compared.
const MOST: usize = 12;

/// The digits of a digest that are shown.
const DIGITS: usize = 12;

pub(super) struct AgainstView {
    /// The number of the attempt that is compared.
    pub(super) attempt: u32,
    pub(super) run: String,
    /// Address of that run's report.
    pub(super) report: Option<String>,
    /// The step at which both part, in a sentence.
    pub(super) parting: String,
    pub(super) now: Option<Figure>,
    pub(super) then: Option<Figure>,
    pub(super) overlay: Option<Overlay>,
    pub(super) slow: Vec<SlowView>,
    pub(super) differences: Vec<Difference>,
    /// A sentence that says what is the same; none if something differs.
    pub(super) same: Option<&'static str>,
}

/// A step that took much longer than it usually does.
pub(super) struct SlowView {
    pub(super) step: String,
    pub(super) now: String,
    pub(super) then: String,
    pub(super) usual: String,
}

impl AgainstView {
    /// Returns the comparison of a scenario that did not hold; none for others.
    pub(super) fn of(run: &Run, scenario: &Scenario, baseline: &Baseline) -> Option<Self> {
        match scenario.verdict {
            Verdict::Failed | Verdict::Error | Verdict::Flaky => {}
            Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => {
                return None;
            }
        }
        let against = Against::of(run, scenario, baseline)?;
        let frames = frames(&against);
        let now = frames.0.and_then(|frame| Figure::of(frame, "now"));
        let then = frames
            .1
            .and_then(|frame| Figure::in_folder(&baseline.folder, frame, "then"));
        let overlay = match (&now, &then) {
            (Some(now), Some(then)) => Overlay::of(now, then),
            (_, _) => None,
        };
        Some(Self {
            attempt: against.now.number,
            run: plain_line(&baseline.run.name),
            report: link_in(&baseline.folder, "report.html"),
            parting: plain_line(&parting_text(&against)),
            overlay,
            // One screen alone is shown above already.
            now: now.filter(|_| then.is_some()),
            then,
            slow: against.slow.iter().take(MOST).map(SlowView::of).collect(),
            same: match (against.differences.is_empty(), against.names_files) {
                (false, _) => None,
                (true, true) => Some("Image, machine, host, scenario and needles are the same."),
                (true, false) => Some("Image, machine and host are the same."),
            },
            differences: against.differences.iter().take(MOST).map(shown).collect(),
        })
    }
}

/// Returns the screens at the step at which both part, or the last ones.
fn frames<'r>(against: &Against<'r>) -> (Option<&'r FrameRef>, Option<&'r FrameRef>) {
    let parting = against.parting.as_ref();
    let of_step = |step: Option<&'r Step>| step.and_then(|step| step.evidence.frame.as_ref());
    let now = of_step(parting.map(|parting| parting.now));
    let then = of_step(parting.and_then(|parting| parting.then));
    (now.or(against.now.last_frame.as_ref()), then)
}

fn parting_text(against: &Against) -> String {
    let Some(Parting { stage, now, then }) = &against.parting else {
        return "No step ended differently.".to_owned();
    };
    let name = format!("{stage} step {} `{}`", now.id, now.text);
    let ended = step_ended(now);
    match then {
        Some(then) => format!(
            "Both part at {name}: it {ended}. Then it {}.",
            step_ended(then)
        ),
        None if !against.then.stages.iter().any(|known| known.name == *stage) => format!(
            "Both part at {name}: it {ended}. The other run did not run {stage}, because it started {}.",
            against.then.from.short_text()
        ),
        None => format!("Both part at {name}: it {ended}. The other run has no such step."),
    }
}

/// Returns a difference as the page shows it: on one line, with short digests.
fn shown(difference: &Difference) -> Difference {
    let short = |value: &Option<String>| {
        let value = plain_line(value.as_deref()?);
        let digits = value
            .strip_prefix("sha256:")
            .and_then(|digits| digits.get(..DIGITS));
        Some(digits.map_or(value.clone(), |digits| format!("{digits}…")))
    };
    Difference {
        what: plain_line(&difference.what),
        now: short(&difference.now),
        then: short(&difference.then),
    }
}

impl SlowView {
    fn of(slow: &SlowStep) -> Self {
        Self {
            step: plain_line(&format!(
                "{} step {} {}",
                slow.stage, slow.step.id, slow.step.text
            )),
            now: human_duration(slow.step.duration_ms),
            then: human_duration(slow.then_ms),
            usual: match &slow.usual {
                Some(usual) if usual.runs > 1 => format!(
                    "{} to {}, {} runs",
                    human_duration(usual.min_ms),
                    human_duration(usual.max_ms),
                    usual.runs
                ),
                Some(_) | None => String::new(),
            },
        }
    }
}
