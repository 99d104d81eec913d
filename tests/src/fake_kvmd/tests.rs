//! The fake KVM itself.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::net::UnixListener,
    sync::{Arc, Mutex, mpsc},
    thread,
};

use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client::IntoClientRequest};

use super::*;

/// A board that remembers.
#[derive(Default, Clone)]
struct Memory(Arc<Mutex<(u8, bool, Vec<Input>)>>);

impl Board for Memory {
    fn picture(&mut self) -> Option<RgbImage> {
        let mut memory = self.0.lock().unwrap();
        memory.0 += 50;
        Some(RgbImage::from_pixel(16, 16, Rgb([memory.0; 3])))
    }

    fn input(&mut self, input: &Input) {
        self.0.lock().unwrap().2.push(input.clone());
    }

    fn press(&mut self, press: Press) {
        self.0.lock().unwrap().1 = press != Press::LongPower;
    }

    fn is_on(&mut self) -> bool {
        self.0.lock().unwrap().1
    }
}

fn ask(kvmd: &FakeKvmd, method: &str, path: &str, password: &str) -> (u16, Vec<u8>) {
    let address = kvmd.address();
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nX-KVMD-User: {USER}\r\nX-KVMD-Passwd: {password}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        lines.push(line);
    }
    let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
    let length = lines.last().unwrap().split(": ").nth(1).unwrap();
    let mut body = vec![0; length.trim().parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    (status, body)
}

fn open(kvmd: &FakeKvmd) -> WebSocket<TcpStream> {
    let address = kvmd.address();
    let address = address.trim_start_matches("http://");
    let mut request = format!("ws://{address}/api/ws")
        .into_client_request()
        .unwrap();
    let headers = request.headers_mut();
    headers.insert("X-KVMD-User", USER.parse().unwrap());
    headers.insert("X-KVMD-Passwd", PASSWORD.parse().unwrap());
    let stream = TcpStream::connect(address).unwrap();
    tokio_tungstenite::tungstenite::client(request, stream)
        .unwrap()
        .0
}

/// Sends events, and waits until they were taken.
fn say(socket: &mut WebSocket<TcpStream>, events: &[Value]) {
    let ping = json!({"event_type": "ping", "event": {}});
    for event in events.iter().chain([&ping]) {
        socket.send(Message::text(event.to_string())).unwrap();
    }
    heard(socket, "pong");
}

fn heard(socket: &mut WebSocket<TcpStream>, kind: &str) -> Value {
    loop {
        let message = socket.read().unwrap();
        let event: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        if event["event_type"] == kind {
            return event["event"].clone();
        }
    }
}

fn grey(jpeg: &[u8]) -> u8 {
    let picture = image::load_from_memory(jpeg).unwrap().into_rgb8();
    picture.get_pixel(0, 0).0[0]
}

#[test]
fn snapshots_come_while_a_client_is_connected_and_freeze_on_demand() {
    let kvmd = FakeKvmd::before(Memory::default(), 90);
    let snapshot = || ask(&kvmd, "GET", "/api/streamer/snapshot", PASSWORD);
    assert_eq!(snapshot().0, 503);
    let mut socket = open(&kvmd);
    say(&mut socket, &[]);
    let first = grey(&snapshot().1);
    assert_ne!(grey(&snapshot().1), first);
    kvmd.set(|faults| faults.frozen = true);
    let frozen = grey(&snapshot().1);
    assert_eq!(grey(&snapshot().1), frozen);
    kvmd.set(|faults| faults.half_jpeg = true);
    assert!(!snapshot().1.ends_with(&[0xff, 0xd9]));
    kvmd.set(|faults| faults.no_signal = true);
    assert_eq!(snapshot().0, 503);
    kvmd.set(|faults| faults.status = Some(500));
    assert_eq!(snapshot().0, 500);
}

#[test]
fn keys_reach_the_board_unless_the_keyboard_is_away() {
    let board = Memory::default();
    let kvmd = FakeKvmd::before(board.clone(), 90);
    let mut socket = open(&kvmd);
    let key = json!({"event_type": "key", "event": {"key": "Enter", "state": true}});
    kvmd.set(|faults| faults.keyboard_is_away = true);
    say(&mut socket, std::slice::from_ref(&key));
    assert_eq!(board.0.lock().unwrap().2, []);
    assert_eq!(ask(&kvmd, "POST", "/api/hid/reset", PASSWORD).0, 200);
    say(&mut socket, &[key]);
    let input = Input::Key {
        code: "Enter".to_owned(),
        down: true,
    };
    assert_eq!(board.0.lock().unwrap().2, [input]);
    kvmd.close_sockets();
    assert!((0..100).any(|_| socket.read().is_err()));
}

#[test]
fn only_the_right_password_is_let_in() {
    let kvmd = FakeKvmd::before(Memory::default(), 90);
    let check = |password: &str| ask(&kvmd, "GET", "/api/auth/check", password).0;
    assert_eq!((check(PASSWORD), check("wrong")), (200, 403));
    let secret = "GEZDGNBVGY3TQOJQ";
    kvmd.set(|faults| faults.totp = Some(secret.to_owned()));
    let [_, digits, _] = digits::valid_now(secret);
    assert_eq!(
        (check(PASSWORD), check(&format!("{PASSWORD}{digits}"))),
        (403, 200)
    );
    kvmd.set(|faults| {
        *faults = Faults {
            wrong_password: true,
            ..Faults::default()
        }
    });
    assert_eq!(check(PASSWORD), 403);
    assert_eq!(kvmd.requests().len(), 5);
}

#[test]
fn power_is_pressed_unless_it_lies() {
    let kvmd = FakeKvmd::before(Memory::default(), 90);
    let power = |action: &str| {
        ask(
            &kvmd,
            "POST",
            &format!("/api/atx/power?action={action}&wait=1"),
            PASSWORD,
        );
        let (_, state) = ask(&kvmd, "GET", "/api/atx", PASSWORD);
        let state: Value = serde_json::from_slice(&state).unwrap();
        state["result"]["leds"]["power"].as_bool().unwrap()
    };
    assert!(power("on"));
    kvmd.set(|faults| faults.power_lies = true);
    assert!(power("off_hard"));
    kvmd.set(|faults| faults.power_lies = false);
    assert!(!power("off_hard"));
}

#[test]
fn a_qemu_is_asked_by_qmp() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("qmp");
    let listener = UnixListener::bind(&socket).unwrap();
    let (told, heard) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream
            .write_all(b"{\"QMP\": {}}\n{\"event\": \"NOISE\"}\n")
            .unwrap();
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        for line in lines.map_while(Result::ok) {
            let command: Value = serde_json::from_str(&line).unwrap();
            let answer = match command["execute"].as_str().unwrap() {
                "query-status" => json!({"running": true}),
                "screendump" => {
                    let file = command["arguments"]["filename"].as_str().unwrap();
                    std::fs::write(file, b"P6\n2 1\n255\n\n\n\n\n\n\n").unwrap();
                    json!({})
                }
                _ => json!({}),
            };
            told.send(command).unwrap();
            let answer = json!({"return": answer});
            stream.write_all(format!("{answer}\n").as_bytes()).unwrap();
        }
    });
    let mut board = QemuBoard::connect(&socket).unwrap();
    let picture = board.picture().unwrap();
    assert_eq!(
        (picture.dimensions(), picture.get_pixel(0, 0).0),
        ((2, 1), [10; 3])
    );
    board.input(&Input::Key {
        code: "ShiftLeft".to_owned(),
        down: true,
    });
    board.input(&Input::Move {
        x: -32_768,
        y: 32_767,
    });
    board.press(Press::LongPower);
    drop(board);
    let commands: Vec<Value> = heard.iter().collect();
    let names: Vec<_> = commands
        .iter()
        .map(|command| command["execute"].as_str().unwrap())
        .collect();
    let expected = [
        "qmp_capabilities",
        "query-status",
        "screendump",
        "input-send-event",
        "input-send-event",
        "stop",
    ];
    assert_eq!(names, expected);
    let key =
        json!([{"type": "key", "data": {"key": {"type": "qcode", "data": "shift"}, "down": true}}]);
    assert_eq!(commands[3]["arguments"]["events"], key);
    let place = &commands[4]["arguments"]["events"];
    assert_eq!(
        (&place[0]["data"]["value"], &place[1]["data"]["value"]),
        (&json!(0), &json!(32_767))
    );
}
