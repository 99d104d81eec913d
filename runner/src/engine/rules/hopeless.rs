//! A wait ends as soon as it cannot succeed, and none that would have succeeded ends so.

use std::time::Duration;

use reports::CauseKind;
use vm::EventOrigin;
use vm::scripted::{Effect, Trigger};

use super::rig::pattern;
use super::{Rig, after, minutes, shown};

const SECOND: Duration = Duration::from_secs(1);

/// The words of a console in each state, with the name of its rule.
const STATES: [(&str, &str); 5] = [
    (
        "no-root-disk",
        "[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)\r\n",
    ),
    (
        "kernel-panic",
        "[    2.9] Kernel panic - not syncing: Attempted to kill init!\r\n",
    ),
    (
        "no-root-device",
        "ALERT!  /dev/vdz does not exist.  Dropping to a shell!\r\n(initramfs) ",
    ),
    (
        "emergency-shell",
        "You are in emergency mode. After logging in, type \"journalctl -xb\"\r\n",
    ),
    (
        "nothing-to-start",
        "BdsDxe: No bootable option or device was found.\r\n",
    ),
];

fn says(text: &str) -> [Effect; 3] {
    [
        shown("menu"),
        after(5),
        Effect::Write(text.as_bytes().to_vec()),
    ]
}

#[tokio::test(start_paused = true)]
async fn every_wait_for_the_guest_ends_in_every_state() {
    for (name, text) in STATES {
        for step in [
            "serial: { regex: never, within: 2h }",
            "see: { needle: desktop, within: 2h }",
            "click: { needle: desktop, within: 2h }",
            "run: { command: 'true', over: agent, within: 2h }",
        ] {
            let ran = Rig::steps(&format!("  - {step}\n"))
                .starts(says(text))
                .run()
                .await;
            ran.fails(CauseKind::Deadline, "it cannot succeed any more: ");
            let hints = &ran.cause().hints;
            assert!(
                hints.iter().any(|hint| hint.contains(name)),
                "{name}: {hints:?}"
            );
            assert!(ran.passed < minutes(1), "{name} {step}: {:?}", ran.passed);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_the_guest_cannot_help_has_its_whole_time() {
    for (_, text) in STATES {
        let rig = Rig::steps(
            "  - serial: { absent: 'login:', for: 5m }\n  - still: { for: 3m, within: 10m }\n",
        );
        rig.starts(says(text)).run().await.holds();
    }
}

#[tokio::test(start_paused = true)]
async fn a_console_that_goes_on_is_a_sign_of_life() {
    for (_, text) in STATES {
        let signs = (0..30).flat_map(|_| [after(10), Effect::line("a line")]);
        let starts = says(text)
            .into_iter()
            .chain(signs)
            .chain([Effect::line("login:")]);
        let rig = Rig::steps("  - serial: { regex: 'login:', within: 20m }\n");
        rig.starts(starts)
            .run()
            .await
            .holds()
            .takes(minutes(5), SECOND * 30);
    }
}

#[tokio::test(start_paused = true)]
async fn a_screen_that_goes_on_is_a_sign_of_life() {
    for (_, text) in STATES {
        let signs = (10..40).flat_map(|seed| [after(10), pattern(seed)]);
        let starts = says(text)
            .into_iter()
            .chain(signs)
            .chain([Effect::line("\r\nlogin:")]);
        let rig = Rig::steps("  - serial: { regex: 'login:', within: 20m }\n");
        rig.starts(starts).run().await.holds();
    }
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_is_expected_or_allowed_is_waited_for() {
    let panics = |script: vm::scripted::Script| {
        let (_, text) = STATES[1];
        let restart = [after(120), Effect::Restart(EventOrigin::Guest)];
        script
            .at_start_number(0, says(text).into_iter().chain(restart))
            .at_start_number(1, [Effect::line("login:")])
    };
    let expected = Rig::steps("  - serial: { regex: 'login:', within: 10m, resets: 1 }\n");
    expected.script(panics).run().await.holds();
    let allowed = Rig::scenario(
        "watch: [{ reboots: any }]\nsteps:\n  - serial: { regex: 'login:', within: 10m }\n",
    );
    allowed.script(panics).run().await.holds();
}

#[tokio::test(start_paused = true)]
async fn who_looks_for_such_a_line_goes_on_from_there() {
    let (_, text) = STATES[1];
    let rig = Rig::steps("  - serial: not syncing\n  - serial: { regex: 'login:', within: 10m }\n");
    let starts = says(text)
        .into_iter()
        .chain([after(200), Effect::line("login:")]);
    rig.starts(starts).run().await.holds();
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_powered_itself_off_ends_a_wait() {
    let rig = Rig::steps(
        "  - press: { keys: ret }\n    powers_off: true\n  - serial: { regex: never, within: 2h }\n",
    );
    let key = Trigger::Key("ret".parse().expect("a key"));
    let ran = rig
        .starts([shown("menu")])
        .script(|script| script.when(key, [Effect::PowerOff]))
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "the machine is off")
        .at_step("2");
}
