//! A scenario with every verb, in minutes of its own clock.

use std::time::Duration;

use reports::Verdict;
use scenarios::Verb;
use vm::scripted::{Answer, Effect, Script, Trigger};
use vm::{EventOrigin, PointerButton};

use super::{Rig, minutes, shown};

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
  - put: { text: "hello\n", to: /etc/motd }
  - get: { file: /etc/motd, save: motd }
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

/// A guest that takes minutes for everything.
fn script(script: Script) -> Script {
    let key = |name: &str| name.parse().expect("a key");
    let minute = Effect::Wait(Duration::from_secs(60));
    script
        .at_start([minute.clone(), shown("menu"), Effect::ConnectAgent])
        .when(Trigger::Key(key("ret")), [minute.clone(), shown("desktop")])
        .when(
            Trigger::Keys(vec![key("h"), key("i"), key("ret")]),
            [Effect::line("typed hi")],
        )
        .when(
            Trigger::Click(PointerButton::Left),
            [minute.clone(), shown("window")],
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
        .answer("# qa: writes", Answer::success("3015617425 6\n"))
        .answer("# qa: reads", Answer::success("hello\n"))
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
async fn minutes_of_every_verb_pass_on_the_clock_of_the_scenario() {
    let rig = Rig::scenario(SCENARIO)
        .file(
            "scenarios/parts/remark.yaml",
            "fragment: true\nsteps: [{ note: a remark }]\n",
        )
        .script(script);
    let real = std::time::Instant::now();
    let ran = rig.run().await;
    let took = real.elapsed();
    ran.is(Verdict::SoftFailed);
    assert!(ran.passed > minutes(7), "{:?}", ran.passed);
    // Every event has the time of the scenario's clock.
    let last = ran.log.last().expect("an event").envelope.at_ms;
    assert!(Duration::from_millis(last) > minutes(7), "{last}");
    // Well below the minutes that passed, however busy the host is: nothing waited in real time.
    assert!(took < Duration::from_secs(20), "{took:?}");
}
