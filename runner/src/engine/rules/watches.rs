//! Tests of watches: conditions that must hold all the time while a scenario runs.

use std::time::Duration;

use reports::{CauseKind, Event, Verdict};
use vm::EventOrigin;
use vm::scripted::{Answer, Effect, Script, Trigger};

use super::{Rig, after, minutes, shown};

const SECOND: Duration = Duration::from_secs(1);

fn watching(watches: &str, steps: &str) -> Rig {
    Rig::scenario(&format!("watch:\n{watches}steps:\n{steps}"))
}

fn breached(ran: &super::Ran, watch: &str) {
    ran.is(Verdict::Failed);
    let cause = ran.cause();
    assert_eq!(cause.kind, CauseKind::Watch(watch.to_owned()), "{cause:?}");
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_watched_for_ends_a_wait_at_once() {
    let rig = watching(
        "  - { serial: 'I/O error', name: disk }\n",
        "  - see: { needle: desktop, within: 10m }\n",
    );
    let ran = rig
        .starts([shown("menu"), after(40), Effect::line("I/O error on sda")])
        .run()
        .await;
    breached(&ran, "disk");
    ran.takes(SECOND * 40, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_needle_that_is_watched_for_ends_a_wait_at_once() {
    let rig = watching(
        "  - { needle: window, name: crash }\n",
        "  - see: { needle: desktop, within: 10m }\n",
    );
    let ran = rig
        .starts([shown("menu"), after(40), shown("window")])
        .run()
        .await;
    breached(&ran, "crash");
}

#[tokio::test(start_paused = true)]
async fn what_came_in_the_last_moment_of_a_stage_counts() {
    let rig = watching(
        "  - { serial: 'I/O error', name: disk }\n",
        "  - see: desktop\n",
    );
    let ran = rig
        .starts([shown("desktop"), Effect::line("I/O error on sda")])
        .run()
        .await;
    breached(&ran, "disk");
}

#[tokio::test(start_paused = true)]
async fn restarts_are_no_failure_where_any_are_allowed() {
    let rig = watching(
        "  - reboots: any\n",
        "  - see: { needle: desktop, within: 10m }\n",
    );
    let ran = rig
        .script(|script| {
            script
                .at_start_number(
                    0,
                    [
                        shown("menu"),
                        after(30),
                        Effect::Restart(EventOrigin::Guest),
                    ],
                )
                .at_start_number(1, [Effect::line("up"), after(10), shown("desktop")])
        })
        .run()
        .await;
    ran.holds();
}

/// A guest with an agent whose health check says this.
fn healthy(status: i64) -> impl FnOnce(Script) -> Script {
    move |script| {
        script
            .at_start([
                shown("menu"),
                Effect::ConnectAgent,
                after(90),
                shown("desktop"),
            ])
            .answer("is-healthy", Answer::status(status))
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_is_watched_is_asked_again_and_again() {
    let watch = "  - { run: is-healthy, every: 20s, name: health }\n";
    let steps = "  - see: { needle: desktop, within: 10m }\n";
    watching(watch, steps)
        .script(healthy(0))
        .run()
        .await
        .holds();
    let ran = watching(watch, steps).script(healthy(1)).run().await;
    breached(&ran, "health");
    ran.takes(Duration::ZERO, SECOND * 30);
}

#[tokio::test(start_paused = true)]
async fn a_watch_of_the_scenario_that_could_not_look_is_no_pass() {
    let rig = watching(
        "  - { run: is-healthy, every: 20s, name: health }\n",
        "  - see: menu\n",
    );
    let ran = rig.starts([shown("menu")]).run().await;
    ran.is(Verdict::Skipped);
    assert!(
        ran.cause()
            .message
            .contains("its own watch `health` could not look"),
        "{:?}",
        ran.cause()
    );
    assert_eq!(
        ran.count(|event| matches!(event, Event::NotWatched { .. })),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn watches_look_before_the_guest_is_asked_to_end() {
    let rig = watching(
        "  - { run: is-healthy, every: 10m, name: health }\n",
        "  - see: { needle: desktop, within: 10m }\n  - shutdown:\n",
    );
    let ran = rig
        .script(healthy(1))
        .script(|script| script.when(Trigger::AgentShutdown, [Effect::PowerOff]))
        .run()
        .await;
    breached(&ran, "health");
    assert!(ran.passed < minutes(5), "{:?}", ran.passed);
}
