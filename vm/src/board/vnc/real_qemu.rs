//! Tests with the VNC server of a real QEMU and the screens of its BIOS.

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    time::timeout,
};

use super::{VncInput, VncScreen, VncSpec, connect};
use crate::{
    PointerButton, ScrollDirection, Secrecy,
    board::{BoardFault, FaultKind},
    input::{Button, InputEvent, InputSink},
    screen::{PictureSource, Taken},
};

/// The limit of a test whose guest hangs.
const LIMIT: Duration = Duration::from_secs(60);

const PASSWORD: &str = "sesame";

struct Qemu {
    child: Child,
    folder: TempDir,
    spec: VncSpec,
}

impl Drop for Qemu {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Qemu {
    /// Starts a machine with a BIOS that offers its boot menu for a minute, and connects to it.
    async fn start() -> (Self, VncScreen, VncInput) {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let monitor = folder.path().join("monitor").display().to_string();
        let child = Command::new("qemu-system-x86_64")
            .args(["-accel", "tcg", "-m", "64", "-display", "none", "-usb"])
            .args([
                "-device",
                "usb-tablet",
                "-boot",
                "menu=on,splash-time=60000",
            ])
            .args(["-object", &format!("secret,id=word,data={PASSWORD}")])
            .args([
                "-vnc",
                &format!("127.0.0.1:{},password-secret=word", port - 5900),
            ])
            .args(["-monitor", &format!("unix:{monitor},server,nowait")])
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let spec = VncSpec {
            address: format!("127.0.0.1::{port}"),
            username: None,
            password: Some(PASSWORD.to_owned()),
        };
        let qemu = Self {
            child,
            folder,
            spec,
        };
        let begun = Instant::now();
        loop {
            match connect(&qemu.spec).await {
                Ok((screen, input)) => return (qemu, screen, input),
                Err(BoardFault {
                    kind: FaultKind::Unreachable,
                    ..
                }) if begun.elapsed() < LIMIT => {
                    // QEMU does not announce that it listens.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(fault) => panic!("{fault:?}"),
            }
        }
    }

    /// Returns what QEMU itself takes for its screen: a PPM file.
    async fn dump(&self) -> Vec<u8> {
        let file: PathBuf = self.folder.path().join("screen.ppm");
        let mut monitor = UnixStream::connect(self.folder.path().join("monitor"))
            .await
            .unwrap();
        let command = format!("screendump {}\ninfo version\n", file.display());
        monitor.write_all(command.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        // The version is told when the dump is done.
        while !String::from_utf8_lossy(&said).contains("\n7.")
            && !String::from_utf8_lossy(&said).contains("\n10.")
        {
            let mut more = [0; 1024];
            let length = monitor.read(&mut more).await.unwrap();
            assert_ne!(length, 0);
            said.extend(&more[..length]);
        }
        fs::read(file).unwrap()
    }
}

/// Returns the present picture as a PPM file.
async fn picture(screen: &mut VncScreen) -> Vec<u8> {
    match timeout(LIMIT, screen.take(None)).await.unwrap().unwrap() {
        Taken::Picture(picture) => {
            let head = format!("P6\n{} {}\n255\n", picture.width, picture.height);
            [head.as_bytes(), picture.rgb].concat()
        }
        Taken::Same => panic!("there was no picture before"),
    }
}

/// Takes pictures until one differs from `before` in at least this number of bytes, and equals QEMU's own.
async fn settled(qemu: &Qemu, screen: &mut VncScreen, before: &[u8], bytes: usize) -> Vec<u8> {
    let settled = async {
        loop {
            let seen = picture(screen).await;
            let differing = seen.iter().zip(before).filter(|(new, old)| new != old);
            let is_new = seen.len() != before.len() || differing.count() >= bytes;
            if is_new && seen == qemu.dump().await {
                return seen;
            }
        }
    };
    timeout(LIMIT, settled).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screen_is_qemus_own_and_keys_and_pointer_reach_the_machine() {
    let (qemu, mut screen, mut input) = Qemu::start().await;
    let first = picture(&mut screen).await;
    // The greeting of the BIOS, in text of 720 x 400 pixels.
    let greeting = settled(&qemu, &mut screen, &first, 1).await;
    assert!(greeting.starts_with(b"P6\n720 400\n"));
    let escape = "esc".parse().unwrap();
    let key = |down| InputEvent::Key { key: escape, down };
    input.send(&[key(true)], Secrecy::Open).await.unwrap();
    input.send(&[key(false)], Secrecy::Open).await.unwrap();
    // The boot menu is some lines of text.
    settled(&qemu, &mut screen, &greeting, 3000).await;
    let button = Button::Pointer(PointerButton::Right);
    let wheel = Button::Wheel(ScrollDirection::Down);
    let events = [
        InputEvent::Move { x: 0, y: 0x7fff },
        InputEvent::Button { button, down: true },
        InputEvent::Button {
            button,
            down: false,
        },
        InputEvent::Button {
            button: wheel,
            down: true,
        },
        InputEvent::Button {
            button: wheel,
            down: false,
        },
    ];
    input.send(&events, Secrecy::Open).await.unwrap();
    let begun = Instant::now();
    for _ in 0..20 {
        picture(&mut screen).await;
    }
    eprintln!("a picture took {:?}", begun.elapsed() / 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_come_as_quickly_after_a_long_rest() {
    let (_qemu, mut screen, _input) = Qemu::start().await;
    let mut longest = Duration::ZERO;
    // QEMU looks at its screen ever more seldom.
    for _ in 0..40 {
        let begun = Instant::now();
        picture(&mut screen).await;
        longest = longest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    eprintln!("the slowest picture took {longest:?}");
    assert!(longest < Duration::from_secs(1), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_a_missing_one_are_denied() {
    let (qemu, _screen, _input) = Qemu::start().await;
    for password in [None, Some("wrong".to_owned())] {
        let spec = VncSpec {
            password,
            ..qemu.spec.clone()
        };
        let fault = connect(&spec).await.map(|_| ()).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Denied, "{fault:?}");
    }
}
