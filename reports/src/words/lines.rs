//! Lines that an event, a remark and a finding share.

use crate::duration::human_duration;
use crate::size::human_size;

/// Returns the line about a stage that was saved.
pub(super) fn saved(stage: &str, key: &str, bytes: u64, duration_ms: u64) -> String {
    format!(
        "checkpoint of {stage} saved: {} in {} ({key})",
        human_size(bytes),
        human_duration(duration_ms)
    )
}

/// Returns the line about a checkpoint that could not be made or used.
pub(super) fn unusable(stage: &str, reason: &str) -> String {
    format!("no checkpoint of {stage}: {reason}")
}

/// Returns the line about a checkpoint that is to blame.
pub(super) fn blamed(stage: &str, key: &str) -> String {
    format!(
        "failed from the checkpoint of {stage} each time and held from power-on each time: the checkpoint is to blame, \
        and was dropped ({key})"
    )
}

/// Returns the line about evidence that could not be kept.
pub(super) fn evidence_lost(what: &str, reason: &str) -> String {
    format!("{what} is lost: {reason}")
}

/// Returns the line about a watch that has seen nothing.
pub(super) fn not_watched(stage: &str, watch: &str, reason: &str) -> String {
    format!("watch `{watch}` of {stage} has not looked: {reason}")
}

/// Returns the line about a guest with an old clock.
pub(super) fn old_clock(stage: &str, behind_ms: u64, reason: &str) -> String {
    format!(
        "the guest's clock is {} behind, at the time of the checkpoint of {stage}: {reason}",
        human_duration(behind_ms)
    )
}
