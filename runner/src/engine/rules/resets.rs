//! Steps that say how often the machine starts over while they run, or that it powers off.

use std::time::Duration;

use reports::CauseKind;
use vm::EventOrigin;
use vm::scripted::Effect;

use super::{Rig, after, minutes, shown};

const SECOND: Duration = Duration::from_secs(1);
const RESTART: Effect = Effect::Restart(EventOrigin::Guest);

/// A guest that restarts by itself so many times, half a minute apart, and then shows the desktop.
fn restarts(times: u32) -> impl FnOnce(vm::scripted::Script) -> vm::scripted::Script {
    move |script| {
        let mut script = script;
        for start in 0..=times {
            let effects = match start < times {
                true => vec![shown("menu"), Effect::line("up"), after(30), RESTART],
                false => vec![Effect::line("done"), shown("desktop")],
            };
            script = script.at_start_number(start, effects);
        }
        script
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_waits_until_the_machine_has_started_over_as_often_as_the_step_says() {
    let rig = Rig::steps("  - see: { needle: desktop, resets: 2, within: 10m }\n");
    rig.script(restarts(2))
        .run()
        .await
        .holds()
        .takes(minutes(1), SECOND * 10);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_the_screen_before_the_last_restart_does_not_count() {
    let rig = Rig::steps("  - see: { needle: menu, resets: 1, within: 1m }\n");
    let ran = rig.script(restarts(1)).run().await;
    ran.fails(CauseKind::Deadline, "no needle tagged `menu` matched");
}

#[tokio::test(start_paused = true)]
async fn one_restart_too_many_ends_the_step_at_once() {
    let rig = Rig::steps("  - see: { needle: desktop, resets: 1, within: 10m }\n");
    let ran = rig.script(restarts(3)).run().await;
    ran.fails(CauseKind::Resets, "the machine restarted once too often");
    ran.takes(minutes(1), SECOND * 10);
}

#[tokio::test(start_paused = true)]
async fn too_few_restarts_fail_at_the_deadline_and_the_words_tell_what_came() {
    let rig = Rig::steps("  - see: { needle: desktop, resets: 3, within: 3m }\n");
    let ran = rig.script(restarts(1)).run().await;
    ran.fails(
        CauseKind::Resets,
        "the step says 3 resets by the guest, and there was 1",
    );
    ran.takes(minutes(3), SECOND * 10);
}

#[tokio::test(start_paused = true)]
async fn a_group_counts_what_its_steps_brought_about() {
    let group = |resets: u32| {
        format!(
            "  - group:\n      name: g\n      steps:\n        - serial: {{ regex: done, within: 10m }}\n    \
                resets: {resets}\n"
        )
    };
    let rig = Rig::steps(&group(2)).script(restarts(2));
    rig.run().await.holds();
    let ran = Rig::steps(&group(3)).script(restarts(2)).run().await;
    ran.fails(
        CauseKind::Resets,
        "the step says 3 resets by the guest, and there were 2",
    );
}

#[tokio::test(start_paused = true)]
async fn a_step_that_says_that_the_machine_powers_off_waits_for_it() {
    let rig =
        Rig::steps("  - see: { needle: menu, powers_off: true, within: 2m }\n  - power: on\n");
    let ran = rig
        .starts([shown("menu"), after(40), Effect::PowerOff])
        .run()
        .await;
    ran.holds().takes(SECOND * 40, SECOND * 10);
    let rig = Rig::steps("  - see: { needle: menu, powers_off: true, within: 2m }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.fails(CauseKind::Deadline, "the guest did not power off within 2m");
}

#[tokio::test(start_paused = true)]
async fn a_panic_that_a_step_expects_is_counted() {
    let rig = Rig::steps("  - see: { needle: desktop, resets: { panic: 1 }, within: 5m }\n");
    let ran = rig
        .script(|script| {
            script
                .at_start_number(0, [shown("menu"), after(10), Effect::Panic])
                .at_start_number(1, [shown("desktop")])
                .when(vm::scripted::Trigger::Resumed, [after(3), RESTART])
        })
        .run()
        .await;
    ran.holds();
}
