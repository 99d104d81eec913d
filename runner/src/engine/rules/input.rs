//! Keyboard and pointer: what is done, how often, and what the log says of it.

use std::time::Duration;

use reports::CauseKind;
use vm::PointerButton;
use vm::scripted::Trigger;

use super::{Rig, after, shown};

fn key(name: &str) -> Trigger {
    Trigger::Key(name.parse().expect("a key"))
}

#[tokio::test(start_paused = true)]
async fn a_key_is_pressed_again_until_its_effect_is_seen() {
    let rig = Rig::steps(
        "  - see: menu\n  - press: { keys: ret, until: desktop, every: 2s, within: 1m }\n",
    );
    let keys = ["ret"; 3].map(|key| key.parse().expect("a key")).to_vec();
    let ran = rig
        .starts([shown("menu")])
        .script(|script| script.when(Trigger::Keys(keys), [shown("desktop")]))
        .run()
        .await;
    ran.holds();
    assert_eq!(ran.actions(), [("press ret", 3)]);
}

#[tokio::test(start_paused = true)]
async fn the_effect_of_the_first_input_of_all_is_a_change() {
    // No step has looked at the screen before: without a picture from before the key, the menu is its own reference.
    let ran = Rig::steps("  - press: f1\n  - changed: { within: 20s }\n")
        .starts([shown("desktop")])
        .script(|script| script.when(key("f1"), [shown("menu")]))
        .run()
        .await;
    ran.holds();
}

#[tokio::test(start_paused = true)]
async fn a_key_is_not_pressed_where_its_effect_is_there() {
    let rig = Rig::steps("  - press: { keys: ret, until: desktop, within: 1m }\n");
    let ran = rig.starts([shown("desktop"), after(1)]).run().await;
    ran.holds();
    assert!(ran.actions().len() <= 1, "{:?}", ran.actions());
}

#[tokio::test(start_paused = true)]
async fn a_key_is_pressed_no_more_often_than_the_step_allows() {
    let rig =
        Rig::steps("  - press: { keys: ret, until: desktop, repeat: 2, every: 1s, within: 1m }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.fails(
        CauseKind::Deadline,
        "`desktop` did not appear after 2 presses",
    );
}

#[tokio::test(start_paused = true)]
async fn keys_are_repeated_with_a_pause_between_them() {
    let rig = Rig::steps("  - press: { keys: tab, repeat: 5, every: 2s }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.holds()
        .takes(Duration::from_secs(8), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_click_that_did_nothing_is_done_again() {
    let rig = Rig::steps("  - click: { needle: menu, until: desktop, every: 3s, within: 1m }\n");
    let ran = rig
        .starts([shown("menu")])
        .script(|script| {
            script.when(
                Trigger::Click(PointerButton::Left),
                [after(4), shown("desktop")],
            )
        })
        .run()
        .await;
    ran.holds().notes("`desktop` came after 2 clicks");
}

#[tokio::test(start_paused = true)]
async fn a_click_whose_target_has_gone_is_not_done_again() {
    let rig = Rig::steps("  - click: { needle: menu, until: window, every: 3s, within: 30s }\n");
    let ran = rig
        .starts([shown("menu")])
        .script(|script| script.when(Trigger::Click(PointerButton::Left), [shown("desktop")]))
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "`window` did not appear after 1 click");
    assert!(
        ran.cause().message.contains("it was not clicked again"),
        "{:?}",
        ran.cause()
    );
    let clicks = ran
        .actions()
        .iter()
        .filter(|(what, _)| what.starts_with("click"))
        .count();
    assert_eq!(clicks, 1);
}

#[tokio::test(start_paused = true)]
async fn a_point_off_the_screen_is_an_error_of_the_scenario() {
    let rig = Rig::steps("  - click: { x: 900, y: 5 }\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.breaks(
        CauseKind::Scenario,
        "900,5 lies off the screen, which is 64x48",
    );
}

#[tokio::test(start_paused = true)]
async fn a_wheel_to_the_side_is_an_error_of_the_scenario() {
    let ran = Rig::steps("  - scroll: left\n")
        .starts([shown("menu")])
        .run()
        .await;
    ran.breaks(CauseKind::Scenario, "cannot scroll sideways");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_held_goes_up_though_a_step_inside_fails() {
    let rig = Rig::steps(
        "  - hold: { keys: shift, steps: [ { see: { needle: desktop, within: 5s } } ] }\n",
    );
    let ran = rig
        .starts([shown("menu")])
        .script(|script| script.when(key("shift"), [after(1)]))
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "no needle tagged `desktop`");
}

#[tokio::test(start_paused = true)]
async fn typing_waits_for_a_screen_that_is_still_where_the_step_says_so() {
    let rig = Rig::steps("  - type: { text: hello, when_still: 5s, within: 2m }\n");
    let restless = (1..=20).flat_map(|seed| [super::rig::pattern(seed), after(1)]);
    let ran = rig.starts(restless).run().await;
    ran.holds()
        .takes(Duration::from_secs(24), Duration::from_secs(4));
}
