//! Words for findings: what was found, what it means, and what to do next.

use super::lines::{blamed, evidence_lost, not_watched, old_clock};
use crate::number_ranges::number_ranges;
use crate::run::{Finding, Unconfirmed};

impl Finding {
    /// Returns the finding, for people: a lowercase fragment.
    pub fn text(&self) -> String {
        match self {
            Self::CheckpointBlamed {
                stage,
                key,
                failed,
                held,
            } => {
                let [failed, held] =
                    [failed, held].map(|numbers| number_ranges(numbers.iter().copied()));
                format!(
                    "{}; attempts that failed from it: {failed}; that held without it: {held}",
                    blamed(stage, key)
                )
            }
            Self::NotConfirmed { stage, key, why } => {
                let why = match why {
                    Unconfirmed::NotWanted => "--no-confirm",
                    Unconfirmed::Repetition => "repetitions are not",
                    Unconfirmed::NotJudged => "no attempt from there could judge it",
                };
                format!(
                    "did not hold from the checkpoint of {stage}, made in an earlier run; not confirmed from power-on \
                    ({why}) ({key})"
                )
            }
            Self::NotWatched {
                stage,
                watch,
                reason,
            } => not_watched(stage, watch, reason),
            Self::OldClock {
                stage,
                behind_ms,
                reason,
            } => old_clock(stage, *behind_ms, reason),
            Self::EvidenceLost { what, reason } => evidence_lost(what, reason),
        }
    }

    /// Returns the meaning of the finding for the verdict: whole sentences.
    pub fn meaning(&self) -> &'static str {
        match self {
            Self::CheckpointBlamed { .. } => {
                "What failed and then held is flaky all the same, and every attempt is shown. \
                 Something that changes the outcome is not part of the checkpoint's key, or the machine did not come \
                 back as it was saved."
            }
            Self::NotConfirmed { .. } => {
                "The failure counts as it is. Whether the system under test is to blame, or the checkpoint that the \
                attempt started from, is not known."
            }
            Self::NotWatched { .. } => {
                "Nobody has seen whether what it watches for happened: the verdict says nothing of it."
            }
            Self::OldClock { .. } => {
                "What compares the guest's time with another (TLS, tokens, dates of files) may have failed for it, \
                or held."
            }
            Self::EvidenceLost { .. } => {
                "The verdict stands on what was seen while it ran; what would show it to others is missing here."
            }
        }
    }

    /// Returns the next thing to do: one sentence.
    pub fn next(&self) -> &'static str {
        match self {
            Self::CheckpointBlamed { .. } => {
                "compare the attempts at the first step that differs; if it comes back, run with `--cold` and report \
                it with the run's folder"
            }
            Self::NotConfirmed { .. } => {
                "run it with `--cold`: what it comes to from power-on is what the system under test does"
            }
            Self::EvidenceLost { .. } => {
                "make room where the results go, or give another folder with `--results`, and run it again"
            }
            Self::NotWatched { .. } => {
                "give the image what the watch needs (qemu-guest-agent, as a rule), or switch the watch off in the \
                scenario: `off: NAME`"
            }
            Self::OldClock { .. } => {
                "run it with `--cold`, give the image qemu-guest-agent, or set the clock in a step (`date -s`)"
            }
        }
    }
}
