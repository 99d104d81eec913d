//! A VNC server for tests, which does only what a test says.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::VncSpec;

/// A server that waits for connections.
pub(super) struct FakeServer {
    listener: TcpListener,
}

/// One connection of it.
pub(super) struct Viewer {
    stream: TcpStream,
}

/// A message of the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// A request for this rectangle: left, top, width, height.
    Request {
        is_incremental: bool,
        rect: [u16; 4],
    },
    Key(u32, bool),
    Pointer(u8, u16, u16),
}

impl FakeServer {
    pub(super) async fn new() -> Self {
        Self {
            listener: TcpListener::bind("127.0.0.1:0").await.unwrap(),
        }
    }

    pub(super) fn spec(&self, password: Option<&str>) -> VncSpec {
        VncSpec {
            address: self.listener.local_addr().unwrap().to_string(),
            username: None,
            password: password.map(ToOwned::to_owned),
        }
    }

    pub(super) async fn accept(&self) -> Viewer {
        let (stream, _) = self.listener.accept().await.unwrap();
        Viewer { stream }
    }

    /// Accepts a connection without password, with a screen of this size.
    pub(super) async fn welcome(&self, width: u16, height: u16) -> Viewer {
        let mut viewer = self.accept().await;
        viewer.greet("003.008").await;
        viewer.offer_no_password().await;
        viewer.begin(width, height).await;
        viewer
    }
}

impl Viewer {
    pub(super) async fn say(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    async fn hear<const LENGTH: usize>(&mut self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        self.stream.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    /// Tells the version, and hears that of the client.
    pub(super) async fn greet(&mut self, version: &str) {
        self.say(format!("RFB {version}\n").as_bytes()).await;
        assert!(self.hear::<12>().await.starts_with(b"RFB 003.00"));
    }

    pub(super) async fn offer_no_password(&mut self) {
        self.say(&[1, 1]).await;
        assert_eq!(self.hear().await, [1]);
        self.say(&[0; 4]).await;
    }

    /// Asks for the password, as version 3.8 does.
    pub(super) async fn offer_password(&mut self) -> [u8; 16] {
        self.say(&[1, 2]).await;
        assert_eq!(self.hear().await, [2]);
        self.challenge().await
    }

    /// Sends 16 zeros, and returns the answer.
    pub(super) async fn challenge(&mut self) -> [u8; 16] {
        self.say(&[0; 16]).await;
        self.hear().await
    }

    /// Sends a text with its length.
    pub(super) async fn say_text(&mut self, text: &str) {
        let length = u32::try_from(text.len()).unwrap();
        self.say(&length.to_be_bytes()).await;
        self.say(text.as_bytes()).await;
    }

    /// Tells the size and the name of the screen, and hears the format, the encodings and the first request.
    pub(super) async fn begin(&mut self, width: u16, height: u16) {
        self.tell_screen(width, height).await;
        let format: [u8; 20] = self.hear().await;
        assert_eq!(format[..6], [0, 0, 0, 0, 32, 24]);
        // Raw, and sizes of the desktop.
        let encodings: [u8; 12] = self.hear().await;
        assert_eq!(encodings, [2, 0, 0, 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x21]);
        assert_eq!(self.message().await, whole(width, height));
    }

    pub(super) async fn tell_screen(&mut self, width: u16, height: u16) {
        let _shared: [u8; 1] = self.hear().await;
        self.say(&width.to_be_bytes()).await;
        self.say(&height.to_be_bytes()).await;
        self.say(&[32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0])
            .await;
        self.say_text("a board").await;
    }

    pub(super) async fn message(&mut self) -> Message {
        let [kind] = self.hear().await;
        match kind {
            3 => {
                let [incremental, rect @ ..]: [u8; 9] = self.hear().await;
                let side = |at: usize| u16::from_be_bytes([rect[at], rect[at + 1]]);
                Message::Request {
                    is_incremental: incremental != 0,
                    rect: [side(0), side(2), side(4), side(6)],
                }
            }
            4 => {
                let [down, _, _, keysym @ ..]: [u8; 7] = self.hear().await;
                Message::Key(u32::from_be_bytes(keysym), down != 0)
            }
            5 => {
                let [mask, a, b, c, d]: [u8; 5] = self.hear().await;
                Message::Pointer(mask, u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
            }
            kind => panic!("a message of kind {kind}"),
        }
    }

    /// Returns the next request, whatever comes before.
    pub(super) async fn request(&mut self) -> Message {
        loop {
            match self.message().await {
                request @ Message::Request { .. } => return request,
                Message::Key(..) | Message::Pointer(..) => {}
            }
        }
    }

    /// Sends an update of one rectangle of one colour.
    pub(super) async fn paint(&mut self, rect: [u16; 4], colour: [u8; 3]) {
        self.announce(rect, 0).await;
        let [red, green, blue] = colour;
        let count = usize::from(rect[2]) * usize::from(rect[3]);
        self.say(&[red, green, blue, 0].repeat(count)).await;
    }

    pub(super) async fn resize(&mut self, width: u16, height: u16) {
        self.announce([0, 0, width, height], -223).await;
    }

    /// Begins an update of one rectangle.
    pub(super) async fn announce(&mut self, rect: [u16; 4], encoding: i32) {
        let mut bytes = vec![0, 0, 0, 1];
        bytes.extend(rect.iter().flat_map(|side| side.to_be_bytes()));
        bytes.extend(encoding.to_be_bytes());
        self.say(&bytes).await;
    }

    /// Waits until the client has closed the connection.
    pub(super) async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset is an end as well.
        let _ = self.stream.read_to_end(&mut rest).await;
    }
}

/// The request for a whole screen.
pub(super) fn whole(width: u16, height: u16) -> Message {
    Message::Request {
        is_incremental: false,
        rect: [0, 0, width, height],
    }
}
