//! Runs a scenario with every verb on a scripted machine, with a clock that the test controls.

use std::sync::Arc;
use std::time::Duration;

use image::{ImageFormat, RgbImage};
use reports::{Fold, OpenEnd, Verdict};
use scenarios::Verb;
use time::macros::datetime;
use vm::scripted::{Answer, Effect, Script, ScriptedPicture, Trigger};
use vm::{EventOrigin, PointerButton};

use crate::engine::machines::Machines;
use crate::engine::shared::Engine;
use crate::feed::Feed;
use crate::plan::{SampleProject, sample_request};
use crate::results::RunFolder;

const SIZE: (u32, u32) = (64, 48);

const PROJECT: &str = "\
images:
  cd: { path: cd.iso, machine: pc }
machines:
  pc: { preset: bios-x86_64, memory: 64M, disks: [{ size: 1G }] }
";

const SCENARIO: &str = r#"
vars: { apps: [one, two] }
steps:
  - see: { needle: menu, within: 5m }
  - still: 2s
  - screenshot: the menu
  - press: ret
  - changed: { within: 5m }
  - gone: { needle: menu, within: 5m }
  - type: "hi\n"
  - serial: "typed hi"
  - hold: { keys: a, for: 1s }
  - click: { needle: desktop, within: 5m }
  - see: { needle: window, within: 5m }
  - move: { x: 8, y: 9 }
  - drag: { from: { x: 1, y: 1 }, to: { x: 30, y: 20 } }
  - scroll: down
  - serial: { send: "uptime\n", regex: 'up (\d+) days', save: days, within: 2m }
  - assert: days == "12"
  - run: { command: uname -s, output: Linux, save: system }
  - set: { place: "{{ system }} in {{ days }}" }
  - group:
      name: every application
      steps:
        - each: { in: apps, steps: [ { note: "{{ item }} {{ place }}" } ] }
  - include: parts/remark.yaml
  - pause: nobody is there
  - media: { insert: second.iso }
  - media: eject
  - boot: disk1
  - reboot: { within: 5m }
  - see: { needle: menu, within: 5m }
  - shutdown: { within: 5m }
  - power: on
  - see: { needle: menu, within: 5m }
  - power: cut
  - power: on
  - see: { needle: menu, within: 5m }
  - soft_fail: { reason: the clock is slow, ticket: BUG-1 }
"#;

/// Returns a picture that differs for each seed and has no plain area.
fn picture(seed: u32) -> RgbImage {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    RgbImage::from_fn(SIZE.0, SIZE.1, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = state.to_le_bytes();
        image::Rgb([red, green, blue])
    })
}

fn shown(seed: u32) -> Effect {
    let picture = ScriptedPicture::new(SIZE.0, picture(seed).into_raw()).expect("whole rows");
    Effect::Show(picture)
}

/// Adds a needle of a whole picture to a project.
fn needle(project: &SampleProject, name: &str, seed: u32) {
    let mut png = std::io::Cursor::new(Vec::new());
    picture(seed)
        .write_to(&mut png, ImageFormat::Png)
        .expect("a picture");
    project.write(&format!("needles/{name}.png"), png.get_ref());
    let (width, height) = SIZE;
    let json = format!(
        r#"{{"tags": ["{name}"], "area": [
            {{"type": "match", "xpos": 0, "ypos": 0, "width": {width}, "height": {height}}}]}}"#
    );
    project.write(&format!("needles/{name}.json"), json.as_bytes());
}

/// Returns the descriptor of an ISO 9660 volume: the part of a CD that the planner reads.
fn cd() -> Vec<u8> {
    let mut cd = vec![0; 64 << 10];
    cd[0x8000..0x8007].copy_from_slice(b"\x01CD001\x01");
    cd
}

/// Returns the script of a guest that takes minutes for everything.
fn script() -> Script {
    let key = |name: &str| name.parse().expect("a key");
    let minute = Effect::Wait(Duration::from_secs(60));
    Script::new()
        .at_start([minute.clone(), shown(1), Effect::AgentComes])
        .when(Trigger::Key(key("ret")), [minute.clone(), shown(2)])
        .when(
            Trigger::Keys(vec![key("h"), key("i"), key("ret")]),
            [Effect::line("typed hi")],
        )
        .when(
            Trigger::Click(PointerButton::Left),
            [minute.clone(), shown(3)],
        )
        .when(
            Trigger::Line("uptime".to_owned()),
            [minute.clone(), Effect::line("up 12 days")],
        )
        .when(
            Trigger::AgentRestart,
            [minute.clone(), Effect::Restart(EventOrigin::Guest)],
        )
        .when(Trigger::AgentShutdown, [minute, Effect::PowerOff])
        .answer("uname", Answer::success("Linux\n"))
}

fn project() -> SampleProject {
    let project = SampleProject::new(&[
        ("qa.yaml", PROJECT),
        ("scenarios/every-verb.yaml", SCENARIO),
        (
            "scenarios/parts/remark.yaml",
            "fragment: true\nsteps: [{ note: a remark }]\n",
        ),
    ]);
    for name in ["cd.iso", "second.iso"] {
        project.write(name, &cd());
    }
    for (name, seed) in [("menu", 1), ("desktop", 2), ("window", 3)] {
        needle(&project, name, seed);
    }
    project
}

#[test]
fn the_scenario_has_every_verb() {
    for verb in Verb::ALL {
        let name = verb.name();
        let has = SCENARIO
            .split(['-', '{', '\n', ' '])
            .any(|word| word == format!("{name}:"));
        assert!(has, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn minutes_of_every_verb_take_less_than_a_second() {
    let project = project();
    let planned = project
        .planned(&sample_request(&["every-verb"]))
        .expect("a plan");
    let folder = RunFolder::create(project.root(), datetime!(2026-11-30 02:03:04 UTC));
    let feed = Feed::new();
    let machines = Machines::Scripted(Arc::new(script()));
    let engine = Engine::sample(machines, planned.store, &feed, folder.expect("a folder"));
    let engine = Arc::new(engine);
    let (real, began) = (std::time::Instant::now(), tokio::time::Instant::now());
    engine.run(&planned.jobs).await;
    let (took, passed) = (real.elapsed(), began.elapsed());
    let mut fold = Fold::default();
    feed.entries().iter().for_each(|entry| fold.take(entry));
    let run = fold.into_run(OpenEnd::CutShort);
    let scenario = &run.scenarios[0];
    assert_eq!(
        scenario.verdict,
        Verdict::SoftFailed,
        "{:?}",
        scenario.why()
    );
    assert!(passed > Duration::from_secs(7 * 60), "{passed:?}");
    // A generous limit for a busy host; `make fast` shows the time.
    assert!(took < Duration::from_secs(20), "{took:?}");
}
