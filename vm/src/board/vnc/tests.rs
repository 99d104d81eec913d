//! Tests of the screen and the input with a VNC server in this process.

use std::time::Duration;

use tokio::{net::TcpListener, time::timeout};

use super::{
    VncInput, VncScreen, VncSpec, connect,
    fake_server::{FakeServer, Message, Viewer, whole},
};
use crate::{
    CaptureError, ControlErrorKind, PointerButton, Secrecy,
    board::{BoardFault, FaultKind},
    input::{Button, InputError, InputEvent, InputSink},
    screen::{PictureSource, Taken},
};

const RED: [u8; 3] = [200, 0, 0];
const BLUE: [u8; 3] = [0, 0, 200];

/// The limit of a test that hangs.
const LIMIT: Duration = Duration::from_secs(20);

type Picture = (u32, u32, Vec<u8>);

async fn take(screen: &mut VncScreen) -> Result<Picture, CaptureError> {
    match timeout(LIMIT, screen.take(None)).await.unwrap()? {
        Taken::Picture(picture) => Ok((picture.width, picture.height, picture.rgb.to_vec())),
        Taken::Same => panic!("there was no picture before"),
    }
}

async fn press(input: &mut VncInput, name: &str) -> Result<(), InputError> {
    let key = name.parse().unwrap();
    let events = [InputEvent::Key { key, down: true }];
    let sent = input.send(&events, Secrecy::Open);
    timeout(LIMIT, sent).await.unwrap()
}

/// A server with a screen of 2 x 1 pixels, which has answered the first request with red.
async fn connected() -> (FakeServer, Viewer, VncScreen, VncInput) {
    let server = FakeServer::new().await;
    let spec = server.spec(None);
    let (handles, mut viewer) = tokio::join!(connect(&spec), server.welcome(2, 1));
    let (screen, input) = handles.unwrap();
    viewer.paint([0, 0, 2, 1], RED).await;
    (server, viewer, screen, input)
}

async fn refused(spec: &VncSpec, server: impl Future<Output = ()>) -> BoardFault {
    let (handles, ()) = timeout(LIMIT, async { tokio::join!(connect(spec), server) })
        .await
        .unwrap();
    let fault = handles.map(|_| ()).unwrap_err();
    assert!(!format!("{fault:?}").contains("sesame"), "{fault:?}");
    fault
}

#[tokio::test]
async fn a_picture_is_whole_and_was_asked_for_after_the_call() {
    let (_server, mut viewer, mut screen, _input) = connected().await;
    let serving = async {
        // Not the answer to the request from before the call.
        assert_eq!(viewer.request().await, whole(2, 1));
        viewer.paint([0, 0, 1, 1], BLUE).await;
        viewer.paint([1, 0, 1, 1], RED).await;
    };
    let (picture, ()) = tokio::join!(take(&mut screen), serving);
    assert_eq!(picture.unwrap(), (2, 1, vec![0, 0, 200, 200, 0, 0]));
}

#[tokio::test]
async fn half_a_picture_is_no_picture() {
    let (_server, mut viewer, mut screen, _input) = connected().await;
    let serving = async {
        viewer.request().await;
        viewer.paint([0, 0, 1, 1], BLUE).await;
        // The second half does not come.
        viewer.announce([1, 0, 1, 1], 0).await;
        drop(viewer);
    };
    let (picture, ()) = tokio::join!(take(&mut screen), serving);
    match picture.unwrap_err() {
        CaptureError::Broken { reason, .. } => assert!(reason.contains("was lost"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_new_size_gives_pictures_of_that_size() {
    let (_server, mut viewer, mut screen, _input) = connected().await;
    let serving = async {
        viewer.request().await;
        viewer.resize(1, 3).await;
        viewer.paint([0, 0, 1, 3], BLUE).await;
        assert_eq!(viewer.request().await, whole(1, 3));
        viewer.paint([0, 0, 1, 3], RED).await;
    };
    let calls = async {
        let first = take(&mut screen).await.unwrap();
        (first, take(&mut screen).await.unwrap())
    };
    let ((first, second), ()) = tokio::join!(calls, serving);
    assert_eq!(first, (1, 3, BLUE.repeat(3)));
    assert_eq!(second, (1, 3, RED.repeat(3)));
}

#[tokio::test]
async fn a_call_that_is_dropped_harms_no_later_one() {
    let (_server, mut viewer, mut screen, _input) = connected().await;
    {
        let call = screen.take(None);
        tokio::select! {
            _ = call => panic!("there is no answer yet"),
            request = viewer.request() => assert_eq!(request, whole(2, 1)),
        }
    }
    let serving = async {
        viewer.paint([0, 0, 2, 1], RED).await;
        viewer.request().await;
        viewer.paint([0, 0, 2, 1], BLUE).await;
    };
    let (picture, ()) = tokio::join!(take(&mut screen), serving);
    assert_eq!(picture.unwrap(), (2, 1, BLUE.repeat(2)));
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_shows_nothing_from_before() {
    let (server, viewer, mut screen, mut input) = connected().await;
    drop(viewer);
    let reason = match take(&mut screen).await.unwrap_err() {
        CaptureError::Broken { reason, .. } => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason.contains("was lost"), "{reason}");
    match press(&mut input, "a").await.unwrap_err() {
        InputError::Refused(error) => assert_eq!(error.kind, ControlErrorKind::Gone),
        other => panic!("{other:?}"),
    }
    let mut viewer = server.welcome(2, 2).await;
    viewer.paint([0, 0, 2, 2], RED).await;
    let serving = async {
        loop {
            viewer.request().await;
            viewer.paint([0, 0, 2, 2], BLUE).await;
        }
    };
    let calls = async {
        loop {
            // Until the connection task has seen that it is logged in.
            if let Ok(picture) = take(&mut screen).await {
                return picture;
            }
        }
    };
    tokio::select! {
        picture = calls => assert_eq!(picture, (2, 2, BLUE.repeat(4))),
        () = serving => {}
    }
}

#[tokio::test]
async fn keys_and_pointer_reach_the_server_in_order() {
    let (_server, mut viewer, _screen, mut input) = connected().await;
    let key = |name: &str, down| InputEvent::Key {
        key: name.parse().unwrap(),
        down,
    };
    let left = Button::Pointer(PointerButton::Left);
    let events = [
        key("shift", true),
        key("1", true),
        key("1", false),
        key("shift", false),
        InputEvent::Move {
            x: 0x7fff,
            y: 0x7fff,
        },
        InputEvent::Button {
            button: left,
            down: true,
        },
        InputEvent::Button {
            button: left,
            down: false,
        },
    ];
    input.send(&events, Secrecy::Secret).await.unwrap();
    let expected = [
        Message::Key(0xffe1, true),
        Message::Key(0x21, true),
        Message::Key(0x21, false),
        Message::Key(0xffe1, false),
        Message::Pointer(0, 1, 0),
        Message::Pointer(1, 1, 0),
        Message::Pointer(0, 1, 0),
    ];
    for message in expected {
        assert_eq!(viewer.message().await, message);
    }
    assert_eq!(input.queue().await, Ok(None));
}

#[tokio::test]
async fn the_connection_ends_with_its_handles() {
    let (_server, mut viewer, screen, input) = connected().await;
    drop(screen);
    drop(input);
    timeout(LIMIT, viewer.closed()).await.unwrap();
}

#[tokio::test]
async fn the_right_password_is_taken() {
    let server = FakeServer::new().await;
    let spec = server.spec(Some("sesame"));
    assert!(!format!("{spec:?}").contains("sesame"));
    let serving = async {
        let mut viewer = server.accept().await;
        viewer.greet("003.008").await;
        // The answer to 16 zeros: two equal blocks of DES.
        let answer = viewer.offer_password().await;
        assert_ne!(answer[..8], [0; 8]);
        assert_eq!(answer[..8], answer[8..]);
        viewer.say(&[0; 4]).await;
        viewer.begin(2, 1).await;
        viewer
    };
    let (handles, _viewer) = tokio::join!(connect(&spec), serving);
    handles.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_denied_in_each_version() {
    for version in ["003.003", "003.007", "003.008"] {
        let server = FakeServer::new().await;
        let serving = async {
            let mut viewer = server.accept().await;
            viewer.greet(version).await;
            if version == "003.003" {
                viewer.say(&[0, 0, 0, 2]).await;
                viewer.challenge().await;
            } else {
                viewer.offer_password().await;
            }
            viewer.say(&[0, 0, 0, 1]).await;
            if version == "003.008" {
                viewer.say_text("Authentication failed").await;
            }
        };
        let fault = refused(&server.spec(Some("sesame")), serving).await;
        assert_eq!(fault.kind, FaultKind::Denied, "{version}");
        assert!(fault.words.contains("did not take the password"), "{fault}");
        let has_reason = fault.words.contains("`Authentication failed`");
        assert_eq!(has_reason, version == "003.008", "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_wants_a_password_that_is_not_given_is_denied() {
    let server = FakeServer::new().await;
    let serving = async {
        let mut viewer = server.accept().await;
        viewer.greet("003.008").await;
        viewer.say(&[1, 2]).await;
        viewer.closed().await;
    };
    let fault = refused(&server.spec(None), serving).await;
    assert_eq!(fault.kind, FaultKind::Denied);
    assert_eq!(fault.advice.as_deref(), Some("give its password"));
}

#[tokio::test]
async fn a_server_that_turns_away_is_told_with_its_own_words() {
    let server = FakeServer::new().await;
    let serving = async {
        let mut viewer = server.accept().await;
        viewer.greet("003.008").await;
        viewer.say(&[0]).await;
        viewer.say_text("Too many\nfailures").await;
        viewer.closed().await;
    };
    let fault = refused(&server.spec(Some("sesame")), serving).await;
    assert_eq!(fault.kind, FaultKind::Refused);
    assert!(
        fault
            .words
            .ends_with("refused the connection: `Too many failures`"),
        "{fault}"
    );
}

#[tokio::test]
async fn a_log_in_that_is_not_known_here_is_refused() {
    let server = FakeServer::new().await;
    let serving = async {
        let mut viewer = server.accept().await;
        viewer.greet("003.008").await;
        viewer.say(&[1, 30]).await;
        viewer.closed().await;
    };
    let fault = refused(&server.spec(Some("sesame")), serving).await;
    assert_eq!(fault.kind, FaultKind::Refused);
    assert!(
        fault.words.contains("no log-in that is known here"),
        "{fault}"
    );
}

#[tokio::test]
async fn nothing_that_listens_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let spec = VncSpec {
        address,
        username: None,
        password: None,
    };
    let fault = refused(&spec, async {}).await;
    assert_eq!(fault.kind, FaultKind::Unreachable);
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_is_told_after_seconds() {
    let server = FakeServer::new().await;
    let spec = server.spec(None);
    let fault = refused(&spec, async {}).await;
    assert_eq!(fault.kind, FaultKind::TimedOut);
    assert!(
        fault.words.ends_with("did not answer within 5 s"),
        "{fault}"
    );
}

#[tokio::test]
async fn what_is_no_vnc_server_is_not_understood() {
    for garbage in [&b"HTTP/1.1 400 Bad Request"[..], b"RFB", b"\0\xff\xfe"] {
        let server = FakeServer::new().await;
        let serving = async {
            let mut viewer = server.accept().await;
            viewer.say(garbage).await;
        };
        let fault = refused(&server.spec(None), serving).await;
        assert_eq!(fault.kind, FaultKind::NotUnderstood, "{fault}");
        assert!(fault.words.contains("speaks no VNC"), "{fault}");
    }
}

#[tokio::test]
async fn a_server_that_closes_at_once_is_unreachable() {
    let server = FakeServer::new().await;
    let fault = refused(&server.spec(None), async { drop(server.accept().await) }).await;
    assert_eq!(fault.kind, FaultKind::Unreachable);
}

#[tokio::test]
async fn a_screen_of_an_impossible_size_is_not_understood() {
    for (width, height) in [(0, 0), (65535, 65535)] {
        let server = FakeServer::new().await;
        let serving = async {
            let mut viewer = server.accept().await;
            viewer.greet("003.008").await;
            viewer.offer_no_password().await;
            viewer.tell_screen(width, height).await;
            viewer.closed().await;
        };
        let fault = refused(&server.spec(None), serving).await;
        assert_eq!(fault.kind, FaultKind::NotUnderstood, "{fault}");
    }
}

#[tokio::test]
async fn garbage_after_the_log_in_is_told_and_ends_the_connection() {
    let garbage: [&[u8]; 4] = [
        &[99; 64],
        // A palette, a rectangle outside the screen, an encoding that was not asked for.
        &[1, 0, 0, 0, 0, 0],
        &[0, 0, 0, 1, 0, 9, 0, 9, 0, 1, 0, 1, 0, 0, 0, 0],
        &[0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 7],
    ];
    for bytes in garbage {
        let (_server, mut viewer, mut screen, _input) = connected().await;
        let serving = async {
            viewer.request().await;
            viewer.say(bytes).await;
            viewer.closed().await;
        };
        let (picture, ()) = tokio::join!(take(&mut screen), serving);
        match picture.unwrap_err() {
            CaptureError::Broken { reason, .. } => {
                assert!(reason.contains("was not understood"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}
