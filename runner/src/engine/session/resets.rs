//! Counts the resets and power-offs of a machine, and compares them with the numbers that the running steps expect.
//!
//! ```text
//! step with `resets` or `powers_off` --open--> expectation --count, power_off--> as the step says? --close-->
//! ```
//!
//! Expectations are nested like their steps. Every reset counts in all of them, even one that an inner step requests.

use std::time::Duration;
use tokio::time::Instant;

use reports::human_duration;
use scenarios::{ResetKind, Resets};
use vm::EventOrigin;

use crate::millis::millis;

/// The resets and power-offs that running steps expect, and those that came.
#[derive(Debug, Default)]
pub(in crate::engine) struct Ledger {
    /// The outermost step first.
    expectations: Vec<Expectation>,
    /// The reason of the next reset by the guest, if the machine told it before the reset.
    announced: Option<ResetKind>,
}

/// The resets that a step expects, or its power-off, with those that came since the step began.
#[derive(Debug)]
struct Expectation {
    resets: Option<Resets>,
    powers_off: bool,
    began: Instant,
    seen: Vec<Seen>,
    /// The time from the begin of the step to the power-off; none if there was none.
    off: Option<Duration>,
}

/// A reset that came.
#[derive(Debug, Clone, Copy)]
struct Seen {
    kind: ResetKind,
    /// The time since the step began.
    after: Duration,
}

/// The result of counting a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Counted {
    /// A running step expects it. Holds the time since that step began.
    Expected(Duration),
    /// No running step mentions this kind of reset.
    NotMentioned,
    /// It is one more than a running step expects. Holds the message.
    TooMany(String),
}

impl Ledger {
    /// Begins to count for a step with `resets` or `powers_off`.
    pub(in crate::engine) fn open(&mut self, resets: Option<Resets>, powers_off: bool) {
        self.expectations.push(Expectation::new(resets, powers_off));
    }

    /// Ends the innermost count: its step is over.
    pub(in crate::engine) fn close(&mut self) {
        self.expectations.pop();
    }

    /// Begins the innermost count again, because its step is tried again.
    pub(in crate::engine) fn begin_again(&mut self) {
        if let Some(expectation) = self.expectations.last_mut() {
            *expectation = Expectation::new(expectation.resets.take(), expectation.powers_off);
        }
    }

    /// Returns whether all resets came that the innermost step expects.
    pub(in crate::engine) fn has_all_resets(&self) -> bool {
        self.expectations
            .last()
            .is_none_or(Expectation::has_all_resets)
    }

    /// Returns whether the machine has powered itself off, if the innermost step expects that.
    pub(in crate::engine) fn is_off_as_expected(&self) -> bool {
        let is_due =
            |expectation: &Expectation| expectation.powers_off && expectation.off.is_none();
        !self.expectations.last().is_some_and(is_due)
    }

    /// Returns whether an expected reset or power-off came since then.
    pub(in crate::engine) fn went_down_since(&self, when: Instant) -> bool {
        self.expectations
            .iter()
            .any(|expectation| expectation.went_down_since(when))
    }

    /// Returns whether a running step still expects a reset or a power-off.
    pub(in crate::engine) fn expects_end(&self) -> bool {
        let expects = |expectation: &Expectation| !expectation.has_all_resets();
        self.expects_power_off() || self.expectations.iter().any(expects)
    }

    /// Returns whether a running step still expects a power-off.
    pub(super) fn expects_power_off(&self) -> bool {
        let expects =
            |expectation: &Expectation| expectation.powers_off && expectation.off.is_none();
        self.expectations.iter().any(expects)
    }

    /// Returns whether a running step still expects a panic of the guest's kernel.
    pub(super) fn expects_panic(&self) -> bool {
        let remaining = |expectation: &Expectation| {
            expectation
                .remaining(ResetKind::Panic)
                .is_some_and(|remaining| remaining > 0)
        };
        self.expectations.iter().any(remaining)
    }

    /// Notes the reason of the next reset by the guest.
    pub(super) fn announce(&mut self, kind: ResetKind) {
        self.announced = Some(kind);
    }

    /// Returns the kind of a reset. A reason that was announced counts for this reset only.
    pub(super) fn kind_of(&mut self, by: EventOrigin) -> ResetKind {
        match (by, self.announced.take()) {
            (EventOrigin::Host, _) => ResetKind::Host,
            (EventOrigin::Guest, Some(kind)) => kind,
            (EventOrigin::Guest, None) => ResetKind::Guest,
        }
    }

    /// Counts a reset for all running steps.
    pub(super) fn count(&mut self, kind: ResetKind) -> Counted {
        let mut counted = Counted::NotMentioned;
        for expectation in &mut self.expectations {
            let after = expectation.began.elapsed();
            let remaining = expectation.remaining(kind);
            expectation.seen.push(Seen { kind, after });
            match remaining {
                Some(0) => return Counted::TooMany(expectation.too_many()),
                Some(_) => counted = Counted::Expected(after),
                None => {}
            }
        }
        counted
    }

    /// Counts a power-off by the guest. Returns the time since the begin of the step that expects it; none if no step
    /// expects one.
    pub(super) fn power_off(&mut self) -> Option<Duration> {
        let mut expected_after = None;
        for expectation in &mut self.expectations {
            if expectation.powers_off && expectation.off.is_none() {
                expectation.off = Some(expectation.began.elapsed());
                expected_after = expectation.off;
            }
        }
        expected_after
    }

    /// Compares the resets that the innermost step expects with those that came, in words: `the step says 3 resets by
    /// the guest, and there was 1: ...`.
    pub(in crate::engine) fn words(&self) -> String {
        self.expectations
            .last()
            .map_or_else(String::new, Expectation::words)
    }
}

impl Expectation {
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

    /// Returns how many resets of a kind are still to come; none if the step does not mention the kind.
    fn remaining(&self, kind: ResetKind) -> Option<u32> {
        let wanted = self.resets.as_ref()?.of(kind)?;
        Some(wanted.saturating_sub(self.seen(kind)))
    }

    fn has_all_resets(&self) -> bool {
        let wanted = self.resets.iter().flat_map(Resets::iter);
        wanted
            .into_iter()
            .all(|(kind, wanted)| self.seen(kind) == wanted)
    }

    fn went_down_since(&self, when: Instant) -> bool {
        let is_since = |after: Duration| self.began + after >= when;
        let off = self.off.is_some_and(is_since);
        off || (self.resets.is_some() && self.seen.iter().any(|seen| is_since(seen.after)))
    }

    fn too_many(&self) -> String {
        format!("the machine restarted once too often: {}", self.words())
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
            assert!(!ledger.has_all_resets());
            assert!(matches!(
                ledger.count(ResetKind::Guest),
                Counted::Expected(_)
            ));
        }
        assert!(ledger.has_all_resets());
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
        assert_eq!(ledger.count(ResetKind::Guest), Counted::NotMentioned);
        ledger.open(by_guest(1), false);
        assert_eq!(ledger.count(ResetKind::Watchdog), Counted::NotMentioned);
        assert!(!ledger.has_all_resets());
    }

    #[test]
    fn what_happens_in_a_step_happens_in_the_steps_around_it() {
        let mut ledger = Ledger::default();
        ledger.open(by_guest(2), true);
        ledger.open(by_guest(1), false);
        assert!(matches!(
            ledger.count(ResetKind::Guest),
            Counted::Expected(_)
        ));
        assert!(ledger.has_all_resets());
        ledger.close();
        assert!(!ledger.has_all_resets(), "one more is to come");
        // The outer step expects it; the inner one does not mention it.
        ledger.open(None, false);
        assert!(ledger.power_off().is_some());
        assert!(ledger.power_off().is_none(), "once");
        ledger.close();
        assert!(ledger.is_off_as_expected());
        // The inner step allows none, even if the outer step expects one.
        ledger.open(by_guest(0), false);
        assert!(is_too_many(&ledger.count(ResetKind::Guest)));
    }

    #[test]
    fn a_group_that_is_tried_again_counts_again() {
        let mut ledger = Ledger::default();
        ledger.open(by_guest(1), false);
        ledger.count(ResetKind::Guest);
        ledger.begin_again();
        assert!(!ledger.has_all_resets());
        assert!(!is_too_many(&ledger.count(ResetKind::Guest)));
    }

    #[test]
    fn a_machine_that_is_back_does_not_excuse_what_is_asked_later() {
        let mut ledger = Ledger::default();
        let before = Instant::now();
        assert!(!ledger.expects_end() && !ledger.went_down_since(before));
        ledger.open(by_guest(1), false);
        ledger.open(None, true);
        assert!(ledger.expects_end() && !ledger.went_down_since(before));
        ledger.count(ResetKind::Guest);
        assert!(ledger.expects_end(), "it is to power off");
        assert!(ledger.went_down_since(before));
        let between = Instant::now() + Duration::from_secs(1);
        assert!(!ledger.went_down_since(between));
        ledger.power_off();
        assert!(!ledger.expects_end());
        assert!(ledger.went_down_since(before));
        ledger.close();
        assert!(!ledger.expects_end());
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
