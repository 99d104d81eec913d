//! Screen, input and power.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{
    super::{
        fake::{FakeKvmd, refused},
        spec::KvmdLimits,
        states::States,
    },
    *,
};
use crate::{
    CaptureError, InputError, Secrecy,
    board::{
        http::{Limits, fake_site::Reply},
        picture::tests::jpeg,
    },
    input::{InputEvent, InputSink},
    machine::ControlErrorKind,
    screen::{PictureSource, Taken},
};

const SNAPSHOT: &str = "/api/streamer/snapshot";

fn short() -> KvmdLimits {
    let moment = Duration::from_millis(50);
    KvmdLimits {
        input: moment,
        press: moment,
        led: moment,
        ..KvmdLimits::default()
    }
}

async fn size(screen: &mut KvmdScreen) -> Result<(u32, u32), CaptureError> {
    match screen.take(None).await? {
        Taken::Picture(picture) => Ok((picture.width, picture.height)),
        Taken::Same => panic!("the screen cannot know that"),
    }
}

fn tap(key: &str) -> [InputEvent; 2] {
    let key = key.parse().unwrap();
    [true, false].map(|down| InputEvent::Key { key, down })
}

fn key(code: &str, state: bool) -> Value {
    json!({"event_type": "key", "event": {"key": code, "state": state}})
}

async fn send(input: &mut KvmdInput, key: &str) -> Result<(), InputError> {
    input.send(&tap(key), Secrecy::Open).await
}

fn words(error: InputError) -> (ControlErrorKind, String) {
    match error {
        InputError::Refused(error) => (error.kind, error.words),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_snapshot_is_the_screen() {
    let fake = FakeKvmd::start().await;
    let mut screen = fake.connect().await.unwrap().screen();
    // The connection goes on without the value that made it.
    assert_eq!(size(&mut screen).await, Ok((64, 48)));
}

#[tokio::test]
async fn a_screen_without_a_picture_tells_why() {
    let whole = jpeg(64, 48);
    let half = &whole[..whole.len() / 2];
    let page = b"<html><title>Router login</title></html>";
    let rows = [
        (refused(503, "Service Unavailable"), "has no signal"),
        (refused(500, "oh no"), "500 oh no"),
        (Reply::ok("image/jpeg", half), "cut off"),
        (
            Reply::cut("image/jpeg", half, whole.len()),
            "in the middle of an answer",
        ),
        (Reply::ok("text/html", page), "\"Router login\""),
        (
            Reply::new(403, "text/html", page),
            "the name or the password",
        ),
        (Reply::Close, "cannot be reached"),
    ];
    let fake = FakeKvmd::start().await;
    let mut screen = fake.connect().await.unwrap().screen();
    for (reply, words) in rows {
        fake.on(SNAPSHOT, reply);
        let error = size(&mut screen).await.unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
    fake.rule(|_| None);
    assert_eq!(size(&mut screen).await, Ok((64, 48)));
}

#[tokio::test]
async fn a_snapshot_that_takes_too_long_is_late() {
    let fake = FakeKvmd::start().await;
    let limits = KvmdLimits {
        http: Limits {
            answer: Duration::from_millis(200),
            ..Limits::default()
        },
        ..KvmdLimits::default()
    };
    let mut screen = fake.connect_within(limits).await.unwrap().screen();
    let stalled = Reply::stalls("image/jpeg", &jpeg(64, 48)[..100], 5000);
    for reply in [Reply::Hang, stalled] {
        fake.on(SNAPSHOT, reply);
        let error = size(&mut screen).await.unwrap_err().to_string();
        assert!(error.contains("within 200ms"), "{error}");
    }
}

#[tokio::test]
async fn keys_arrive_in_order_before_the_call_returns() {
    let mut fake = FakeKvmd::start().await;
    let mut input = fake.connect().await.unwrap().input();
    for name in ["a", "ret"] {
        send(&mut input, name).await.unwrap();
    }
    for expected in [
        key("KeyA", true),
        key("KeyA", false),
        key("Enter", true),
        key("Enter", false),
    ] {
        assert_eq!(fake.heard.try_recv().unwrap(), expected);
    }
}

#[tokio::test]
async fn a_key_that_kvmd_does_not_have_is_refused() {
    let mut fake = FakeKvmd::start().await;
    let mut input = fake.connect().await.unwrap().input();
    let (kind, words) = words(send(&mut input, "mail").await.unwrap_err());
    assert_eq!(kind, ControlErrorKind::Refused);
    assert!(words.ends_with("has no key `mail`"), "{words}");
    assert!(fake.heard.try_recv().is_err());
}

#[tokio::test]
async fn input_waits_for_a_socket_that_was_closed() {
    let mut fake = FakeKvmd::start().await;
    let limits = KvmdLimits {
        again: [Duration::from_millis(1); 2],
        ..KvmdLimits::default()
    };
    let mut input = fake.connect_within(limits).await.unwrap().input();
    fake.close();
    // A key that is on its way when the socket closes may be lost: then the call says so.
    while send(&mut input, "a").await.is_err() {}
    while let Ok(message) = fake.heard.try_recv() {
        assert_eq!(message["event"]["key"], "KeyA");
    }
    send(&mut input, "b").await.unwrap();
    assert_eq!(fake.heard.try_recv().unwrap(), key("KeyB", true));
}

#[tokio::test]
async fn a_socket_that_stays_closed_is_told_in_time() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect_within(short()).await.unwrap();
    let (mut input, mut screen) = (kvmd.input(), kvmd.screen());
    fake.on("/api/ws", refused(500, "no more"));
    fake.close();
    let words = loop {
        let (_, words) = words(send(&mut input, "a").await.unwrap_err());
        // The first may be told that the socket closes.
        if words.contains("no input for 50ms") {
            break words;
        }
    };
    assert!(
        words.contains("WebSocket") || words.contains("no more"),
        "{words}"
    );
    fake.on(SNAPSHOT, refused(503, "Service Unavailable"));
    let error = size(&mut screen).await.unwrap_err().to_string();
    assert!(error.contains("its streamer is off"), "{error}");
}

#[tokio::test]
async fn a_socket_that_answers_no_pings_is_closed() {
    let fake = FakeKvmd::start().await;
    let limits = KvmdLimits {
        ping: Duration::from_millis(5),
        pong: Duration::from_millis(20),
        ..KvmdLimits::default()
    };
    fake.answer_no_pings();
    let mut input = fake.connect_within(limits).await.unwrap().input();
    let (kind, words) = words(send(&mut input, "a").await.unwrap_err());
    assert_eq!(kind, ControlErrorKind::Silent);
    assert!(
        words.ends_with("does not answer on its WebSocket"),
        "{words}"
    );
}

#[tokio::test]
async fn a_keyboard_that_is_away_is_connected_anew() {
    let mut fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    let mut states = kvmd.socket.states();
    let is_there = |states: &States| states.has_told_hid() && states.has_keyboard();
    states.wait_for(is_there).await.unwrap();
    fake.tell("hid", json!({"keyboard": {"online": false}}));
    states
        .wait_for(|states| !states.has_keyboard())
        .await
        .unwrap();
    send(&mut kvmd.input(), "a").await.unwrap();
    assert_eq!(fake.requests(), ["POST /api/hid/reset"]);
    assert_eq!(fake.heard.try_recv().unwrap(), key("KeyA", true));
}

#[tokio::test]
async fn a_keyboard_that_stays_away_and_a_relative_mouse_are_refused() {
    let fake = FakeKvmd::start().await;
    fake.tell(
        "hid",
        json!({"keyboard": {"online": false}, "mouse": {"absolute": false}}),
    );
    fake.on(
        "/api/hid/reset",
        Reply::ok("application/json", b"{\"ok\": true, \"result\": {}}"),
    );
    let kvmd = fake.connect_within(short()).await.unwrap();
    let mut input = kvmd.input();
    // With the socket's first event, the state is known.
    let mut states = kvmd.socket.states();
    states
        .wait_for(|states| !states.has_keyboard())
        .await
        .unwrap();
    let (kind, said) = words(send(&mut input, "a").await.unwrap_err());
    assert_eq!(kind, ControlErrorKind::Refused);
    assert!(said.starts_with("the keyboard of the kvmd"), "{said}");
    let moved = input
        .send(&[InputEvent::Move { x: 1, y: 1 }], Secrecy::Open)
        .await;
    let (_, said) = words(moved.unwrap_err());
    assert!(
        said.contains("cannot be moved to a place; set its mouse"),
        "{said}"
    );
}

#[tokio::test]
async fn power_is_what_the_led_says() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    assert_eq!(kvmd.is_on().await, Ok(Some(false)));
    kvmd.power_on().await.unwrap();
    assert_eq!(kvmd.is_on().await, Ok(Some(true)));
    kvmd.reset().await.unwrap();
    kvmd.press_button().await.unwrap();
    kvmd.reset_input().await.unwrap();
    kvmd.power_off().await.unwrap();
    let fault = kvmd.reset().await.unwrap_err();
    assert!(fault.words.ends_with("its power LED is off"), "{fault}");
    let presses: Vec<_> = fake.requests();
    let presses: Vec<_> = presses
        .iter()
        .filter(|line| line.starts_with("POST"))
        .collect();
    assert_eq!(
        presses,
        [
            "POST /api/atx/power?action=on&wait=1",
            "POST /api/atx/power?action=reset_hard&wait=1",
            "POST /api/atx/click?button=power&wait=1",
            "POST /api/hid/reset",
            "POST /api/atx/power?action=off_hard&wait=1",
        ]
    );
    fake.tell("atx", json!({"enabled": false}));
    assert_eq!(kvmd.is_on().await, Ok(None));
}

#[tokio::test]
async fn power_that_lies_is_told() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect_within(short()).await.unwrap();
    fake.on(
        "/api/atx/power",
        Reply::ok("application/json", b"{\"ok\": true, \"result\": {}}"),
    );
    let fault = kvmd.power_on().await.unwrap_err();
    let expected = "says that the board was switched on, but its power LED is off after 50ms";
    assert!(fault.words.ends_with(expected), "{fault}");
    // Without a LED, the word of the KVM is all there is.
    fake.tell("atx", json!({"leds": {}}));
    kvmd.power_on().await.unwrap();
}

#[tokio::test]
async fn power_that_is_busy_is_waited_for_and_then_told() {
    let fake = FakeKvmd::start().await;
    let kvmd = fake.connect().await.unwrap();
    let first = std::sync::atomic::AtomicBool::new(true);
    fake.rule(move |request| {
        let is_first = request.path.starts_with("/api/atx/power")
            && first.swap(false, std::sync::atomic::Ordering::Relaxed);
        is_first.then(|| refused(409, "Performing another ATX operation"))
    });
    kvmd.power_on().await.unwrap();
    let kvmd = fake.connect_within(short()).await.unwrap();
    fake.on("/api/atx", refused(409, "Performing another ATX operation"));
    let fault = kvmd.power_off().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::TimedOut);
    assert!(fault.words.ends_with("it is busy"), "{fault}");
    fake.on("/api/atx", Reply::Hang);
    assert_eq!(
        kvmd.power_off().await.unwrap_err().kind,
        FaultKind::TimedOut
    );
}

#[tokio::test]
async fn no_key_is_sent_before_it_is_known_whether_the_keyboard_is_there() {
    let mut fake = FakeKvmd::start().await;
    fake.tell("hid", json!({"keyboard": {"online": false}}));
    fake.begin_without_states();
    let kvmd = fake.connect().await.unwrap();
    send(&mut kvmd.input(), "a").await.unwrap();
    assert_eq!(fake.requests(), ["GET /api/hid", "POST /api/hid/reset"]);
    assert_eq!(fake.heard.try_recv().unwrap(), key("KeyA", true));
}
