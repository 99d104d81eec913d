//! Plays sequences of verdicts through the rules for another attempt.

use AttemptReason::{
    BrokeOffFromCheckpoint, ConfirmationBrokeOff, FailedFromCheckpoint, FailedFromCheckpointAgain,
    HeldFromPowerOn, Retry,
};
use Verdict::{Cancelled, Error, Failed, Passed, Skipped, SoftFailed};

use super::*;
use crate::plan::Trust;

fn policy(confirm: bool, retries: u32) -> Policy {
    Policy {
        trust: Trust::AnyRun,
        confirm,
        retries,
        repeat: 1,
        until_fail: false,
        slots: 1,
    }
}

fn key(of: &str) -> CheckpointKey {
    CheckpointKey::from_bytes([u8::try_from(of.len()).expect("a short name"); 32])
}

/// Plays attempts with these verdicts. The first starts from the checkpoint of an earlier run or from power-on.
fn play(
    warm: bool,
    verdicts: &[Verdict],
    policy: Policy,
) -> (Vec<PastAttempt>, Option<AttemptReason>) {
    let mut made = Vec::new();
    let mut reason = None;
    for verdict in verdicts {
        let earlier = match reason {
            None => warm,
            Some(reason) => starts_from_earlier(reason),
        };
        made.push(PastAttempt {
            reason,
            verdict: *verdict,
            from: earlier.then(|| key("login")),
        });
        reason = next(&made, policy);
        if reason.is_none() {
            break;
        }
    }
    (made, reason)
}

#[test]
fn each_way_has_its_next_attempt() {
    for (warm, verdicts, retries, expected) in [
        // From power-on there is nothing to confirm.
        (false, &[Failed][..], 0, None),
        (false, &[Error], 0, None),
        (false, &[Passed], 2, None),
        (false, &[Failed], 1, Some(Retry)),
        (false, &[Error], 1, Some(Retry)),
        (false, &[Failed, Failed], 1, None),
        (false, &[Failed, Error], 2, Some(Retry)),
        (false, &[Failed, Passed], 2, None),
        // A failure from a checkpoint is confirmed before it is retried.
        (true, &[Failed], 0, Some(FailedFromCheckpoint)),
        (true, &[Failed], 2, Some(FailedFromCheckpoint)),
        (true, &[Failed, Failed], 0, None),
        (true, &[Failed, Failed], 1, Some(Retry)),
        (true, &[Failed, Failed, Failed], 1, None),
        // An error is retried as an error: it is not confirmed, and does not confirm a failure.
        (true, &[Error], 0, Some(BrokeOffFromCheckpoint)),
        (true, &[Error, Passed], 0, None),
        (true, &[Error, Error], 0, None),
        (true, &[Error, Failed], 0, None),
        (true, &[Error, Failed], 1, Some(Retry)),
        (true, &[Failed, Error], 0, Some(ConfirmationBrokeOff)),
        (true, &[Failed, Error, Error], 0, None),
        (true, &[Failed, Error, Error], 1, Some(Retry)),
        (true, &[Failed, Error, Failed], 0, None),
        (true, &[Failed, Error, Passed], 0, Some(HeldFromPowerOn)),
        // A scenario that held from power-on is tried from the checkpoint again.
        (true, &[Failed, Passed], 0, Some(HeldFromPowerOn)),
        (true, &[Failed, SoftFailed], 0, Some(HeldFromPowerOn)),
        (true, &[Failed, Passed, Passed], 2, None),
        (true, &[Failed, Passed, Error], 2, None),
        (
            true,
            &[Failed, Passed, Failed],
            0,
            Some(FailedFromCheckpointAgain),
        ),
        (true, &[Failed, Passed, Failed, Passed], 2, None),
        (true, &[Failed, Passed, Failed, Failed], 2, None),
        (true, &[Failed, Passed, Failed, Error], 2, None),
        // A cancelled or skipped scenario is not tried again.
        (true, &[Cancelled], 2, None),
        (true, &[Skipped], 2, None),
        (true, &[Failed, Cancelled], 2, None),
        (true, &[Failed, Skipped], 2, None),
        (true, &[Failed, Passed, Cancelled], 2, None),
        (true, &[Passed], 2, None),
        (true, &[SoftFailed], 2, None),
    ] {
        let (made, next) = play(warm, verdicts, policy(true, retries));
        assert_eq!(
            made.len(),
            verdicts.len(),
            "{verdicts:?} come one after the other"
        );
        assert_eq!(next, expected, "{warm} {verdicts:?} {retries}");
    }
}

#[test]
fn without_confirmation_and_in_repetitions_the_first_attempt_counts() {
    for verdict in [Failed, Error] {
        assert_eq!(play(true, &[verdict], policy(false, 0)).1, None);
        assert_eq!(play(true, &[verdict], policy(false, 1)).1, Some(Retry));
        let repeats = Policy {
            repeat: 2,
            ..policy(true, 0)
        };
        assert_eq!(play(true, &[verdict], repeats).1, None);
    }
}

#[test]
fn a_checkpoint_is_to_blame_only_where_it_fails_again_and_power_on_holds_again() {
    let verdicts = [Passed, SoftFailed, Failed, Error, Skipped, Cancelled];
    let mut ways: Vec<Vec<Verdict>> = vec![Vec::new()];
    let mut blamed = Vec::new();
    while let Some(way) = ways.pop() {
        for verdict in verdicts {
            let mut longer = way.clone();
            longer.push(verdict);
            let (made, next) = play(true, &longer, policy(true, 1));
            assert!(made.len() <= 6, "it comes to an end: {longer:?}");
            match next {
                Some(_) => ways.push(longer),
                None if to_blame(&made).is_some() => blamed.push(longer),
                None => {}
            }
        }
    }
    for way in &blamed {
        let came: Vec<_> = way.iter().map(|verdict| AttemptEnd::of(*verdict)).collect();
        let counting: Vec<_> = came
            .into_iter()
            .filter(|came| *came != AttemptEnd::BrokeOff)
            .collect();
        assert_eq!(
            counting,
            [
                AttemptEnd::Failed,
                AttemptEnd::Held,
                AttemptEnd::Failed,
                AttemptEnd::Held
            ],
            "{way:?}"
        );
    }
    // Each with passed and soft-failed, and with and without a confirmation that ended with an error.
    assert_eq!(blamed.len(), 8, "{blamed:?}");
}

#[test]
fn another_checkpoint_than_the_first_one_blames_none() {
    let from = |reason, verdict, from: Option<&str>| PastAttempt {
        reason,
        verdict,
        from: from.map(key),
    };
    let made = [
        from(None, Failed, Some("login")),
        from(Some(FailedFromCheckpoint), Passed, None),
        from(Some(HeldFromPowerOn), Failed, Some("boot")),
    ];
    assert_eq!(next(&made, policy(true, 2)), None);
    assert_eq!(to_blame(&made), None);
}
