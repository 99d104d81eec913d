//! Deadlines: when a wait ends, and what counts until then.

use std::time::Duration;

use reports::{CauseKind, Verdict};
use vm::scripted::Effect;

use super::rig::pattern;
use super::{Rig, after, minutes, shown};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_wait_ends_when_what_it_waits_for_is_there() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5m }\n");
    let ran = rig.starts([after(100), shown("menu")]).run().await;
    ran.holds().takes(SECOND * 100, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_deadline_and_not_later() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5m }\n");
    let ran = rig
        .starts([shown("desktop"), after(330), shown("menu")])
        .run()
        .await;
    ran.fails(
        CauseKind::Deadline,
        "no needle tagged `menu` matched within 5m",
    );
    ran.at_step("1").takes(minutes(5), SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_the_screen_at_the_deadline_counts() {
    let rig = Rig::steps("  - see: { needle: menu, within: 1m }\n");
    let ran = rig
        .starts([shown("desktop"), after(59), shown("menu")])
        .run()
        .await;
    ran.holds();
}

#[tokio::test(start_paused = true)]
async fn a_step_without_a_deadline_has_that_of_its_verb() {
    for (step, seconds) in [
        ("see: menu", 30),
        ("gone: desktop", 30),
        ("changed: {}", 10),
        ("press: { keys: ret, until: menu }", 60),
        ("click: { needle: menu }", 30),
        ("serial: never", 90),
    ] {
        let rig = Rig::steps(&format!("  - {step}\n"));
        let ran = rig
            .starts([shown("desktop"), Effect::line("hello")])
            .run()
            .await;
        let steps = ran.steps();
        assert_eq!(steps[0].deadline_ms, Some(seconds * 1000), "{step}");
        ran.is(Verdict::Failed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_of_one_step_takes_nothing_from_the_next() {
    let rig = Rig::steps(
        "  - see: { needle: menu, within: 1m }\n  - see: { needle: desktop, within: 1m }\n",
    );
    let starts = [after(55), shown("menu"), after(55), shown("desktop")];
    rig.starts(starts).run().await.holds();
}

#[tokio::test(start_paused = true)]
async fn a_needle_that_comes_and_goes_does_not_stay() {
    let rig = Rig::steps("  - see: { needle: menu, for: 20s, within: 1m }\n");
    let blink = [shown("menu"), after(15), shown("desktop"), after(5)];
    let ran = rig
        .starts(blink.iter().cycle().take(40).cloned())
        .run()
        .await;
    ran.fails(
        CauseKind::Deadline,
        "`menu` was on the screen, but did not stay for 20s within 1m",
    );
}

#[tokio::test(start_paused = true)]
async fn a_needle_that_stays_holds_when_the_time_is_over() {
    let rig = Rig::steps("  - see: { needle: menu, for: 20s, within: 1m }\n");
    let ran = rig
        .starts([shown("desktop"), after(10), shown("menu")])
        .run()
        .await;
    ran.holds().takes(SECOND * 30, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_needle_beside_one_that_must_not_be_there_is_waited_for() {
    let rig = Rig::steps("  - see: { needle: menu, not: menu, within: 30s }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.fails(CauseKind::Deadline, "together with `menu`");
}

#[tokio::test(start_paused = true)]
async fn a_needle_that_is_gone_for_a_moment_is_not_gone() {
    let rig = Rig::steps("  - gone: { needle: menu, within: 20s }\n");
    let blink = [
        shown("menu"),
        after(2),
        shown("desktop"),
        Effect::Wait(Duration::from_millis(500)),
    ];
    let ran = rig
        .starts(blink.iter().cycle().take(80).cloned())
        .run()
        .await;
    ran.fails(
        CauseKind::Deadline,
        "`menu` was still on the screen after 20s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_screen_without_a_picture_does_not_tell_that_a_needle_is_gone() {
    let rig = Rig::steps("  - see: menu\n  - gone: { needle: menu, within: 20s }\n");
    let off = Effect::ShowNothing("the display is off".to_owned());
    let ran = rig.starts([shown("menu"), after(2), off]).run().await;
    ran.fails(
        CauseKind::Deadline,
        "`menu` may or may not be gone after 20s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_screen_is_still_once_it_has_not_changed_for_the_time() {
    let rig = Rig::steps("  - still: { for: 10s, within: 2m }\n");
    let restless = (1..=30).flat_map(|seed| [pattern(seed), after(1)]);
    rig.starts(restless)
        .run()
        .await
        .holds()
        .takes(SECOND * 39, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_screen_that_changes_all_the_time_is_not_still_and_the_place_is_told() {
    let rig = Rig::steps("  - still: { for: 10s, within: 1m }\n");
    let restless = (1..=90).flat_map(|seed| [pattern(seed), after(1)]);
    let ran = rig.starts(restless).run().await;
    ran.fails(
        CauseKind::Deadline,
        "the screen did not stay the same for 10s within 1m",
    );
    assert!(
        ran.cause().message.contains("64x48 at 0,0"),
        "{:?}",
        ran.cause()
    );
}

#[tokio::test(start_paused = true)]
async fn a_screen_that_does_not_change_fails_a_wait_for_a_change() {
    let rig = Rig::steps("  - see: menu\n  - press: ret\n  - changed: { within: 20s }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.fails(CauseKind::Deadline, "the screen did not change within 20s")
        .at_step("3");
}

#[tokio::test(start_paused = true)]
async fn a_dark_screen_is_the_reason_that_is_told() {
    let rig = Rig::steps("  - see: { needle: menu, within: 20s }\n");
    let dark = Effect::ShowNothing("the display is off".to_owned());
    let ran = rig.starts([dark]).run().await;
    ran.fails(CauseKind::Deadline, "now there is nothing to look at");
    assert!(
        ran.cause().message.contains("the display is off"),
        "{:?}",
        ran.cause()
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_panics_makes_a_wait_hopeless_before_its_deadline() {
    let rig = Rig::steps("  - see: { needle: menu, within: 30m }\n");
    let panic = Effect::line("[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs");
    let ran = rig.starts([shown("desktop"), after(10), panic]).run().await;
    ran.fails(CauseKind::Deadline, "it cannot succeed any more");
    ran.takes(SECOND * 25, SECOND * 10);
}

#[tokio::test(start_paused = true)]
async fn a_hopeless_rule_that_is_off_ends_no_wait() {
    let rig = Rig::scenario(
        "watch: [{ off: no-root-disk }, { off: kernel-panic }]\nsteps:\n  - see: { needle: menu, within: 10m }\n",
    );
    let panic = Effect::line("[    1.0] Kernel panic - not syncing: VFS: Unable to mount root fs");
    let ran = rig
        .starts([shown("desktop"), panic, after(300), shown("menu")])
        .run()
        .await;
    ran.holds().takes(minutes(5), SECOND * 10);
}
