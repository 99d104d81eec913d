//! Tests of retries and repetitions: the number of attempts, and the verdict of several.

use reports::{CauseKind, Event, Verdict};
use vm::scripted::Effect;

use super::{Rig, after, shown};

#[tokio::test(start_paused = true)]
async fn a_scenario_that_fails_is_tried_as_often_as_retries_say() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5s }\n");
    let ran = rig
        .starts([shown("desktop")])
        .policy(|policy| policy.retries = 2)
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "no needle");
    assert_eq!(ran.scenario().attempts.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_scenario_that_holds_is_not_tried_again() {
    let rig = Rig::steps("  - see: menu\n");
    let ran = rig
        .starts([shown("menu")])
        .policy(|policy| policy.retries = 2)
        .run()
        .await;
    ran.holds();
    assert_eq!(ran.scenario().attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn repetitions_run_whatever_comes_of_them() {
    let rig = Rig::steps("  - see: menu\n");
    let ran = rig
        .starts([shown("menu")])
        .policy(|policy| policy.repeat = 4)
        .run()
        .await;
    ran.holds();
    assert_eq!(ran.scenario().attempts.len(), 4);
    assert_eq!(
        ran.count(|event| matches!(event, Event::MachineStarted { .. })),
        4
    );
}

#[tokio::test(start_paused = true)]
async fn repetitions_until_a_failure_end_with_it() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5s }\n");
    let ran = rig
        .starts([shown("desktop")])
        .policy(|policy| {
            policy.repeat = 4;
            policy.until_fail = true;
        })
        .run()
        .await;
    ran.is(Verdict::Failed);
    assert_eq!(ran.scenario().attempts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_number_of_the_attempt_is_known_to_the_scenario() {
    // Each attempt has a machine of its own, which does the same.
    let rig = Rig::steps("  - assert: attempt == \"2\"\n");
    let ran = rig.policy(|policy| policy.retries = 1).run().await;
    ran.is(Verdict::Flaky);
    assert_eq!(ran.scenario().attempts.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_broke_is_an_error_in_each_attempt() {
    let rig = Rig::steps("  - see: { needle: menu, within: 1m }\n");
    let ran = rig
        .starts([after(1), Effect::End])
        .policy(|policy| policy.retries = 1)
        .run()
        .await;
    ran.breaks(CauseKind::MachineExited, "ended");
    assert_eq!(ran.scenario().attempts.len(), 2);
}
