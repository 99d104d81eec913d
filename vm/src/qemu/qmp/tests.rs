//! The client of QMP against a server that splits lines, lies, hangs and ends.

use std::{
    io::{IoSliceMut, Read, Write},
    mem::MaybeUninit,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;

use super::{Call, Qmp, QmpError, QmpLog, Sensitivity, Trace, fake::FakeQemu, fake::GREETING};

async fn status(qmp: &Qmp) -> Result<Value, QmpError> {
    qmp.raw("query-status", Value::Null, Sensitivity::Open)
        .await
}

fn is_closed(result: &Result<Value, QmpError>) -> bool {
    matches!(result, Err(QmpError::Closed { .. }))
}

#[tokio::test]
async fn a_command_gets_its_answer_by_id_even_out_of_order() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let server = async {
        let (first, second) = (qemu.heard().await, qemu.heard().await);
        qemu.say(&format!("{{\"return\": 2, \"id\": {}}}\n", second["id"]))
            .await;
        qemu.say(&format!("{{\"return\": 1, \"id\": {}}}\n", first["id"]))
            .await;
    };
    let (one, two, ()) = tokio::join!(status(&qmp), status(&qmp), server);
    assert_eq!((one.unwrap(), two.unwrap()), (json!(1), json!(2)));
}

#[tokio::test]
async fn an_answer_in_pieces_between_events_and_garbage_is_found() {
    let (qmp, mut events, mut qemu) = FakeQemu::connected().await;
    let server = async {
        let id = qemu.heard().await["id"].clone();
        qemu.say("{\"event\": \"STOP\", \"timestamp\": {}}\nno json\n{\"ret")
            .await;
        qemu.say("urn\": {\"status\": \"paused\"}, ").await;
        qemu.say(&format!(
            "\"id\": {id}}}\n{{\"event\": \"TELEPORTED\", \"data\": {{\"to\": 3}}}}\n"
        ))
        .await;
    };
    let (answer, ()) = tokio::join!(status(&qmp), server);
    assert_eq!(answer.unwrap()["status"], "paused");
    assert_eq!(events.recv().await.unwrap().name, "STOP");
    let unknown = events.recv().await.unwrap();
    assert_eq!(
        (unknown.name.as_str(), &unknown.data),
        ("TELEPORTED", &json!({"to": 3}))
    );
}

#[tokio::test]
async fn a_refusal_says_the_command_the_class_and_the_sentence() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let server = async {
        let id = qemu.heard().await["id"].clone();
        qemu.say(&format!("{{\"error\": {{\"class\": \"CommandNotFound\", \"desc\": \"not here\"}}, \"id\": {id}}}\n"))
            .await;
    };
    let (answer, ()) = tokio::join!(status(&qmp), server);
    assert_eq!(
        answer.unwrap_err().to_string(),
        "QEMU refused `query-status`: not here"
    );
}

#[tokio::test]
async fn dropped_commands_leave_the_connection_usable() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    for _ in 0..5 {
        tokio::select! {
            biased;
            _ = status(&qmp) => unreachable!("nobody answers"),
            heard = qemu.heard() => assert_eq!(heard["execute"], "query-status"),
        }
    }
    // The late answers come now, and belong to no command.
    for id in 2..7 {
        qemu.say(&format!("{{\"return\": \"late\", \"id\": {id}}}\n"))
            .await;
    }
    let (answer, _) = tokio::join!(status(&qmp), qemu.answer("query-status", "\"fresh\""));
    assert_eq!(answer.unwrap(), "fresh");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_hangs_times_out_and_the_next_one_works() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let call = Call {
        limit: Duration::from_secs(3),
        ..Call::default()
    };
    let hung = qmp.call("screendump", Value::Null, call).await;
    assert_eq!(
        hung.unwrap_err().to_string(),
        "QEMU did not answer `screendump` within 3 s"
    );
    assert_eq!(qemu.heard().await["execute"], "screendump");
    let (answer, _) = tokio::join!(status(&qmp), qemu.answer("query-status", "7"));
    assert_eq!(answer.unwrap(), 7);
}

#[tokio::test]
async fn an_early_end_wakes_every_waiter_and_every_later_call() {
    let (qmp, mut events, mut qemu) = FakeQemu::connected().await;
    let server = async {
        qemu.heard().await;
        qemu.heard().await;
        drop(qemu);
    };
    let (one, two, ()) = tokio::join!(status(&qmp), status(&qmp), server);
    assert!(is_closed(&one) && is_closed(&two));
    assert!(is_closed(&status(&qmp).await));
    assert_eq!(events.recv().await, Err(RecvError::Closed));
    assert_eq!(qmp.events().recv().await, Err(RecvError::Closed));
}

#[tokio::test]
async fn an_end_before_the_greeting_is_an_error() {
    let (client, qemu) = FakeQemu::pair();
    drop(qemu);
    let connected = Qmp::connect(client, QmpLog::nowhere()).await;
    assert_eq!(
        connected.unwrap_err().to_string(),
        "the connection to QEMU ended before the answer to `greeting`"
    );
}

#[tokio::test]
async fn a_qemu_without_out_of_band_is_asked_for_none() {
    let (client, mut qemu) = FakeQemu::pair();
    let server = async {
        qemu.say(&format!("{}\n", GREETING.replace("\"oob\"", "")))
            .await;
        qemu.answer("qmp_capabilities", "{}").await
    };
    let (connected, heard) = tokio::join!(Qmp::connect(client, QmpLog::nowhere()), server);
    assert!(connected.is_ok());
    assert_eq!(heard["arguments"]["enable"], json!([]));
}

#[tokio::test]
async fn out_of_band_commands_say_so() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let server = async {
        let heard = qemu.heard().await;
        assert_eq!(heard["exec-oob"], "migrate-pause");
        qemu.say(&format!("{{\"return\": {{}}, \"id\": {}}}\n", heard["id"]))
            .await;
    };
    let (answer, ()) = tokio::join!(qmp.raw_oob("migrate-pause", Value::Null), server);
    assert_eq!(answer.unwrap(), json!({}));
}

#[tokio::test]
async fn a_line_of_more_than_ten_megabytes_is_skipped() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let server = async {
        let id = qemu.heard().await["id"].clone();
        let chunk = "x".repeat(1 << 20);
        for _ in 0..11 {
            qemu.say(&chunk).await;
        }
        qemu.say(&format!("\n{{\"return\": 5, \"id\": {id}}}\n"))
            .await;
    };
    let (answer, ()) = tokio::join!(status(&qmp), server);
    assert_eq!(answer.unwrap(), 5);
}

#[tokio::test]
async fn a_typed_command_reads_its_typed_answer_and_tells_of_another_shape() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let good = "{\"status\": \"running\", \"running\": true, \"singlestep\": false, \"new\": 1}";
    let (answer, _) = tokio::join!(
        qmp.execute(qapi::qmp::query_status {}),
        qemu.answer("query-status", good)
    );
    assert!(answer.unwrap().running);
    let (answer, _) = tokio::join!(
        qmp.execute(qapi::qmp::query_status {}),
        qemu.answer("query-status", "[]")
    );
    assert!(matches!(answer, Err(QmpError::UnexpectedAnswer { .. })));
}

#[tokio::test]
async fn a_file_descriptor_travels_with_its_command() {
    let (qmp, _events, mut qemu) = FakeQemu::connected().await;
    let (mut ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let server = async {
        qemu.socket().readable().await.unwrap();
        let mut bytes = [0; 4096];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = rustix::net::RecvAncillaryBuffer::new(&mut space);
        let received = rustix::net::recvmsg(
            qemu.socket(),
            &mut [IoSliceMut::new(&mut bytes)],
            &mut ancillary,
            rustix::net::RecvFlags::empty(),
        )
        .unwrap();
        let command: Value = serde_json::from_slice(&bytes[..received.bytes]).unwrap();
        assert_eq!(
            (&command["execute"], &command["arguments"]["fdname"]),
            (&json!("getfd"), &json!("disk"))
        );
        let fd = ancillary
            .drain()
            .find_map(|message| match message {
                rustix::net::RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
                _ => None,
            })
            .unwrap();
        qemu.say(&format!(
            "{{\"return\": {{}}, \"id\": {}}}\n",
            command["id"]
        ))
        .await;
        std::os::unix::net::UnixStream::from(fd)
    };
    let (passed, mut received) = tokio::join!(qmp.pass_fd("disk", theirs.into()), server);
    passed.unwrap();
    received.write_all(b"through").unwrap();
    drop(received);
    let mut text = String::new();
    ours.read_to_string(&mut text).unwrap();
    assert_eq!(text, "through");
}

#[tokio::test]
async fn the_log_has_both_directions_but_no_secret_and_no_routine_capture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("qmp.log");
    let (qmp, _events, mut qemu) = FakeQemu::connected_with(QmpLog::open(&path).unwrap()).await;
    let secret = qmp.raw(
        "input-send-event",
        json!({"key": "hunter2"}),
        Sensitivity::Secret,
    );
    let refused = async {
        let id = qemu.heard().await["id"].clone();
        qemu.say(&format!(
            "{{\"error\": {{\"desc\": \"bad hunter2\"}}, \"id\": {id}}}\n"
        ))
        .await;
    };
    let (answer, ()) = tokio::join!(secret, refused);
    assert!(answer.is_err());
    let routine = Call {
        trace: Trace::FailuresOnly,
        ..Call::default()
    };
    let (answer, _) = tokio::join!(
        qmp.call("screendump", json!({"filename": "x"}), routine),
        qemu.answer("screendump", "{}")
    );
    answer.unwrap();
    let (answer, _) = tokio::join!(status(&qmp), qemu.answer("query-status", "{}"));
    answer.unwrap();

    let log = std::fs::read_to_string(path).unwrap();
    let lines: Vec<_> = log
        .lines()
        .map(|line| line.trim_start().split_once(' ').unwrap().1)
        .collect();
    assert_eq!(
        lines[3..],
        [
            r#"> {"arguments":"•••","execute":"input-send-event","id":2}"#,
            r#"< {"error": "•••"}"#,
            r#"> {"execute":"query-status","id":4}"#,
            r#"< {"return": {}, "id": 4}"#,
        ]
    );
}

#[tokio::test]
async fn garbage_without_end_is_given_up_and_its_log_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("qmp.log");
    let (qmp, mut events, mut qemu) = FakeQemu::connected_with(QmpLog::open(&path).unwrap()).await;
    let garbage = format!("{}\n", "x".repeat(5000)).repeat(100);
    let talk = tokio::spawn(async move {
        loop {
            qemu.say(&garbage).await;
        }
    });
    while events.recv().await.is_ok() {}
    assert!(matches!(status(&qmp).await, Err(QmpError::Closed { .. })));
    talk.abort();
    let log = std::fs::read_to_string(path).unwrap();
    assert!(log.len() < 500_000, "{}", log.len());
    assert!(log.contains("given up: more than 1000 lines in a row are no messages"));
}
