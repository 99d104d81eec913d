//! How often the machine has started over, and how often it may: what the steps that are under way say of it.
//!
//! ```text
//! step with `resets` or `powers_off` --open--> frame --count, power_off--> is it as the step says? --close-->
//! ```
//!
//! Frames lie in each other as their steps do. Everything that happens counts in all of them, also
//! what a step inside asks for.

use std::time::Duration;
use tokio::time::Instant;

use reports::human_duration;
use scenarios::{ResetKind, Resets};
use vm::EventOrigin;

use crate::millis::millis;

/// What the steps that are under way say of resets, and what has come of it.
#[derive(Debug, Default)]
pub(in crate::engine) struct Ledger {
    /// The outermost step first.
    frames: Vec<Frame>,
    /// What the next reset by the guest comes from, where that was told before it.
    announced: Option<ResetKind>,
}

/// A step that says how often the machine starts over, or that it powers off.
#[derive(Debug)]
struct Frame {
    resets: Option<Resets>,
    powers_off: bool,
    began: Instant,
    seen: Vec<Seen>,
    /// When it has powered itself off, since the step began.
    off: Option<Duration>,
}

/// A machine that started over.
#[derive(Debug, Clone, Copy)]
struct Seen {
    kind: ResetKind,
    /// Since the step began.
    after: Duration,
}

/// What the steps that are under way say of a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Counted {
    /// One of them foresees it; since it began so much time has passed.
    Foreseen(Duration),
    /// None of them says anything of its kind.
    Unnamed,
    /// It is one too many.
    TooMany(String),
}

impl Ledger {
    /// A step begins that says something.
    pub(in crate::engine) fn open(&mut self, resets: Option<Resets>, powers_off: bool) {
        self.frames.push(Frame::new(resets, powers_off));
    }

    /// The step ends that began last.
    pub(in crate::engine) fn close(&mut self) {
        self.frames.pop();
    }

    /// The innermost step is tried again: it counts from here on.
    pub(in crate::engine) fn begin_again(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            *frame = Frame::new(frame.resets.take(), frame.powers_off);
        }
    }

    /// Whether the machine has started over as often as the innermost step says.
    pub(in crate::engine) fn resets_have_come(&self) -> bool {
        self.frames.last().is_none_or(Frame::has_all)
    }

    /// Whether the machine has powered itself off as the innermost step says.
    pub(in crate::engine) fn is_off_as_said(&self) -> bool {
        let is_due = |frame: &Frame| frame.powers_off && frame.off.is_none();
        !self.frames.last().is_some_and(is_due)
    }

    /// Whether the machine has started over or powered itself off since then, as a step under way says.
    pub(in crate::engine) fn went_away_since(&self, when: Instant) -> bool {
        self.frames.iter().any(|frame| frame.went_away_since(when))
    }

    /// Whether a step under way foresees that the machine goes away, and it has not yet.
    pub(in crate::engine) fn foresees_an_end(&self) -> bool {
        let foresees =
            |frame: &Frame| !frame.has_all() || (frame.powers_off && frame.off.is_none());
        self.frames.iter().any(foresees)
    }

    /// Whether a panic of the guest's kernel is foreseen, and not yet one too many.
    pub(super) fn foresees_panic(&self) -> bool {
        let rest = |frame: &Frame| frame.rest(ResetKind::Panic).is_some_and(|rest| rest > 0);
        self.frames.iter().any(rest)
    }

    /// The next reset by the guest comes from this.
    pub(super) fn announce(&mut self, kind: ResetKind) {
        self.announced = Some(kind);
    }

    /// What made the machine start over.
    pub(super) fn kind_of(&mut self, by: EventOrigin) -> ResetKind {
        match (by, self.announced.take()) {
            (EventOrigin::Host, _) => ResetKind::Host,
            (EventOrigin::Guest, Some(kind)) => kind,
            (EventOrigin::Guest, None) => ResetKind::Guest,
        }
    }

    /// The machine started over.
    pub(super) fn count(&mut self, kind: ResetKind) -> Counted {
        let mut counted = Counted::Unnamed;
        for frame in &mut self.frames {
            let after = frame.began.elapsed();
            let rest = frame.rest(kind);
            frame.seen.push(Seen { kind, after });
            match rest {
                Some(0) => return Counted::TooMany(frame.too_many()),
                Some(_) => counted = Counted::Foreseen(after),
                None => {}
            }
        }
        counted
    }

    /// The machine powered itself off. How long after the step began that foresees it; none where no step does.
    pub(super) fn power_off(&mut self) -> Option<Duration> {
        let mut foreseen = None;
        for frame in &mut self.frames {
            if frame.powers_off && frame.off.is_none() {
                frame.off = Some(frame.began.elapsed());
                foreseen = frame.off;
            }
        }
        foreseen
    }

    /// Returns what the innermost step says of resets, and what has come: `the step says 3 resets by the
    /// guest, and there was 1: ...`.
    pub(in crate::engine) fn words(&self) -> String {
        self.frames.last().map_or_else(String::new, Frame::words)
    }
}

impl Frame {
    fn new(resets: Option<Resets>, powers_off: bool) -> Self {
        Self {
            resets,
            powers_off,
            began: Instant::now(),
            seen: Vec::new(),
            off: None,
        }
    }

    fn seen(&self, kind: ResetKind) -> u32 {
        let seen = self.seen.iter().filter(|seen| seen.kind == kind).count();
        u32::try_from(seen).unwrap_or(u32::MAX)
    }

    /// How many of a kind are still to come; none where the step says nothing of the kind.
    fn rest(&self, kind: ResetKind) -> Option<u32> {
        let wanted = self.resets.as_ref()?.of(kind)?;
        Some(wanted.saturating_sub(self.seen(kind)))
    }

    fn has_all(&self) -> bool {
        let wanted = self.resets.iter().flat_map(Resets::iter);
        wanted
            .into_iter()
            .all(|(kind, wanted)| self.seen(kind) == wanted)
    }

    fn went_away_since(&self, when: Instant) -> bool {
        let is_since = |after: Duration| self.began + after >= when;
        let off = self.off.is_some_and(is_since);
        off || (self.resets.is_some() && self.seen.iter().any(|seen| is_since(seen.after)))
    }

    fn too_many(&self) -> String {
        format!("the machine started over once too often: {}", self.words())
    }

    fn words(&self) -> String {
        let wanted = match &self.resets {
            Some(resets) => resets.to_string(),
            None => "nothing of resets".to_owned(),
        };
        let all: Vec<String> = self.seen.iter().map(Seen::words).collect();
        let came = match all.as_slice() {
            [] => "there was none".to_owned(),
            [one] => format!("there was 1: {one}"),
            several => format!("there were {}: {}", several.len(), several.join(", ")),
        };
        format!("the step says {wanted}, and {came}")
    }
}

impl Seen {
    fn words(&self) -> String {
        let by = match self.kind {
            ResetKind::PowerCut => "a power cut",
            kind => reported(kind).by(),
        };
        let after = millis(self.after);
        format!("{by} after {}", human_duration(after))
    }
}

/// Returns the kind of a reset as the event log names it.
pub(super) fn reported(kind: ResetKind) -> reports::ResetKind {
    match kind {
        ResetKind::Guest => reports::ResetKind::Guest,
        ResetKind::Watchdog => reports::ResetKind::Watchdog,
        ResetKind::Panic => reports::ResetKind::Panic,
        ResetKind::Host => reports::ResetKind::Host,
        ResetKind::PowerCut => reports::ResetKind::PowerCut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_guest(count: u32) -> Option<Resets> {
        Some(Resets::by_guest(count))
    }

    fn is_too_many(counted: &Counted) -> bool {
        matches!(counted, Counted::TooMany(_))
    }

    #[test]
    fn resets_are_as_many_as_the_step_says_and_not_one_more() {
        let mut ledger = Ledger::default();
        ledger.open(by_guest(2), false);
        for _ in 0..2 {
            assert!(!ledger.resets_have_come());
            assert!(matches!(
                ledger.count(ResetKind::Guest),
                Counted::Foreseen(_)
            ));
        }
        assert!(ledger.resets_have_come());
        let third = ledger.count(ResetKind::Guest);
        assert!(is_too_many(&third), "{third:?}");
        assert!(
            ledger
                .words()
                .starts_with("the step says 2 resets by the guest, and there were 3: by the guest")
        );
    }

    #[test]
    fn a_kind_that_is_not_named_is_for_others_to_judge() {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.count(ResetKind::Guest), Counted::Unnamed);
        ledger.open(by_guest(1), false);
        assert_eq!(ledger.count(ResetKind::Watchdog), Counted::Unnamed);
        assert!(!ledger.resets_have_come());
    }

    #[test]
    fn what_happens_in_a_step_happens_in_the_steps_around_it() {
        let mut ledger = Ledger::default();
        ledger.open(by_guest(2), true);
        ledger.open(by_guest(1), false);
        assert!(matches!(
            ledger.count(ResetKind::Guest),
            Counted::Foreseen(_)
        ));
        assert!(ledger.resets_have_come());
        ledger.close();
        assert!(!ledger.resets_have_come(), "one more is to come");
        // Foreseen by the outer step, and no business of the inner one.
        ledger.open(None, false);
        assert!(ledger.power_off().is_some());
        assert!(ledger.power_off().is_none(), "once");
        ledger.close();
        assert!(ledger.is_off_as_said());
        // None is allowed in here, whatever the outer step says.
        ledger.open(by_guest(0), false);
        assert!(is_too_many(&ledger.count(ResetKind::Guest)));
    }

    #[test]
    fn a_group_that_is_tried_again_counts_again() {
        let mut ledger = Ledger::default();
        ledger.open(by_guest(1), false);
        ledger.count(ResetKind::Guest);
        ledger.begin_again();
        assert!(!ledger.resets_have_come());
        assert!(!is_too_many(&ledger.count(ResetKind::Guest)));
    }

    #[test]
    fn a_machine_that_is_back_does_not_excuse_what_is_asked_later() {
        let mut ledger = Ledger::default();
        let before = Instant::now();
        assert!(!ledger.foresees_an_end() && !ledger.went_away_since(before));
        ledger.open(by_guest(1), false);
        ledger.open(None, true);
        assert!(ledger.foresees_an_end() && !ledger.went_away_since(before));
        ledger.count(ResetKind::Guest);
        assert!(ledger.foresees_an_end(), "it is to power off");
        assert!(ledger.went_away_since(before));
        let between = Instant::now() + Duration::from_secs(1);
        assert!(!ledger.went_away_since(between));
        ledger.power_off();
        assert!(!ledger.foresees_an_end());
        assert!(ledger.went_away_since(before));
        ledger.close();
        assert!(!ledger.foresees_an_end());
    }

    #[test]
    fn what_comes_before_a_reset_tells_what_it_comes_from() {
        let mut ledger = Ledger::default();
        ledger.announce(ResetKind::Watchdog);
        assert_eq!(ledger.kind_of(EventOrigin::Guest), ResetKind::Watchdog);
        assert_eq!(ledger.kind_of(EventOrigin::Guest), ResetKind::Guest);
        ledger.announce(ResetKind::Panic);
        assert_eq!(
            ledger.kind_of(EventOrigin::Host),
            ResetKind::Host,
            "the one of a step comes first"
        );
        assert_eq!(ledger.kind_of(EventOrigin::Guest), ResetKind::Guest);
    }
}
