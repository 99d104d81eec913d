//! The handles of a scripted machine, on a clock that stands still.

use std::{sync::Arc, time::Duration};

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::{Answer, Effect, Script, ScriptedPicture, Trigger};
use crate::{
    AgentError, Arch, Capability, CaptureError, ControlErrorKind, DriveError, EventOrigin,
    GuestCommand, InputError, Lack, Machine, MachineEvent, MachineEvents, MachineSpec, Pace, Point,
    PointerButton, ProcessorState, RunState, SaveError, Secrecy, SerialError,
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
            .at_start([Effect::ConnectAgent])
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
    assert_eq!(events.next().await, Some(MachineEvent::Resumed));
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
    assert_eq!(events.next().await, None);
    assert_eq!(machine.events().next().await, None);
    // Neither a cut nor the shutdown tells a second end.
    let mut late = machine.events();
    machine.cut().await.unwrap();
    machine.shutdown().await;
    assert_eq!(late.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_cut_or_dropped_tells_its_end_once() {
    let (machine, mut events, _folder) = machine(Script::new());
    machine.cut().await.unwrap();
    machine.cut().await.unwrap();
    machine.shutdown().await;
    assert!(matches!(
        events.next().await,
        Some(MachineEvent::Exited { expected: true, .. })
    ));
    assert_eq!(events.next().await, None);

    let (machine, mut events, _folder) = self::machine(Script::new());
    drop(machine);
    assert!(matches!(
        events.next().await,
        Some(MachineEvent::Exited { expected: true, .. })
    ));
    assert_eq!(events.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_script_of_a_paused_machine_stands_still() {
    let (machine, mut events, _folder) = machine(Script::new().at_start([
        Effect::Show(picture(1)),
        Effect::Wait(HOUR),
        Effect::Show(picture(2)),
        Effect::Wait(HOUR),
        Effect::Show(picture(3)),
    ]));
    let began = Instant::now();
    let power = machine.power();
    sleep(HOUR / 2).await;
    power.pause().await.unwrap();
    power.pause().await.unwrap();
    assert_eq!(power.status().await.unwrap(), RunState::Paused);
    assert_eq!(events.next().await, Some(MachineEvent::Stopped));
    sleep(HOUR * 9).await;
    assert_eq!(machine.screen().now().await.unwrap().rgb[0], 1);
    power.resume().await.unwrap();
    assert_eq!(events.next().await, Some(MachineEvent::Resumed));
    assert_eq!(power.status().await.unwrap(), RunState::Running);
    shows(&machine, 2).await;
    // Half an hour before the pause, nine of it, half an hour behind it; a second for the rhythm of the captures.
    let took = began.elapsed();
    assert!(took >= HOUR * 10, "{took:?}");
    assert!(took < HOUR * 10 + Duration::from_secs(5), "{took:?}");
    shows(&machine, 3).await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_machine_reacts_when_it_goes_on() {
    let (machine, _events, _folder) = machine(
        Script::new()
            .at_start([Effect::ConnectAgent, Effect::Show(picture(1))])
            .when(Trigger::Line("root".to_owned()), [Effect::Show(picture(2))])
            .answer("sleep", Answer::status(0).after(HOUR)),
    );
    shows(&machine, 1).await;
    machine.power().pause().await.unwrap();
    machine.serial().write(b"root\n").await.unwrap();
    let mut command = GuestCommand::shell("sleep 3600");
    command.timeout = HOUR * 9;
    let agent = machine.agent().clone();
    let began = Instant::now();
    let run = tokio::spawn(async move { agent.exec(&command).await });
    sleep(HOUR).await;
    assert_eq!(machine.screen().now().await.unwrap().rgb[0], 1);
    machine.power().resume().await.unwrap();
    shows(&machine, 2).await;
    run.await.unwrap().unwrap();
    let took = began.elapsed();
    assert!(took >= HOUR * 2, "{took:?}");
    assert!(took < HOUR * 2 + Duration::from_secs(5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_is_off_reacts_to_its_switch_alone() {
    let (machine, mut events, _folder) = machine(
        Script::new()
            .at_start([Effect::Show(picture(1))])
            .when(Trigger::Line("off".to_owned()), [Effect::PowerOff])
            .when(Trigger::Line("2".to_owned()), [Effect::Show(picture(2))]),
    );
    shows(&machine, 1).await;
    machine.serial().write(b"off\n").await.unwrap();
    let off = events.next().await;
    assert!(
        matches!(off, Some(MachineEvent::Shutdown { .. })),
        "{off:?}"
    );
    machine.serial().write(b"2\n").await.unwrap();
    sleep(HOUR).await;
    assert_eq!(machine.screen().now().await.unwrap().rgb[0], 1);
    let power = machine.power();
    let refused = power.resume().await.unwrap_err().source;
    assert_eq!(refused.kind, ControlErrorKind::Refused);
    // A reset leaves a machine that stands still so, as QEMU does.
    power.reset().await.unwrap();
    assert_eq!(power.status().await.unwrap(), RunState::Paused);
    power.resume().await.unwrap();
    machine.serial().write(b"2\n").await.unwrap();
    shows(&machine, 2).await;
}

#[tokio::test(start_paused = true)]
async fn a_command_ends_with_its_agent_or_its_machine() {
    for (effect, expected) in [
        (Effect::DisconnectAgent, AgentError::NotConnected),
        (Effect::End, AgentError::Gone),
    ] {
        let (machine, _events, _folder) = machine(
            Script::new()
                .at_start([Effect::ConnectAgent, Effect::Wait(HOUR), effect])
                .answer("sleep", Answer::status(0).after(HOUR * 2)),
        );
        let agent = machine.agent();
        agent.watch().wait_for(|is| *is).await.unwrap();
        let mut command = GuestCommand::shell("sleep 7200");
        command.timeout = HOUR * 9;
        assert_eq!(agent.exec(&command).await.unwrap_err(), expected);
    }
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

#[tokio::test(start_paused = true)]
async fn what_a_machine_lacks_is_known_and_every_handle_of_it_says_so() {
    let script = Capability::ALL.into_iter().fold(
        Script::new().when(Trigger::PowerButton, [Effect::PowerOff]),
        Script::without,
    );
    let (mut machine, _events, _folder) = machine(script);
    for capability in Capability::ALL {
        assert!(!machine.capabilities().has(capability), "{capability:?}");
    }
    let lack = |capability| Lack {
        capability,
        remedy: None,
    };
    assert_eq!(
        machine.screen().now().await.unwrap_err(),
        CaptureError::Lacking(lack(Capability::Screen))
    );
    let key = ["a".parse().unwrap()];
    assert_eq!(
        machine.keyboard().press(&key, HOUR).await.unwrap_err(),
        InputError::Lacking(lack(Capability::Keyboard))
    );
    assert_eq!(
        machine.pointer().click(PointerButton::Left, 1).await,
        Err(InputError::Lacking(lack(Capability::Pointer)))
    );
    assert_eq!(
        machine.serial().write(b"x").await,
        Err(SerialError::Lacking(lack(Capability::Serial)))
    );
    assert_eq!(
        machine.agent().ping(HOUR).await,
        Err(AgentError::Lacking(lack(Capability::Agent)))
    );
    let power = machine.power();
    for (done, capability) in [
        (power.press_button().await, Capability::PowerButton),
        (power.reset().await, Capability::Reset),
        (power.on().await, Capability::SwitchOn),
        (power.pause().await, Capability::Pause),
        (power.resume().await, Capability::Pause),
    ] {
        let kind = done.unwrap_err().source.kind;
        assert_eq!(kind, ControlErrorKind::Lacking(capability));
    }
    // A stop of this program leaves such a machine running.
    assert!(!power.stand_still().await.unwrap());
    assert_eq!(
        machine.cut().await.unwrap_err().kind,
        ControlErrorKind::Lacking(Capability::PowerCut)
    );
    assert!(matches!(
        machine.cannot_be_saved().await.unwrap(),
        Some(SaveError::Lacking(_))
    ));
    assert!(matches!(machine.eject().await, Err(DriveError::Lacking(_))));
    assert!(matches!(
        machine.boot_from(0).await,
        Err(DriveError::Lacking(_))
    ));
    assert_eq!(machine.processors().state().await, ProcessorState::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_board_that_reports_no_restart_still_restarts() {
    let (machine, mut events, _folder) = machine(
        Script::new()
            .without(Capability::ResetEvents)
            .at_start([Effect::line("U-Boot SPL"), Effect::ConnectAgent]),
    );
    says(&machine, "U-Boot SPL").await;
    let begun = machine.serial().position();
    machine.power().reset().await.unwrap();
    let again = async {
        let mut length = machine.serial().watch();
        while !machine.serial().text_from(begun).contains("U-Boot SPL") {
            length.changed().await.unwrap();
        }
    };
    again.await;
    machine.shutdown().await;
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        told.push(event);
    }
    assert!(
        !told
            .iter()
            .any(|event| matches!(event, MachineEvent::Reset { .. })),
        "{told:?}"
    );
}
