//! Tests of looks at the screen: evidence, workarounds, conditions on what was seen.

use reports::{CauseKind, Event, Wanted};
use vm::scripted::Effect;

use super::{Rig, after, shown};

#[tokio::test(start_paused = true)]
async fn a_step_that_held_has_the_frame_and_the_needle_as_evidence() {
    let ran = Rig::steps("  - see: menu\n")
        .starts([shown("menu")])
        .run()
        .await;
    ran.holds();
    let steps = ran.steps();
    let evidence = &steps[0].evidence;
    let look = evidence.look.as_ref().expect("a look");
    assert_eq!(
        (look.query.as_str(), look.wanted),
        ("menu", Wanted::Present)
    );
    assert_eq!(look.matched.as_ref().expect("a match").needle, "menu");
    let frame = evidence.frame.as_ref().expect("a frame");
    assert_eq!((frame.width, frame.height), super::rig::SIZE);
    assert_eq!(frame.file, "story/frames/0001.png");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_failed_has_the_nearest_needles_and_the_frame() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5s }\n");
    let ran = rig.starts([shown("desktop")]).run().await;
    let steps = ran.steps();
    let evidence = &steps[0].evidence;
    let look = evidence.look.as_ref().expect("a look");
    assert!(look.matched.is_none());
    assert_eq!(look.candidates[0].needle, "menu");
    assert_eq!(
        look.candidates[0].picture.as_deref(),
        Some("story/needles/menu.png")
    );
    assert!(evidence.frame.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_frame_that_several_steps_show_is_kept_once() {
    let rig = Rig::steps("  - see: menu\n  - see: menu\n  - screenshot: here\n");
    let ran = rig.starts([shown("menu")]).run().await;
    ran.holds();
    let files: Vec<_> = ran
        .steps()
        .iter()
        .map(|step| step.evidence.frame.as_ref().expect("a frame").file.clone())
        .collect();
    assert_eq!(
        files,
        [
            "story/frames/0001.png",
            "story/frames/0001.png",
            "story/frames/0002-here.png"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_screenshot_of_a_dark_screen_is_told_and_no_failure() {
    let rig = Rig::steps("  - see: menu\n  - serial: off\n  - screenshot: late\n");
    let off = Effect::ShowNothing("the display is off".to_owned());
    let ran = rig
        .starts([shown("menu"), after(2), off, Effect::line("off"), after(2)])
        .run()
        .await;
    ran.holds().notes("the screenshot is older than this step");
}

#[tokio::test(start_paused = true)]
async fn a_condition_knows_the_needle_that_matched_last() {
    let rig = Rig::steps(
        "  - see: [menu, desktop]\n  - note: it is the menu\n    when: seen(menu)\n  \
            - note: it is the desktop\n    when: seen(desktop)\n",
    );
    let ran = rig.starts([shown("desktop")]).run().await;
    ran.holds().notes("it is the desktop");
    assert!(!ran.all_notes().any(|note| note == "it is the menu"));
}

#[tokio::test(start_paused = true)]
async fn a_workaround_needle_is_a_soft_failure_once() {
    let json = r#"{"tags": ["menu"], "properties": [{"name": "workaround", "value": "BUG-7: old theme"}],
        "area": [{"type": "match", "xpos": 0, "ypos": 0, "width": 64, "height": 48}]}"#;
    let rig = Rig::steps("  - see: menu\n  - click: menu\n").file("needles/menu.json", json);
    let ran = rig.starts([shown("menu")]).run().await;
    ran.is(reports::Verdict::SoftFailed);
    assert_eq!(
        ran.count(|event| matches!(event, Event::SoftFailure { .. })),
        1
    );
    let failures = &ran
        .scenario()
        .last_attempt()
        .expect("an attempt")
        .soft_failures;
    assert_eq!(failures[0].reason, "BUG-7: old theme");
}

#[tokio::test(start_paused = true)]
async fn the_time_from_an_action_to_its_effect_is_measured() {
    let rig =
        Rig::steps("  - see: menu\n  - press: ret\n  - see: { needle: desktop, within: 1m }\n");
    let key = vm::scripted::Trigger::Key("ret".parse().expect("a key"));
    let ran = rig
        .starts([shown("menu")])
        .script(|script| script.when(key, [after(7), shown("desktop")]))
        .run()
        .await;
    ran.holds();
    let after = ran.steps()[2].evidence.after_ms.expect("a time");
    assert!((6_500..8_000).contains(&after), "{after} ms");
    let change = ran.log.iter().find_map(|entry| match &entry.event {
        Event::Input { change, .. } => *change,
        _ => None,
    });
    let change = change.expect("a change").after_ms;
    assert!((6_500..8_000).contains(&change), "{change} ms");
}

#[tokio::test(start_paused = true)]
async fn a_needle_of_another_size_of_screen_is_told() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5s }\n");
    let small = vm::scripted::ScriptedPicture::plain(32, 24, [0, 0, 0]).expect("a picture");
    let ran = rig.starts([Effect::Show(small)]).run().await;
    ran.fails(
        CauseKind::Deadline,
        "the screen is 32x24, and needle `menu` was cut from 64x48",
    );
}
