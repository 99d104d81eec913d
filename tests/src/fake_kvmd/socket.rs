//! The WebSocket of a client.

use std::{
    io::Write,
    net::{Shutdown, TcpStream},
    sync::Arc,
};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    Message, WebSocket, handshake::derive_accept_key, protocol::Role,
};

use super::{
    Input, api,
    http::Request,
    key_codes::qcode,
    server::{Inside, locked},
};

/// The end of a WebSocket that writes.
pub(super) struct Writer(WebSocket<TcpStream>);

impl Writer {
    /// Sends an event. Returns false if the client has gone.
    pub(super) fn say(&mut self, event: &Value) -> bool {
        self.0.send(Message::text(event.to_string())).is_ok()
    }

    pub(super) fn close(&self) {
        // The client may have closed it.
        let _ = self.0.get_ref().shutdown(Shutdown::Both);
    }
}

/// Answers the request for a WebSocket, and serves it until the client goes.
pub(super) fn serve(inside: &Arc<Inside>, request: &Request, mut stream: TcpStream) {
    let key = request.header("sec-websocket-key").unwrap_or_default();
    let accepted = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: {accepted}\r\n\r\n"
    );
    let (Ok(()), Ok(writing)) = (stream.write_all(head.as_bytes()), stream.try_clone()) else {
        return;
    };
    // One end reads and one writes: events are told while nothing comes.
    let mut reader = WebSocket::from_raw_socket(stream, Role::Server, None);
    let mut writer = Writer(WebSocket::from_raw_socket(writing, Role::Server, None));
    let faults = locked(&inside.faults).clone();
    let first = [
        ("loop", json!({"version": {"major": 4, "minor": 82}})),
        ("hid", api::hid(&faults)),
        ("atx", api::atx(inside)),
        ("msd", api::msd(inside)),
        ("streamer", api::streamer(inside)),
    ];
    for (kind, event) in first {
        if !writer.say(&json!({"event_type": kind, "event": event})) {
            return;
        }
    }
    let mut sockets = locked(&inside.sockets);
    sockets.push(writer);
    drop(sockets);
    while let Ok(message) = reader.read() {
        let Message::Text(text) = message else {
            continue;
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        let event = &message["event"];
        match message["event_type"].as_str().unwrap() {
            // To all: the others count it as an answer to a later ping of theirs. A test has one client.
            "ping" => inside.tell("pong", &json!({})),
            kind => take(inside, kind, event),
        }
    }
}

/// Passes input on to the board.
fn take(inside: &Inside, kind: &str, event: &Value) {
    let text = |name: &str| event[name].as_str().unwrap().to_owned();
    let down = || event["state"].as_bool().unwrap();
    let number = |value: &Value| i32::try_from(value.as_i64().unwrap()).unwrap();
    let input = match kind {
        "key" => {
            let code = text("key");
            assert!(qcode(&code).is_some(), "kvmd has no key {code}");
            let down = down();
            Input::Key { code, down }
        }
        "mouse_button" => Input::Button {
            name: text("button"),
            down: down(),
        },
        "mouse_move" => Input::Move {
            x: number(&event["to"]["x"]),
            y: number(&event["to"]["y"]),
        },
        "mouse_wheel" => Input::Wheel {
            up: number(&event["delta"]["y"]),
        },
        other => panic!("kvmd has no event {other}"),
    };
    let is_key = matches!(input, Input::Key { .. });
    if !(is_key && locked(&inside.faults).keyboard_is_away) {
        locked(&inside.board).input(&input);
    }
}
