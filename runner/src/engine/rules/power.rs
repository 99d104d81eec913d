//! The power of the machine: what steps ask for, what the guest does by itself, and whom it is blamed on.

use std::time::Duration;

use reports::{CauseKind, Event, MachineNews};
use vm::EventOrigin;
use vm::scripted::{Effect, Script, Trigger};

use super::{Rig, after, minutes, shown};

const SECOND: Duration = Duration::from_secs(1);

/// A guest that restarts and powers off when its agent asks.
fn obeys(script: Script) -> Script {
    script
        .at_start([shown("menu"), Effect::ConnectAgent])
        .when(
            Trigger::AgentRestart,
            [after(5), Effect::Restart(EventOrigin::Guest)],
        )
        .when(Trigger::AgentShutdown, [after(5), Effect::PowerOff])
        .when(Trigger::PowerButton, [after(5), Effect::PowerOff])
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_a_step_asks_for_is_expected() {
    let ran = Rig::steps("  - reboot:\n  - see: menu\n")
        .script(obeys)
        .run()
        .await;
    ran.holds();
    let restarts = |event: &Event| {
        matches!(
            event,
            Event::Machine {
                what: MachineNews::Reset {
                    expected: true,
                    after_ms: Some(_),
                    ..
                }
            }
        )
    };
    assert_eq!(ran.count(restarts), 1);
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_does_not_restart_fails_at_the_deadline() {
    let rig = Rig::steps("  - reboot: { within: 1m }\n");
    let ran = rig
        .starts([shown("menu"), Effect::ConnectAgent])
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "the guest did not restart within 1m");
    ran.takes(minutes(1), SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_no_step_asks_for_is_the_guests_failure() {
    let rig = Rig::steps("  - see: { needle: desktop, within: 10m }\n");
    let ran = rig
        .starts([
            shown("menu"),
            after(20),
            Effect::Restart(EventOrigin::Guest),
        ])
        .run()
        .await;
    ran.fails(CauseKind::UnexpectedReset, "no step had asked for it");
    ran.takes(SECOND * 20, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn one_restart_more_than_was_asked_for_is_a_failure() {
    let rig = Rig::steps("  - reboot:\n  - see: { needle: desktop, within: 10m }\n");
    let twice = [after(5), Effect::Restart(EventOrigin::Guest)];
    let ran = rig
        .script(|script| {
            script
                .at_start([
                    shown("menu"),
                    Effect::ConnectAgent,
                    Effect::line("up"),
                    after(30),
                ])
                .at_start([Effect::Restart(EventOrigin::Guest)])
                .when(Trigger::AgentRestart, twice)
        })
        .run()
        .await;
    ran.fails(CauseKind::UnexpectedReset, "no step had asked for it");
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_powers_itself_off_unasked_is_a_failure() {
    let rig = Rig::steps("  - see: { needle: desktop, within: 10m }\n");
    let ran = rig
        .starts([shown("menu"), after(20), Effect::PowerOff])
        .run()
        .await;
    ran.fails(
        CauseKind::UnexpectedShutdown,
        "the guest powered itself off",
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_a_step_shuts_down_can_be_switched_on_again() {
    let rig = Rig::steps(
        "  - shutdown:\n  - power: on\n  - see: menu\n  - power: cut\n  - power: on\n  - see: menu\n",
    );
    let ran = rig.script(obeys).run().await;
    ran.holds();
    assert_eq!(
        ran.count(|event| matches!(event, Event::MachineStarted { .. })),
        3
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_ignores_the_power_button_fails_at_the_deadline() {
    let rig = Rig::steps("  - shutdown: { within: 1m }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.fails(CauseKind::Deadline, "the guest did not power off within 1m");
}

#[tokio::test(start_paused = true)]
async fn a_button_that_is_pressed_waits_for_nobody() {
    let rig = Rig::steps("  - power: off\n  - note: at once\n  - see: menu\n  - power: on\n");
    let ran = rig.script(obeys).run().await;
    ran.holds().notes("at once");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_on_is_not_switched_on() {
    let ran = Rig::steps("  - see: menu\n  - power: on\n")
        .script(obeys)
        .run()
        .await;
    ran.breaks(
        CauseKind::Scenario,
        "the machine is on, it cannot be switched on",
    )
    .at_step("2");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_off_cannot_be_asked_for_anything() {
    for step in ["reboot:", "shutdown:", "power: off", "power: reset"] {
        let ran = Rig::steps(&format!("  - shutdown:\n  - {step}\n"))
            .script(obeys)
            .run()
            .await;
        ran.breaks(CauseKind::Scenario, "the machine has powered itself off")
            .at_step("2");
    }
}

#[tokio::test(start_paused = true)]
async fn a_machine_whose_power_is_cut_has_nothing_to_look_at() {
    let ran = Rig::steps("  - power: cut\n  - see: menu\n")
        .script(obeys)
        .run()
        .await;
    ran.breaks(CauseKind::Scenario, "the machine's power is cut")
        .at_step("2");
}

#[tokio::test(start_paused = true)]
async fn a_panic_that_qemu_tells_of_is_the_guests_failure() {
    let rig = Rig::steps("  - see: { needle: desktop, within: 10m }\n");
    let ran = rig
        .starts([shown("menu"), after(9), Effect::Panic])
        .run()
        .await;
    ran.fails(CauseKind::Panic, "the guest's kernel panicked");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_ends_by_itself_blames_nobody_in_the_guest() {
    let rig = Rig::steps("  - see: { needle: desktop, within: 10m }\n");
    let ran = rig
        .starts([shown("menu"), after(9), Effect::End])
        .run()
        .await;
    ran.breaks(CauseKind::MachineExited, "ended");
    ran.takes(SECOND * 9, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_sleeps_and_wakes_up_goes_on() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5m }\n");
    let starts = [Effect::Suspend, after(60), Effect::Wake, shown("menu")];
    rig.starts(starts).run().await.holds();
}
