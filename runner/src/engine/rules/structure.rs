//! Groups, conditions, variables, remarks and known defects.

use std::time::Duration;

use reports::{CauseKind, StepOutcome, Verdict};
use vm::scripted::{Effect, Trigger};

use super::{Rig, after, shown};

#[tokio::test(start_paused = true)]
async fn a_group_is_tried_again_from_its_first_step() {
    let rig = Rig::steps(
        "  - group:\n      name: knock\n      retry: 2\n      steps:\n        - press: ret\n        \
            - see: { needle: desktop, within: 10s }\n",
    );
    let keys = ["ret", "ret"]
        .map(|key| key.parse().expect("a key"))
        .to_vec();
    let ran = rig
        .starts([shown("menu")])
        .script(|script| script.when(Trigger::Keys(keys), [shown("desktop")]))
        .run()
        .await;
    ran.holds().notes("group `knock` is tried again");
}

#[tokio::test(start_paused = true)]
async fn a_group_that_never_holds_fails_with_the_last_cause() {
    let rig = Rig::steps(
        "  - group:\n      name: knock\n      retry: 2\n      steps:\n        \
            - see: { needle: desktop, within: 10s }\n",
    );
    let ran = rig.starts([shown("menu")]).run().await;
    ran.fails(
        CauseKind::Deadline,
        "no needle tagged `desktop` matched within 10s",
    );
    ran.takes(Duration::from_secs(30), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn an_optional_group_that_does_not_hold_is_told_and_no_failure() {
    let rig = Rig::steps(
        "  - group:\n      name: tour\n      optional: true\n      steps:\n        \
            - see: { needle: desktop, within: 10s }\n  - see: menu\n",
    );
    let ran = rig.starts([shown("menu")]).run().await;
    ran.holds().notes("optional group `tour` did not hold");
}

#[tokio::test(start_paused = true)]
async fn no_group_forgives_a_machine_that_broke() {
    let rig = Rig::steps(
        "  - group:\n      name: tour\n      optional: true\n      retry: 5\n      steps:\n        \
            - see: { needle: desktop, within: 10m }\n",
    );
    let ran = rig
        .starts([shown("menu"), after(5), Effect::End])
        .run()
        .await;
    ran.breaks(CauseKind::MachineExited, "ended");
}

#[tokio::test(start_paused = true)]
async fn a_step_whose_condition_is_false_is_left_out() {
    let rig = Rig::scenario(
        "vars: { kind: live }\nsteps:\n  - note: installed\n    when: kind == \"installed\"\n  \
            - note: live\n    when: kind == \"live\"\n",
    );
    let ran = rig.run().await;
    ran.holds();
    let outcomes: Vec<_> = ran.steps().iter().map(|step| step.outcome).collect();
    assert_eq!(
        outcomes,
        [Some(StepOutcome::Skipped), Some(StepOutcome::Passed)]
    );
}

#[tokio::test(start_paused = true)]
async fn an_assertion_that_is_false_tells_the_values() {
    let rig = Rig::scenario("vars: { kind: live }\nsteps:\n  - assert: kind == \"installed\"\n");
    let ran = rig.run().await;
    ran.fails(CauseKind::Assertion, "kind is \"live\"");
}

#[tokio::test(start_paused = true)]
async fn steps_for_each_item_run_in_their_order() {
    let rig = Rig::scenario(
        "vars: { apps: [one, two, three] }\nsteps:\n  - each: { in: apps, steps: [ { note: \"{{ item }}\" } ] }\n",
    );
    let ran = rig.run().await;
    ran.holds();
    let notes: Vec<_> = ran.all_notes().filter(|note| note.len() < 6).collect();
    assert_eq!(notes, ["one", "two", "three"]);
}

#[tokio::test(start_paused = true)]
async fn a_known_defect_makes_a_pass_a_soft_failure_and_saves_no_failure() {
    let soft = "  - soft_fail: { reason: the clock is slow, ticket: BUG-1 }\n";
    Rig::steps(soft).run().await.is(Verdict::SoftFailed);
    let ran = Rig::steps(&format!("{soft}  - assert: \"1 == 2\"\n"))
        .run()
        .await;
    ran.fails(CauseKind::Assertion, "does not hold");
}

#[tokio::test(start_paused = true)]
async fn a_pause_without_a_person_is_told_and_goes_on() {
    let ran = Rig::steps("  - pause: look at the menu\n").run().await;
    ran.holds()
        .notes("`pause` is skipped, because this run is not interactive: look at the menu");
}
