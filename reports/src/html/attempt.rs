//! One attempt at a scenario: its cause, and every step.

use super::against::AgainstView;
use super::evidence::EvidenceView;
use super::facts::{Fact, machines};
use super::film::FilmView;
use super::link::link;
use super::mark::{step_mark, step_word};
use super::picture::Figure;
use crate::duration::human_duration;
use crate::log::{Cause, Evidence, MachineNews};
use crate::plain_text::plain_line;
use crate::run::{Attempt, InputMark, Remark, Stage, StageEntry, Step};
use crate::words::on_machine;

/// Groups that are deeper than this are not indented further, so that the page stays readable.
const DEEPEST: usize = 6;

pub(super) struct AttemptView {
    /// True if its number and verdict get a heading.
    pub(super) heading: bool,
    pub(super) anchor: String,
    /// True if it is unfolded from the start. One without a heading cannot be folded.
    pub(super) open: bool,
    pub(super) number: u32,
    pub(super) verdict: &'static str,
    pub(super) duration: String,
    pub(super) from: String,
    pub(super) facts: Vec<Fact>,
    /// The number of restarts of its machine, by reason.
    pub(super) resets: Option<String>,
    pub(super) cause: Option<CauseView>,
    /// The step that decided, for the text above its evidence.
    pub(super) decisive: Option<Decisive>,
    /// The last action with keyboard or pointer before the end of that step: `type "x", 2s before; ...`.
    pub(super) last_action: Option<String>,
    /// The evidence for the cause.
    pub(super) evidence: Option<EvidenceView>,
    /// The comparison with the last good run, if the verdict rests on this attempt.
    pub(super) against: Option<AgainstView>,
    pub(super) stages: Vec<StageView>,
    /// The last picture of the screen, if no step shows it.
    pub(super) last: Option<Figure>,
    /// The film of each of its machines.
    pub(super) films: Vec<FilmView>,
    /// Address and name of each kept file of the guest.
    pub(super) kept: Vec<(String, String)>,
    /// Address and name of each file of evidence.
    pub(super) files: Vec<(String, String)>,
}

pub(super) struct Decisive {
    pub(super) id: String,
    pub(super) text: String,
    pub(super) word: &'static str,
    pub(super) duration: String,
}

pub(super) struct CauseView {
    pub(super) message: String,
    pub(super) place: Option<String>,
    pub(super) hints: Vec<String>,
}

pub(super) struct StageView {
    pub(super) name: String,
    /// True if the name gets a heading.
    pub(super) heading: bool,
    pub(super) rows: Vec<Row>,
    /// Steps that were not reached.
    pub(super) missing: usize,
}

pub(super) enum Row {
    Step(Box<StepRow>),
    Remark {
        depth: usize,
        class: &'static str,
        at: String,
        text: String,
    },
}

pub(super) struct StepRow {
    pub(super) anchor: String,
    pub(super) id: String,
    pub(super) depth: usize,
    pub(super) outcome: &'static str,
    pub(super) mark: &'static str,
    pub(super) text: String,
    pub(super) place: String,
    pub(super) duration: String,
    pub(super) limit: Option<String>,
    /// The time from the last action to the picture that shows its result.
    pub(super) after: Option<String>,
    pub(super) thumbnail: Option<(String, u32, u32)>,
    pub(super) cause: Option<String>,
    pub(super) evidence: Option<EvidenceView>,
    /// True if it decided the verdict. Then its evidence is at the top.
    pub(super) decisive: bool,
}

impl CauseView {
    pub(super) fn of(cause: &Cause) -> Self {
        Self {
            message: plain_line(&cause.message),
            place: cause.place.as_deref().map(plain_line),
            hints: cause.hints.iter().map(|hint| plain_line(hint)).collect(),
        }
    }
}

impl AttemptView {
    /// Returns the view of an attempt. The anchors of its steps begin with `id`.
    pub(super) fn of(attempt: &Attempt, id: &str, several: bool, several_hosts: bool) -> Self {
        let decisive = attempt.decisive_step();
        let mut evidence = decisive.and_then(|step| {
            EvidenceView::of(
                &step.evidence,
                step.outcome,
                "the screen when the step ended",
            )
        });
        let mut last = attempt
            .last_frame
            .as_ref()
            .and_then(|frame| Figure::of(frame, "the last picture of the screen"));
        let shown = evidence.as_ref().and_then(EvidenceView::thumbnail);
        if let Some((src, ..)) = &shown
            && last.as_ref().is_some_and(|last| last.src == *src)
        {
            last = None;
        }
        // Without a step to blame, the last picture is the evidence.
        if attempt.cause.is_some() && evidence.is_none() && attempt.last_frame.is_some() {
            let only = Evidence {
                frame: attempt.last_frame.clone(),
                ..Evidence::default()
            };
            evidence = EvidenceView::of(&only, None, "the last picture of the screen");
            last = None;
        }
        let action = decisive.and_then(|step| last_action(attempt, step));
        if let (Some(evidence), Some(at)) = (&mut evidence, action.and_then(|action| action.at)) {
            evidence.draw_click(at);
        }
        Self {
            heading: several,
            anchor: id.to_owned(),
            open: !attempt.held(),
            number: attempt.number,
            verdict: attempt.verdict.word(),
            duration: human_duration(attempt.duration_ms),
            from: plain_line(&attempt.from.text()),
            facts: facts(attempt, several_hosts),
            resets: attempt.resets_text(),
            cause: attempt.cause.as_ref().map(CauseView::of),
            decisive: decisive.map(|step| Decisive {
                id: plain_line(&step.id),
                text: plain_line(&on_machine(step.machine.as_deref(), &step.text)),
                word: step_word(step.outcome),
                duration: human_duration(step.duration_ms),
            }),
            last_action: decisive
                .zip(action)
                .map(|(step, action)| action_words(step, action)),
            evidence,
            against: None,
            stages: (1..)
                .zip(&attempt.stages)
                .map(|(number, stage)| {
                    let heading = attempt.stages.len() > 1;
                    StageView::of(stage, &format!("{id}t{number}"), heading, decisive)
                })
                .collect(),
            last,
            films: FilmView::of(attempt, id),
            kept: links(attempt.kept_files()),
            files: links(attempt.files.iter().map(String::as_str)),
        }
    }
}

/// Returns the last action on the machine of a step, before the end of the step.
fn last_action<'a>(attempt: &'a Attempt, step: &Step) -> Option<&'a InputMark> {
    let end = step.started_ms.saturating_add(step.duration_ms);
    let own = attempt.inputs.iter();
    own.filter(|input| input.machine == step.machine && input.done_ms <= end)
        .max_by_key(|input| input.done_ms)
}

/// Returns an action, its time before the end of a step, and what the screen did then.
fn action_words(step: &Step, action: &InputMark) -> String {
    let end = step.started_ms.saturating_add(step.duration_ms);
    let changed = match action.changed_after_ms {
        Some(after) => format!("the screen changed {} later", human_duration(after)),
        None => "the screen did not change after it".to_owned(),
    };
    let place = action
        .at
        .map_or_else(String::new, |[x, y]| format!(" at {x},{y}"));
    format!(
        "{}{place}, {} before the end; {changed}",
        plain_line(&action.what),
        human_duration(end.saturating_sub(action.done_ms))
    )
}

/// Returns address and name of each file that is in the run's folder.
fn links<'f>(files: impl Iterator<Item = &'f str>) -> Vec<(String, String)> {
    let named = files.filter_map(|file| {
        let name = file.rsplit('/').next().unwrap_or(file);
        Some((link(file)?, plain_line(name)))
    });
    named.collect()
}

fn facts(attempt: &Attempt, several_hosts: bool) -> Vec<Fact> {
    let mut facts = machines(attempt);
    if several_hosts {
        facts.push(("host", plain_line(&attempt.host)));
    }
    facts
}

impl StageView {
    /// The number of rows that are made together. A scenario may have thousands, and the page must open at once.
    pub(super) const TOGETHER: usize = 200;

    fn of(stage: &Stage, id: &str, heading: bool, decisive: Option<&Step>) -> Self {
        let rows: Vec<_> = (1..)
            .zip(&stage.entries)
            .map(|(number, entry)| row(entry, &format!("{id}n{number}"), decisive))
            .collect();
        // A step that a retry ran again counts once.
        let mut reached: Vec<&str> = stage
            .entries
            .iter()
            .filter_map(|entry| match entry {
                StageEntry::Step(step) => Some(step.id.as_str()),
                StageEntry::Remark { .. } => None,
            })
            .collect();
        reached.sort_unstable();
        reached.dedup();
        Self {
            name: plain_line(&stage.name),
            heading,
            rows,
            missing: stage.planned.saturating_sub(reached.len()),
        }
    }
}

fn row(entry: &StageEntry, anchor: &str, decisive: Option<&Step>) -> Row {
    match entry {
        StageEntry::Step(step) => {
            let decides = decisive.is_some_and(|decisive| std::ptr::eq(decisive, step.as_ref()));
            Row::Step(Box::new(StepRow::of(step, anchor, decides)))
        }
        StageEntry::Remark {
            at_ms,
            depth,
            machine,
            remark,
        } => {
            let (class, text) = match remark {
                Remark::Note(_) | Remark::Started(_) | Remark::CheckpointSaved { .. } => {
                    ("note", remark.text())
                }
                Remark::Machine(news) => (news_class(news), remark.text()),
                Remark::SoftFailure(_) => ("soft", format!("known defect: {}", remark.text())),
                Remark::CheckpointUnusable { .. } => ("soft", remark.text()),
            };
            Row::Remark {
                depth: (*depth).min(DEEPEST),
                class,
                at: human_duration(*at_ms),
                text: plain_line(&on_machine(machine.as_deref(), &text)),
            }
        }
    }
}

/// Returns the style class of news of the machine: `bad` for a problem.
fn news_class(news: &MachineNews) -> &'static str {
    match news {
        MachineNews::Reset { expected: true, .. }
        | MachineNews::Shutdown { expected: true, .. }
        | MachineNews::Panicked { expected: true }
        | MachineNews::Other { .. } => "note",
        MachineNews::Reset { .. }
        | MachineNews::Shutdown { .. }
        | MachineNews::Panicked { .. }
        | MachineNews::Watchdog { .. }
        | MachineNews::InternalError
        | MachineNews::Exited { .. }
        | MachineNews::DiskError { .. } => "bad",
    }
}

impl StepRow {
    fn of(step: &Step, anchor: &str, decisive: bool) -> Self {
        let evidence = EvidenceView::of(
            &step.evidence,
            step.outcome,
            "the screen when the step ended",
        );
        let thumbnail = evidence.as_ref().and_then(EvidenceView::thumbnail);
        Self {
            anchor: anchor.to_owned(),
            id: plain_line(&step.id),
            depth: step.depth.min(DEEPEST),
            outcome: step_word(step.outcome),
            mark: step_mark(step.outcome),
            text: plain_line(&on_machine(step.machine.as_deref(), &step.text)),
            place: plain_line(&step.place),
            duration: human_duration(step.duration_ms),
            limit: step.deadline_ms.map(human_duration),
            after: step.evidence.after_text(),
            thumbnail,
            cause: match &step.evidence.cause {
                Some(cause) if !decisive => Some(plain_line(&cause.message)),
                Some(_) | None => None,
            },
            evidence: evidence.filter(|_| !decisive),
            decisive,
        }
    }
}
