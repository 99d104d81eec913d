//! Opens a connection to a VNC server, and logs in.

use std::{
    future::Future,
    io::{self, Cursor},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use rustix::net::sockopt;
use tokio::{
    io::{AsyncReadExt, join},
    net::TcpStream,
    time::timeout,
};
use vnc::{PixelFormat, VncClient, VncConnector, VncEncoding, VncError, VncEvent};

use super::{
    VncSpec, address,
    fault::{lost, not_understood, of_log_in, quoted, silent, source, unreachable},
};
use crate::board::BoardFault;

/// The longest time of the way from an address to a client that is logged in.
const LIMIT: Duration = Duration::from_secs(5);

/// The first bytes of every VNC server.
const GREETING: &[u8] = b"RFB ";

/// A connection that is logged in.
pub(super) struct Opened {
    pub(super) client: VncClient,
    /// The width and the height of the screen in pixels.
    pub(super) screen: (u16, u16),
}

/// Opens a connection. The client has then asked for its first whole screen.
pub(super) async fn open(spec: &VncSpec) -> Result<Opened, BoardFault> {
    let source = source(&spec.address);
    let (host, port) = address::parse(&spec.address)?;
    timeout(LIMIT, log_in(spec, &source, host, port))
        .await
        .unwrap_or_else(|_| Err(silent(&source, LIMIT.as_secs())))
}

async fn log_in(spec: &VncSpec, source: &str, host: &str, port: u16) -> Result<Opened, BoardFault> {
    let mut stream = TcpStream::connect((host, port))
        .await
        .map_err(|error| unreachable(source, &error))?;
    tune(&stream).map_err(|error| unreachable(source, &error))?;
    let is_near = stream.peer_addr().is_ok_and(|peer| peer.ip().is_loopback());
    let greeting = greeting(&mut stream, source).await?;
    let (reader, writer) = stream.into_split();
    let was_asked = Arc::new(AtomicBool::new(false));
    let mut connector = VncConnector::new(join(Cursor::new(greeting).chain(reader), writer))
        .set_pixel_format(PixelFormat::rgba());
    if let Some(password) = &spec.password {
        connector = connector.set_auth_method(Password {
            password: password.clone(),
            was_asked: Arc::clone(&was_asked),
        });
    }
    if !is_near {
        connector = connector.add_encoding(VncEncoding::Zrle);
    }
    let connector = connector
        .add_encoding(VncEncoding::Raw)
        .add_encoding(VncEncoding::DesktopSizePseudo);
    let understood = |error| of_log_in(source, error, was_asked.load(Ordering::Relaxed));
    let state = connector.build().map_err(understood)?;
    let client = state
        .try_start()
        .await
        .and_then(|state| state.finish())
        .map_err(understood)?;
    match client.recv_event().await {
        Ok(VncEvent::SetResolution(screen)) => Ok(Opened {
            client,
            screen: (screen.width, screen.height),
        }),
        Ok(_) => Err(not_understood(
            source,
            "did not tell the size of its screen",
        )),
        Err(_) => Err(lost(source, "it was closed")),
    }
}

/// Reads what every VNC server says first. The crate would take any 12 bytes for an old version of VNC.
async fn greeting(stream: &mut TcpStream, source: &str) -> Result<[u8; 12], BoardFault> {
    let mut greeting = [0; 12];
    let mut length = 0;
    while length < greeting.len() {
        match stream.read(&mut greeting[length..]).await {
            Ok(0) if length == 0 => {
                return Err(lost(
                    source,
                    "it was closed before the server said anything",
                ));
            }
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) => return Err(unreachable(source, &error)),
        }
        if !greeting.starts_with(&GREETING[..length.min(GREETING.len())]) {
            break;
        }
    }
    if length == greeting.len() && greeting.starts_with(GREETING) {
        return Ok(greeting);
    }
    let said = quoted(&String::from_utf8_lossy(&greeting[..length]));
    Err(
        not_understood(source, &format!("speaks no VNC: it begins with {said}"))
            .advice("check the port"),
    )
}

/// Lets the system notice within some 20 seconds that the other host is gone.
fn tune(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, Duration::from_secs(5))?;
    sockopt::set_tcp_keepintvl(stream, Duration::from_secs(5))?;
    sockopt::set_tcp_keepcnt(stream, 3)?;
    Ok(())
}

/// Gives the password when the server asks for it, and remembers that it did: the crate reports a wrong password with
/// the server's own words, like any other refusal.
struct Password {
    password: String,
    was_asked: Arc<AtomicBool>,
}

impl Future for Password {
    type Output = Result<String, VncError>;

    fn poll(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Self::Output> {
        self.was_asked.store(true, Ordering::Relaxed);
        Poll::Ready(Ok(self.password.clone()))
    }
}
