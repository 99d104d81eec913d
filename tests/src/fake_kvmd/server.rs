//! The server on loopback.

use std::{
    io::BufReader,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use image::RgbImage;
use serde_json::{Value, json};

use super::{Board, QemuBoard, api, http::Request, socket};

/// The name of the user.
pub const USER: &str = "admin";

/// The password of the user.
pub const PASSWORD: &str = "correct horse";

/// The faults of a fake KVM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    /// It takes no password.
    pub wrong_password: bool,
    /// Two-factor authentication: the secret in base32. The digits stand behind the password.
    pub totp: Option<String>,
    /// It answers every request with this status, in the form of kvmd.
    pub status: Option<u16>,
    /// A snapshot takes so long.
    pub slow_snapshots: Duration,
    /// A snapshot ends in its middle.
    pub half_jpeg: bool,
    /// There is no signal from the board.
    pub no_signal: bool,
    /// The picture stays as it was when this began.
    pub frozen: bool,
    /// The keyboard is away, and loses keys without a word, until `/api/hid/reset`, which ends this fault.
    pub keyboard_is_away: bool,
    /// It says that it pressed the buttons of the board, and does not.
    pub power_lies: bool,
    /// The free space for images, in bytes.
    pub free_space: u64,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            wrong_password: false,
            totp: None,
            status: None,
            slow_snapshots: Duration::ZERO,
            half_jpeg: false,
            no_signal: false,
            frozen: false,
            keyboard_is_away: false,
            power_lies: false,
            free_space: 1 << 40,
        }
    }
}

/// A network KVM on loopback. It ends with its value.
#[derive(Debug)]
pub struct FakeKvmd {
    address: SocketAddr,
    inside: Arc<Inside>,
}

/// The state that all connections share.
pub(super) struct Inside {
    pub(super) board: Mutex<Box<dyn Board>>,
    /// The quality of snapshots, in percent.
    pub(super) quality: u8,
    pub(super) faults: Mutex<Faults>,
    pub(super) medium: Mutex<Value>,
    pub(super) frozen: Mutex<Option<RgbImage>>,
    pub(super) sockets: Mutex<Vec<socket::Writer>>,
    connections: Mutex<Vec<TcpStream>>,
    requests: Mutex<Vec<String>>,
    has_ended: AtomicBool,
}

impl std::fmt::Debug for Inside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inside").finish_non_exhaustive()
    }
}

pub(super) fn locked<T: ?Sized>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

impl FakeKvmd {
    /// Serves a board. Snapshots have this JPEG quality in percent.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn before(board: impl Board, quality: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let inside = Arc::new(Inside {
            board: Mutex::new(Box::new(board)),
            quality,
            faults: Mutex::default(),
            medium: Mutex::new(
                json!({"image": null, "connected": false, "cdrom": false, "rw": false}),
            ),
            frozen: Mutex::default(),
            sockets: Mutex::default(),
            connections: Mutex::default(),
            requests: Mutex::default(),
            has_ended: AtomicBool::new(false),
        });
        let accepting = inside.clone();
        thread::spawn(move || accepting.accept(&listener));
        Self { address, inside }
    }

    /// Serves a running QEMU: its screen by `screendump`, its devices by `input-send-event`. Returns when the QEMU has
    /// answered.
    ///
    /// # Panics
    /// When there is no QEMU.
    #[must_use]
    pub fn before_qemu(qmp_socket: &Path, quality: u8) -> Self {
        Self::before(QemuBoard::connect(qmp_socket).unwrap(), quality)
    }

    /// Returns the address: `http://127.0.0.1:4242`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes what goes wrong from now on, and tells it on the WebSockets.
    pub fn set(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut locked(&self.inside.faults));
        self.inside.tell_hid();
        self.inside
            .tell("streamer", &super::api::streamer(&self.inside));
    }

    /// Closes all WebSockets.
    pub fn close_sockets(&self) {
        for socket in locked(&self.inside.sockets).drain(..) {
            socket.close();
        }
    }

    /// Returns the requests until now, each as `POST /api/hid/reset`, without queries.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        locked(&self.inside.requests).clone()
    }

    /// Returns the state of the virtual drive, as kvmd tells it.
    #[must_use]
    pub fn drive(&self) -> Value {
        locked(&self.inside.medium).clone()
    }
}

impl Drop for FakeKvmd {
    fn drop(&mut self) {
        self.inside.has_ended.store(true, Ordering::Relaxed);
        // The thread that accepts wakes up, and sees that.
        drop(TcpStream::connect(self.address));
        for connection in locked(&self.inside.connections).drain(..) {
            // It may have been closed.
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Inside {
    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming().map_while(Result::ok) {
            if self.has_ended.load(Ordering::Relaxed) {
                return;
            }
            let mut connections = locked(&self.connections);
            connections.retain(|stream| stream.peer_addr().is_ok());
            connections.extend(stream.try_clone());
            drop(connections);
            let inside = self.clone();
            thread::spawn(move || inside.serve(stream));
        }
    }

    /// Answers the requests of a connection. The client may close it at any time.
    fn serve(self: &Arc<Self>, mut stream: TcpStream) {
        let Ok(reading) = stream.try_clone() else {
            return;
        };
        let mut reading = BufReader::new(reading);
        while let Ok(Some(request)) = Request::read(&mut reading) {
            let line = format!("{} {}", request.method, request.path);
            locked(&self.requests).push(line);
            let refusal = api::refusal(self, &request);
            if refusal.is_none() && request.path == "/api/ws" {
                socket::serve(self, &request, stream);
                return;
            }
            let answer = refusal.unwrap_or_else(|| api::answer(self, &request));
            if answer.write(&mut stream).is_err() {
                return;
            }
        }
    }

    /// Tells an event on all WebSockets.
    pub(super) fn tell(&self, kind: &str, event: &Value) {
        let event = json!({"event_type": kind, "event": event});
        locked(&self.sockets).retain_mut(|socket| socket.say(&event));
    }

    /// Tells the state of keyboard and mouse.
    pub(super) fn tell_hid(&self) {
        let state = api::hid(&locked(&self.faults));
        self.tell("hid", &state);
    }
}
