//! A TCP connection to the server of a serial line.

use std::{io, time::Duration};

use rustix::net::sockopt;
use tokio::net::{TcpStream, lookup_host};

use crate::board::{BoardFault, FaultKind};

/// The silence after which the system asks the other host whether it is still there. A serial line may be silent for
/// hours, and a host without power says nothing at all.
const KEEPALIVE: Duration = Duration::from_secs(10);

/// The questions without answer after which the connection is lost, one every [`AGAIN`].
const QUESTIONS: u32 = 3;

/// The time between two questions.
const AGAIN: Duration = Duration::from_secs(5);

/// The time after which bytes that the other host does not take are lost with the connection, in ms.
const UNSENT: u32 = 30_000;

/// Returns the name of the line in messages.
pub(super) fn name(address: &str) -> String {
    format!("the serial line at {address}")
}

/// Connects to a host and port. The caller limits the time.
pub(super) async fn connect(address: &str) -> Result<TcpStream, BoardFault> {
    let places = lookup_host(address)
        .await
        .map_err(|error| unknown(address, &error))?;
    let mut last = None;
    for place in places {
        match TcpStream::connect(place).await {
            Ok(stream) => {
                keep_alive(&stream);
                return Ok(stream);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(match last {
        Some(error) => refused(address, &error),
        None => no_address(address, "the host has no address"),
    })
}

/// Makes the loss of the other host known. Without these options the connection works as well, so errors do not matter.
fn keep_alive(stream: &TcpStream) {
    let _ = stream.set_nodelay(true);
    let _ = sockopt::set_socket_keepalive(stream, true);
    let _ = sockopt::set_tcp_keepidle(stream, KEEPALIVE);
    let _ = sockopt::set_tcp_keepintvl(stream, AGAIN);
    let _ = sockopt::set_tcp_keepcnt(stream, QUESTIONS);
    let _ = sockopt::set_tcp_user_timeout(stream, UNSENT);
}

fn unknown(address: &str, error: &io::Error) -> BoardFault {
    if error.kind() == io::ErrorKind::InvalidInput {
        let words = format!("{} is no host and port", name(address));
        return BoardFault::new(FaultKind::Refused, words)
            .advice("write the host and the port, such as `lab:4001`");
    }
    no_address(address, &error.to_string())
}

fn no_address(address: &str, reason: &str) -> BoardFault {
    let words = format!("the host of {} is not known: {reason}", name(address));
    BoardFault::new(FaultKind::Unreachable, words)
        .advice("check the name of the host, or write its IP address")
}

fn refused(address: &str, error: &io::Error) -> BoardFault {
    let name = name(address);
    if error.kind() == io::ErrorKind::ConnectionRefused {
        let words = format!("{name} refused the connection");
        return BoardFault::new(FaultKind::Unreachable, words)
            .advice("start the server of the line (ser2net, the exporter), and check the port");
    }
    BoardFault::new(
        FaultKind::Unreachable,
        format!("{name} cannot be reached: {error}"),
    )
    .advice("check that the host is on and in the network")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::board::line::LineSpec;

    async fn fault(address: &str) -> BoardFault {
        let spec = LineSpec::Tcp {
            address: address.to_owned(),
        };
        spec.open().await.unwrap_err()
    }

    #[tokio::test]
    async fn bytes_pass_both_ways_and_the_end_is_told() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = server.local_addr().unwrap().to_string();
        let spec = LineSpec::Tcp { address };
        let (line, board) = tokio::join!(spec.open(), server.accept());
        let (mut line, (mut board, _)) = (line.unwrap(), board.unwrap());
        board.write_all(b"\xff\x00U-Boot").await.unwrap();
        let mut bytes = [0; 8];
        line.read.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"\xff\x00U-Boot");
        line.write.write_all(b"\x03").await.unwrap();
        assert_eq!(board.read_u8().await.unwrap(), 3);
        drop(board);
        assert_eq!(line.read.read(&mut bytes).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn a_port_without_server_refuses() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap().to_string();
        drop(server);
        let fault = fault(&address).await;
        assert_eq!(fault.kind, FaultKind::Unreachable);
        assert_eq!(
            fault.words,
            format!("the serial line at {address} refused the connection")
        );
        assert!(fault.advice.unwrap().contains("ser2net"));
    }

    #[tokio::test]
    async fn a_host_that_nobody_knows_is_named() {
        // `.invalid` never exists (RFC 2606).
        let fault = fault("board.invalid:4001").await;
        assert_eq!(fault.kind, FaultKind::Unreachable);
        let words = &fault.words;
        assert!(
            words.starts_with("the host of the serial line at board.invalid:4001 is not known: "),
            "{words}"
        );
    }

    #[tokio::test]
    async fn an_address_without_port_is_refused_with_an_example() {
        for address in ["lab", "lab:", "lab:port", ""] {
            let fault = fault(address).await;
            assert_eq!(fault.kind, FaultKind::Refused, "{address}: {fault}");
            assert!(fault.advice.unwrap().contains("lab:4001"));
        }
    }

    #[tokio::test]
    async fn a_host_that_does_not_answer_is_told_at_the_limit() {
        // A full queue of connections: the system answers no further one.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let server = socket.listen(0).unwrap();
        let address = server.local_addr().unwrap().to_string();
        let mut held = Vec::new();
        let spec = LineSpec::Tcp { address };
        let fault = loop {
            match spec.open_within(Duration::from_millis(50)).await {
                Ok(line) => held.push(line),
                Err(fault) => break fault,
            }
            assert!(held.len() < 10, "the queue is never full");
        };
        assert_eq!(fault.kind, FaultKind::TimedOut);
        assert!(
            fault.words.ends_with("did not answer within 0.05 s"),
            "{fault}"
        );
    }
}
