//! Tests of the records of a wait: the nearest needle, and the lines of the serial console.

use reports::{Event, LookMark};
use vm::scripted::{Effect, Trigger};

use super::{Ran, Rig, after, shown};

fn looks(ran: &Ran) -> &[LookMark] {
    &ran.scenario().last_attempt().expect("an attempt").looks
}

/// The lines of the serial console in the log, and the number of lines that are left out.
fn serial(ran: &Ran) -> (Vec<&str>, usize) {
    let marks = &ran.scenario().last_attempt().expect("an attempt").serial;
    let lines = marks.iter().flat_map(|mark| &mark.lines);
    let left_out = marks.iter().map(|mark| mark.left_out).sum();
    (lines.map(String::as_str).collect(), left_out)
}

#[tokio::test(start_paused = true)]
async fn the_nearest_needle_is_recorded_when_it_changes() {
    let rig = Rig::steps("  - see: { needle: menu, within: 5m }\n");
    let starts = [
        shown("desktop"),
        after(60),
        shown("window"),
        after(60),
        shown("menu"),
    ];
    let ran = rig.starts(starts).run().await;
    ran.holds();
    let looks = looks(&ran);
    assert!(looks.iter().all(|look| look.needle == "menu"));
    assert!(
        (1..=2).contains(&looks.len()),
        "one record for each screen, not for each look: {looks:?}"
    );
    assert!(looks.iter().all(|look| !look.areas[0].ok));
}

#[tokio::test(start_paused = true)]
async fn the_nearest_needle_of_an_until_is_recorded() {
    let rig = Rig::steps("  - press: { keys: ret, until: menu, every: 10s, within: 1m }\n");
    let key = Trigger::Key("ret".parse().expect("a key"));
    let ran = rig
        .starts([shown("desktop")])
        .script(|script| script.when(key, [after(5), shown("menu")]))
        .run()
        .await;
    ran.holds();
    assert_eq!(looks(&ran)[0].needle, "menu");
}

#[tokio::test(start_paused = true)]
async fn every_line_of_the_serial_console_is_recorded_once() {
    let rig = Rig::steps("  - serial: { regex: ready, within: 1m }\n");
    let starts = [
        Effect::line("one"),
        Effect::line("two"),
        after(5),
        Effect::line("three"),
        after(5),
        Effect::Write(b"ready".to_vec()),
    ];
    let ran = rig.starts(starts).run().await;
    ran.holds();
    assert_eq!(serial(&ran), (vec!["one", "two", "three", "ready"], 0));
    let times: Vec<u64> = (ran.log.iter())
        .filter(|entry| matches!(entry.event, Event::Serial { .. }))
        .map(|entry| entry.envelope.at_ms)
        .collect();
    assert_eq!(
        times.len(),
        3,
        "lines that come together are one event: {times:?}"
    );
    assert!(times[1] >= times[0] + 4_000, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn a_console_that_says_too_much_is_cut_in_the_log() {
    let rig = Rig::steps("  - serial: { regex: ready, within: 1m }\n");
    let much = "x".repeat(70);
    let mut starts: Vec<Effect> = (0..10_000).map(|_| Effect::line(&much)).collect();
    starts.push(Effect::line("ready"));
    let ran = rig.starts(starts).run().await;
    ran.holds();
    let (lines, left_out) = serial(&ran);
    assert_eq!(lines.len() + left_out, 10_001);
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    assert!(bytes < 300 << 10, "{bytes} bytes");
    assert!(left_out > 5_000, "{left_out}");
}
