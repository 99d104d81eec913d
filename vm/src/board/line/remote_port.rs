//! The stream of a serial port behind RFC 2217.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{
    negotiation::{Agreement, Negotiation},
    stream::LineStream,
    tcp,
};
use crate::board::{BoardFault, FaultKind};

/// The bytes that are read or sent at once.
const CHUNK: usize = 16 << 10;

/// Connects to a port and sets it up. The caller limits the time.
pub(super) async fn open(address: &str, speed: u32) -> Result<LineStream, BoardFault> {
    let socket = tcp::connect(address).await?;
    let mut unsent = Vec::new();
    let negotiation = Negotiation::start(speed, &mut unsent);
    let port = Arc::new(Port {
        socket,
        state: Mutex::new(State {
            negotiation,
            data: Vec::new(),
            read: 0,
            unsent,
        }),
    });
    agree(&port, address, speed).await?;
    Ok(LineStream::new(Reader(port.clone()), Writer(port)))
}

/// Waits until the port has its speed. Keeps the bytes that come meanwhile.
async fn agree(port: &Port, address: &str, speed: u32) -> Result<(), BoardFault> {
    let name = tcp::name(address);
    loop {
        port.send_all().await.map_err(|_| closed(&name))?;
        let (agreement, is_noisy) = {
            let state = port.lock();
            (state.negotiation.agreement(), state.data.len() > CHUNK)
        };
        match agreement {
            Agreement::Speed(set) if is_near(set, speed) => return Ok(()),
            Agreement::Speed(set) => {
                let words = format!("{name} was set to {set} baud instead of {speed}");
                return Err(BoardFault::new(FaultKind::Refused, words).advice(
                    "use a serial adapter that can do this speed, or change the speed of the line",
                ));
            }
            Agreement::Refused => {
                let words = format!("{name} does not take a speed (RFC 2217)");
                return Err(BoardFault::new(FaultKind::Refused, words).advice(
                    "set the speed where the line is served (`rfc2217` or `remctl` of ser2net allows it from here), or \
                    configure the line as `tcp`",
                ));
            }
            // A port that sends so much and no answer is no telnet.
            Agreement::Open if is_noisy => {
                let words =
                    format!("{name} does not answer to the request for its settings (RFC 2217)");
                return Err(BoardFault::new(FaultKind::NotUnderstood, words).advice(
                    "configure the line as `tcp`: the port has the bytes of the line alone",
                ));
            }
            Agreement::Open | Agreement::Accepted => {}
        }
        port.socket.readable().await.map_err(|_| closed(&name))?;
        match port.receive() {
            Ok(1..) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Ok(0) | Err(_) => return Err(closed(&name)),
        }
    }
}

fn closed(name: &str) -> BoardFault {
    let words = format!("{name} closed the connection before it was set up");
    BoardFault::new(FaultKind::Unreachable, words)
        .advice("another program may have the line: most servers allow one connection at a time")
}

/// Returns true if a UART at this speed understands one at the other: they may differ by 2 %.
fn is_near(set: u32, speed: u32) -> bool {
    u64::from(set.abs_diff(speed)) * 50 <= u64::from(speed)
}

/// A connection, shared by its two halves.
struct Port {
    socket: TcpStream,
    state: Mutex<State>,
}

struct State {
    negotiation: Negotiation,
    /// The bytes of the line, of which `read` were given to the reader.
    data: Vec<u8>,
    read: usize,
    /// The bytes that the socket has not taken. Answers and data are here in their order, so none is cut in two.
    unsent: Vec<u8>,
}

impl Port {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads once. Returns the number of bytes read; 0 is the end.
    fn receive(&self) -> io::Result<usize> {
        let mut bytes = [0; CHUNK];
        let length = self.socket.try_read(&mut bytes)?;
        let State {
            negotiation,
            data,
            unsent,
            ..
        } = &mut *self.lock();
        negotiation.take(&bytes[..length], data, unsent);
        Ok(length)
    }

    /// Sends what the socket takes now. Returns true if nothing is left.
    fn send_some(&self) -> io::Result<bool> {
        let mut state = self.lock();
        while !state.unsent.is_empty() {
            match self.socket.try_write(&state.unsent) {
                Ok(length) => drop(state.unsent.drain(..length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    async fn send_all(&self) -> io::Result<()> {
        while !self.send_some()? {
            self.socket.writable().await?;
        }
        Ok(())
    }

    fn poll_send(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.send_some()? {
            ready!(self.socket.poll_write_ready(context))?;
        }
        Poll::Ready(Ok(()))
    }
}

struct Reader(Arc<Port>);

impl AsyncRead for Reader {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            {
                let mut state = self.0.lock();
                let left = &state.data[state.read..];
                if !left.is_empty() {
                    let length = left.len().min(buffer.remaining());
                    buffer.put_slice(&left[..length]);
                    state.read += length;
                    return Poll::Ready(Ok(()));
                }
                state.data.clear();
                state.read = 0;
            }
            ready!(self.0.socket.poll_read_ready(context))?;
            match self.0.receive() {
                Ok(0) => return Poll::Ready(Ok(())),
                // An answer that the socket does not take now is sent with the next bytes.
                Ok(_) => drop(self.0.send_some()?),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

struct Writer(Arc<Port>);

impl AsyncWrite for Writer {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.0.poll_send(context))?;
        let length = bytes.len().min(CHUNK);
        {
            let State {
                negotiation,
                unsent,
                ..
            } = &mut *self.0.lock();
            negotiation.send(&bytes[..length], unsent);
        }
        self.0.send_some()?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_send(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_send(context)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::board::line::LineSpec;

    const HELLO: usize = 15;
    const SETTINGS: usize = 38;

    /// Opens a line against a server that gets the requests and then does what it is told.
    async fn opened<F: Future<Output = TcpStream>>(
        speed: u32,
        limit: Duration,
        serve: impl FnOnce(TcpStream) -> F,
    ) -> (Result<LineStream, BoardFault>, TcpStream) {
        let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let spec = LineSpec::Rfc2217 { address, speed };
        tokio::join!(spec.open_within(limit), async {
            let (mut socket, _) = server.accept().await.unwrap();
            socket.read_exact(&mut [0; HELLO]).await.unwrap();
            serve(socket).await
        })
    }

    /// A server that accepts, and says that its port has this speed.
    async fn accept(mut socket: TcpStream, speed: u32) -> TcpStream {
        socket
            .write_all(b"\xff\xfd\x2c\xff\xfd\x00\xff\xfb\x00\xff\xfb\x01early ")
            .await
            .unwrap();
        // The settings, and the refusal of ECHO.
        socket.read_exact(&mut [0; SETTINGS + 3]).await.unwrap();
        let mut answer = b"\xff\xfa\x2c\x65".to_vec();
        super::super::telnet::escape(&speed.to_be_bytes(), false, &mut answer);
        answer.extend(b"\xff\xf0late");
        socket.write_all(&answer).await.unwrap();
        socket
    }

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn a_port_is_set_up_and_every_byte_passes_both_ways() {
        let (line, mut server) = opened(1_500_000, LONG, |socket| accept(socket, 1_500_000)).await;
        let mut line = line.unwrap();
        let mut bytes = [0; 10];
        line.read.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"early late");
        server.write_all(b"\xff\xff\r\x00\xff").await.unwrap();
        server.write_all(b"\xffz").await.unwrap();
        line.read.read_exact(&mut bytes[..5]).await.unwrap();
        assert_eq!(&bytes[..5], b"\xff\r\x00\xffz");
        line.write.write_all(b"\xff\r\x03").await.unwrap();
        line.write.flush().await.unwrap();
        server.read_exact(&mut bytes[..4]).await.unwrap();
        assert_eq!(&bytes[..4], b"\xff\xff\r\x03");
        drop(server);
        assert_eq!(line.read.read(&mut bytes).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_port_with_another_speed_is_refused() {
        let (line, _) = opened(1_500_000, LONG, |socket| accept(socket, 9600)).await;
        let fault = line.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(
            fault
                .words
                .ends_with("was set to 9600 baud instead of 1500000"),
            "{fault}"
        );
        // A divisor rarely gives the exact number.
        assert!(is_near(115_384, 115_200) && !is_near(0, 115_200));
    }

    #[tokio::test]
    async fn a_server_without_settings_is_refused() {
        let (line, _) = opened(115_200, LONG, |mut socket| async {
            socket.write_all(b"\xff\xfe\x2c").await.unwrap();
            socket
        })
        .await;
        let fault = line.unwrap_err();
        assert!(
            fault.words.ends_with("does not take a speed (RFC 2217)"),
            "{fault}"
        );
        assert!(fault.advice.unwrap().contains("`tcp`"));
    }

    #[tokio::test]
    async fn a_raw_port_is_recognized_by_its_noise() {
        let (line, _) = opened(115_200, LONG, |mut socket| async {
            socket.write_all(&[b'x'; CHUNK + 1]).await.unwrap();
            socket
        })
        .await;
        assert_eq!(line.unwrap_err().kind, FaultKind::NotUnderstood);
    }

    #[tokio::test]
    async fn a_silent_port_is_told_at_the_limit() {
        let limit = Duration::from_millis(30);
        let (line, _) = opened(115_200, limit, |socket| async { socket }).await;
        let fault = line.unwrap_err();
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(fault.words.contains("(RFC 2217) within 0.03 s"), "{fault}");
    }

    #[tokio::test]
    async fn a_port_that_another_program_has_is_told() {
        let (line, _) = opened(115_200, LONG, |mut socket| async {
            socket.write_all(b"Port already in use\r\n").await.unwrap();
            socket.shutdown().await.unwrap();
            socket
        })
        .await;
        let fault = line.unwrap_err();
        assert!(
            fault
                .words
                .ends_with("closed the connection before it was set up"),
            "{fault}"
        );
    }

    #[tokio::test]
    async fn a_reader_that_waits_holds_the_server_back() {
        let (line, server) = opened(115_200, LONG, |socket| accept(socket, 115_200)).await;
        let mut line = line.unwrap();
        line.read.read_exact(&mut [0; 10]).await.unwrap();
        // As much as the buffers of the system take; nothing reads.
        let mut sent = 0;
        while let Ok(Ok(())) =
            tokio::time::timeout(Duration::from_millis(20), server.writable()).await
        {
            if let Ok(length) = server.try_write(&[b'y'; CHUNK]) {
                sent += length;
            }
        }
        drop(server);
        let mut got = Vec::new();
        line.read.read_to_end(&mut got).await.unwrap();
        assert_eq!(got.len(), sent);
    }
}
