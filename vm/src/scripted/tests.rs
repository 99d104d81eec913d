//! The handles of a scripted machine, on a clock that stands still.

use std::{sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::time::Instant;

use super::{Answer, Effect, Script, ScriptedPicture, Trigger};
use crate::{
    AgentError, Arch, EventOrigin, GuestCommand, Machine, MachineEvent, MachineEvents, MachineSpec,
    Pace, Point, PointerButton, RunState, Secrecy,
};

const HOUR: Duration = Duration::from_secs(3600);

fn picture(colour: u8) -> ScriptedPicture {
    ScriptedPicture::plain(4, 2, [colour; 3]).unwrap()
}

fn machine(script: Script) -> (Machine, MachineEvents, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let spec = MachineSpec::desktop(Arch::X86_64);
    let (machine, events) = Machine::scripted(&spec, Arc::new(script), folder.path()).unwrap();
    (machine, events, folder)
}

/// Waits until the screen shows this colour.
async fn shows(machine: &Machine, colour: u8) {
    let shown =
        |state: &crate::ScreenState| state.frame().is_some_and(|frame| frame.rgb[0] == colour);
    machine.screen().watch().wait_for(shown).await.unwrap();
}

/// Waits until this is on the serial console.
async fn says(machine: &Machine, text: &str) {
    let mut length = machine.serial().watch();
    while !machine.serial().text_from(0).contains(text) {
        length.changed().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn an_hour_of_a_script_takes_no_time() {
    let real = std::time::Instant::now();
    let (machine, _events, _folder) = machine(Script::new().at_start([
        Effect::Show(picture(1)),
        Effect::Wait(HOUR),
        Effect::Show(picture(2)),
        Effect::line("login:"),
    ]));
    let began = Instant::now();
    shows(&machine, 2).await;
    assert!(began.elapsed() >= HOUR);
    says(&machine, "login:").await;
    assert!(real.elapsed() < Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn keys_clicks_and_lines_have_their_effects() {
    let keys = ["h", "i", "ret"].map(|key| key.parse().unwrap());
    let (machine, _events, _folder) = machine(
        Script::new()
            .when(Trigger::Keys(keys.to_vec()), [Effect::Show(picture(1))])
            .when(
                Trigger::Click(PointerButton::Left),
                [Effect::Show(picture(2))],
            )
            .when(Trigger::Line("root".to_owned()), [Effect::Show(picture(3))]),
    );
    let taps: Vec<_> = keys.iter().map(|key| vec![*key]).collect();
    let typed = machine
        .keyboard()
        .type_taps(&taps, Pace::default(), Secrecy::Open);
    typed.await.unwrap();
    shows(&machine, 1).await;
    let place = Point {
        x: 1,
        y: 1,
        width: 4,
        height: 2,
    };
    machine.pointer().move_to(place).await.unwrap();
    machine
        .pointer()
        .click(PointerButton::Left, 1)
        .await
        .unwrap();
    shows(&machine, 2).await;
    machine.serial().write(b"root\n").await.unwrap();
    shows(&machine, 3).await;
}

#[tokio::test(start_paused = true)]
async fn the_agent_answers_as_written_and_within_its_time() {
    let (machine, _events, _folder) = machine(
        Script::new()
            .at_start([Effect::AgentComes])
            .answer("uname", Answer::success("Linux\n"))
            .answer("sleep", Answer::status(0).after(HOUR)),
    );
    let agent = machine.agent();
    agent
        .watch()
        .wait_for(|connected| *connected)
        .await
        .unwrap();
    let output = agent.exec(&GuestCommand::shell("uname -s")).await.unwrap();
    assert_eq!(output.stdout.kept(), b"Linux\n");
    let late = agent.exec(&GuestCommand::shell("sleep 9999")).await;
    assert!(
        matches!(late, Err(AgentError::CommandTimedOut { .. })),
        "{late:?}"
    );
    agent.write_file("/etc/motd", b"hello").await.unwrap();
    assert_eq!(agent.read_file("/etc/motd", 4).await.unwrap(), b"hell");
    assert!(agent.read_file("/none", 4).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn power_goes_and_comes_and_every_change_is_an_event() {
    let (machine, mut events, _folder) = machine(
        Script::new()
            .at_start([Effect::Show(picture(1))])
            .when(Trigger::PowerButton, [Effect::Wait(HOUR), Effect::PowerOff]),
    );
    let power = machine.power();
    power.press_button().await.unwrap();
    assert_eq!(events.next().await, Some(MachineEvent::PowerButton));
    let off = events.next().await;
    assert!(
        matches!(
            off,
            Some(MachineEvent::Shutdown {
                by: EventOrigin::Guest,
                ..
            })
        ),
        "{off:?}"
    );
    assert_eq!(power.status().await.unwrap(), RunState::Shutdown);
    power.on().await.unwrap();
    let on = events.next().await;
    assert!(
        matches!(
            on,
            Some(MachineEvent::Reset {
                by: EventOrigin::Host,
                ..
            })
        ),
        "{on:?}"
    );
    assert_eq!(power.status().await.unwrap(), RunState::Running);
    machine.shutdown().await;
    let gone = events.next().await;
    assert!(
        matches!(gone, Some(MachineEvent::Exited { expected: true, .. })),
        "{gone:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_ends_by_itself_closes_its_screen_and_its_events() {
    let (machine, mut events, _folder) =
        machine(Script::new().at_start([Effect::Wait(HOUR), Effect::End]));
    let gone = events.next().await;
    assert!(
        matches!(
            gone,
            Some(MachineEvent::Exited {
                expected: false,
                ..
            })
        ),
        "{gone:?}"
    );
    assert!(machine.screen().now().await.is_err());
    assert!(machine.power().reset().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_machine_starts_again_from_the_beginning_of_its_script() {
    let (machine, _events, folder) =
        machine(Script::new().at_start([Effect::Show(picture(1)), Effect::line("hello")]));
    says(&machine, "hello").await;
    let (machine, _events) = machine.relaunch().await.unwrap();
    shows(&machine, 1).await;
    says(&machine, "hello").await;
    let log = std::fs::read_to_string(folder.path().join("serial0.log")).unwrap();
    assert_eq!(log, "hello\r\nhello\r\n");
}
