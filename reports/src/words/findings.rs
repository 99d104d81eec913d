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
                    Unconfirmed::NotWanted => "--no-confirm was given",
                    Unconfirmed::Repetition => "repetitions are not confirmed",
                    Unconfirmed::NotJudged => "no attempt from there came to a result",
                };
                format!(
                    "did not hold from the checkpoint of {stage}, made in an earlier run; not confirmed from \
                    power-on: {why} ({key})"
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
                "The scenario is flaky, and every attempt is shown. Either the key of the checkpoint lacks something \
                that changes the outcome, or the machine was not restored as it was saved."
            }
            Self::NotConfirmed { .. } => {
                "The failure counts. It is not known if the system under test is to blame, or the checkpoint from \
                which the attempt started."
            }
            Self::NotWatched { .. } => {
                "It is not known if its condition held. The verdict does not include it."
            }
            Self::OldClock { .. } => {
                "Programs that compare the guest's time with another time (TLS, tokens, dates of files) may have \
                failed, or held, for this reason."
            }
            Self::EvidenceLost { .. } => {
                "The verdict is based on what qa saw during the run. The evidence in the folder of the run is \
                incomplete."
            }
        }
    }

    /// Returns the next thing to do: one sentence.
    pub fn next(&self) -> &'static str {
        match self {
            Self::CheckpointBlamed { .. } => {
                "compare the attempts at the first step that differs; if this happens again, run with `--cold`, and \
                report it with the folder of the run"
            }
            Self::NotConfirmed { .. } => {
                "run it with `--cold`: the result from power-on is that of the system under test"
            }
            Self::EvidenceLost { .. } => {
                "make room in the folder of the results, or name another one with `--results`, and run it again"
            }
            Self::NotWatched { .. } => {
                "install the program that the watch needs in the image (usually qemu-guest-agent), or switch the \
                watch off in the scenario: `off: NAME`"
            }
            Self::OldClock { .. } => {
                "run it with `--cold`, install qemu-guest-agent in the image, or set the clock in a step (`date -s`)"
            }
        }
    }
}
