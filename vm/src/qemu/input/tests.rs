//! The keyboard of a QEMU: which keys it gets, and when.

use std::time::Duration;

use serde_json::Value;

use super::{Intake, QemuInput, UsbReports};
use crate::{
    Starvation,
    input::{Arrival, InputError, KeyName, Keyboard, Pace, Player, Secrecy},
    qemu::{qmp::fake::FakeQemu, screen::MemoryFile},
    screen::ScreenNudge,
};

fn taps(text: &str) -> Vec<Vec<KeyName>> {
    text.split(' ')
        .map(|tap| tap.split('-').map(|key| key.parse().unwrap()).collect())
        .collect()
}

async fn keyboard() -> (Keyboard, FakeQemu) {
    keyboard_of(Intake::Silent).await
}

async fn keyboard_of(intake: Intake) -> (Keyboard, FakeQemu) {
    let (qmp, _events, qemu) = FakeQemu::connected().await;
    (
        Keyboard::new(
            Player::start(
                QemuInput::new(qmp, intake),
                ScreenNudge::default(),
                Starvation::default(),
            ),
            Ok(()),
        ),
        qemu,
    )
}

/// Answers one command. Returns its keys, as `+a` or `+a-a`.
async fn key(qemu: &mut FakeQemu) -> String {
    let heard = qemu.answer("input-send-event", "{}").await;
    let events = heard["arguments"]["events"].as_array().unwrap().iter();
    let told = events.map(|event| {
        let data = &event["data"];
        let sign = if data["down"] == Value::Bool(true) {
            '+'
        } else {
            '-'
        };
        format!("{sign}{}", data["key"]["data"].as_str().unwrap())
    });
    told.collect()
}

async fn keys(qemu: &mut FakeQemu, count: usize) -> String {
    let mut told = Vec::new();
    for _ in 0..count {
        told.push(key(qemu).await);
    }
    told.join(" ")
}

#[tokio::test(start_paused = true)]
async fn text_is_typed_in_order_at_its_pace() {
    let (keyboard, mut qemu) = keyboard().await;
    let before = tokio::time::Instant::now();
    let taps = taps("a shift-b");
    let typing = keyboard.type_taps(&taps, Pace::default(), Secrecy::Open);
    let (typed, told) = tokio::join!(typing, keys(&mut qemu, 2));
    assert_eq!(typed, Ok(Arrival::Unknown));
    assert_eq!(told, "+a-a +shift+b-b-shift");
    assert!(before.elapsed() >= Duration::from_millis(4 * 30));
}

#[tokio::test(start_paused = true)]
async fn what_a_step_says_never_beats_a_device_that_tells_nothing() {
    let (keyboard, mut qemu) = keyboard().await;
    let before = tokio::time::Instant::now();
    let taps = taps("a b c d");
    let pace = Pace(Some(Duration::from_millis(1)));
    let typing = keyboard.type_taps(&taps, pace, Secrecy::Open);
    let (typed, _) = tokio::join!(typing, keys(&mut qemu, 4));
    typed.unwrap();
    assert!(before.elapsed() >= Duration::from_millis(4 * 20));
}

/// Answers the next question for the ring.
async fn ring(qemu: &mut FakeQemu, available: u16, used: u16) {
    let answer = format!("{{\"avail\": {{\"idx\": {available}}}, \"used\": {{\"idx\": {used}}}}}");
    qemu.answer("x-query-virtio-queue-element", &answer).await;
}

#[tokio::test(start_paused = true)]
async fn keys_are_sent_when_the_guest_has_taken_those_before() {
    let intake = Intake::Virtio { lent: 0, used: 0 };
    let (keyboard, mut qemu) = keyboard_of(intake).await;
    let server = async {
        ring(&mut qemu, 64, 0).await;
        // Not more than a program of the guest takes at once.
        assert_eq!(
            key(&mut qemu).await,
            "+a-a+b-b+c-c+d-d+e-e+f-f+g-g+h-h+i-i+j-j+k-k+l-l"
        );
        for _ in 0..20 {
            ring(&mut qemu, 64, 25).await;
        }
        // Its counter wraps around.
        ring(&mut qemu, 89, 25).await;
        assert_eq!(key(&mut qemu).await, "+m-m+shift+n-n-shift");
        ring(&mut qemu, 89, 32).await;
        ring(&mut qemu, 96, 32).await;
    };
    let taps = taps("a b c d e f g h i j k l m shift-n");
    let typing = keyboard.type_taps(&taps, Pace::default(), Secrecy::Open);
    let (typed, ()) = tokio::join!(typing, server);
    assert_eq!(typed, Ok(Arrival::Taken));
}

#[tokio::test(start_paused = true)]
async fn a_step_that_says_the_time_from_key_to_key_gets_it() {
    let intake = Intake::Virtio { lent: 0, used: 0 };
    let (keyboard, mut qemu) = keyboard_of(intake).await;
    let before = tokio::time::Instant::now();
    let server = async {
        ring(&mut qemu, 64, 0).await;
        assert_eq!(key(&mut qemu).await, "+a-a");
        ring(&mut qemu, 67, 3).await;
        assert_eq!(key(&mut qemu).await, "+b-b");
        ring(&mut qemu, 70, 6).await;
    };
    let taps = taps("a b");
    let pace = Pace(Some(Duration::from_secs(2)));
    let typing = keyboard.type_taps(&taps, pace, Secrecy::Open);
    let (typed, ()) = tokio::join!(typing, server);
    assert_eq!(typed, Ok(Arrival::Taken));
    assert!(before.elapsed() >= Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_takes_nothing_is_told_with_how_far_typing_came() {
    let intake = Intake::Usb(UsbReports::new(MemoryFile::new().unwrap()));
    let (keyboard, mut qemu) = keyboard_of(intake).await;
    let taps = taps("a b c d e f g h");
    let typing = keyboard.type_taps(&taps, Pace::default(), Secrecy::Open);
    let (typed, told) = tokio::join!(typing, keys(&mut qemu, 1));
    // Eight of its sixteen places are used.
    assert_eq!(told, "+a-a+b-b+c-c+d-d");
    let all = InputError::NotTaken {
        typed: 4,
        all: 8,
        seconds: 30,
    };
    assert_eq!(typed, Err(all));
}

#[tokio::test(start_paused = true)]
async fn a_held_key_is_not_pressed_again() {
    let (keyboard, mut qemu) = keyboard().await;
    let shift = "shift".parse().unwrap();
    let (pressed, _) = tokio::join!(keyboard.key_down(shift), key(&mut qemu));
    pressed.unwrap();
    let taps = taps("shift-a");
    let typing = keyboard.type_taps(&taps, Pace::default(), Secrecy::Open);
    let (typed, told) = tokio::join!(typing, key(&mut qemu));
    typed.unwrap();
    assert_eq!(told, "+a-a");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_operation_lets_go_what_it_held_and_nothing_else() {
    let (keyboard, mut qemu) = keyboard().await;
    let shift = "shift".parse().unwrap();
    let (pressed, _) = tokio::join!(keyboard.key_down(shift), key(&mut qemu));
    pressed.unwrap();
    let combination = ["ctrl".parse().unwrap(), "c".parse().unwrap()];
    tokio::select! {
        _ = keyboard.press(&combination, Duration::from_secs(3600)) => unreachable!("held for an hour"),
        told = keys(&mut qemu, 2) => assert_eq!(told, "+ctrl +c"),
    }
    assert_eq!(keys(&mut qemu, 2).await, "-c -ctrl");
    let (released, told) = tokio::join!(keyboard.release_all(), keys(&mut qemu, 1));
    released.unwrap();
    assert_eq!(told, "-shift");
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_is_an_error_and_the_rest_is_let_go() {
    let (keyboard, mut qemu) = keyboard().await;
    let server = async {
        assert_eq!(key(&mut qemu).await, "+ctrl");
        let id = qemu.heard().await["id"].clone();
        qemu.say(&format!(
            "{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"VM not running\"}}, \"id\": {id}}}\n"
        ))
            .await;
        keys(&mut qemu, 2).await
    };
    let combination = ["ctrl".parse().unwrap(), "c".parse().unwrap()];
    let hold = Duration::from_secs(3600);
    let (pressed, released) = tokio::join!(keyboard.press(&combination, hold), server);
    assert!(matches!(pressed, Err(InputError::Refused(_))));
    assert_eq!(released, "-c -ctrl");
}

#[tokio::test]
async fn input_to_a_machine_that_has_gone_says_so() {
    let (keyboard, qemu) = keyboard().await;
    drop(qemu);
    assert_eq!(
        keyboard.key_up("a".parse().unwrap()).await,
        Err(InputError::Gone)
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_press_switches_the_machine_off_is_no_error() {
    let (keyboard, mut qemu) = keyboard().await;
    let server = async {
        assert_eq!(key(&mut qemu).await, "+ret");
        let heard = qemu.heard().await;
        qemu.say(&format!(
            "{{\"error\": {{\"class\": \"GenericError\", \"desc\": \"VM not running\"}}, \"id\": {}}}\n",
            heard["id"]
        ))
            .await;
        assert_eq!(heard["arguments"]["events"][0]["data"]["down"], false);
    };
    let enter = ["ret".parse().unwrap()];
    let (pressed, ()) = tokio::join!(keyboard.press(&enter, Duration::from_secs(1)), server);
    pressed.unwrap();
}
