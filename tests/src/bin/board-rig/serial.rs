//! The serial line of the rig: a TCP port that stays while QEMU comes and goes.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    time::sleep,
};

use crate::faults::Faults;

/// The time between two looks for the line of a QEMU that was just started. A socket that appears tells nobody.
const LOOK: Duration = Duration::from_millis(5);

/// Serves one client after the other, as a serial server does.
pub(crate) async fn serve(listener: TcpListener, qemu: PathBuf, faults: Arc<Faults>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::select! {
            // A client that goes away is the end of its time, not of the line.
            _ = carry(client, &qemu, &faults) => {}
            () = faults.dropped() => {}
        }
    }
}

/// Carries bytes between a client and each QEMU that comes.
async fn carry(mut client: TcpStream, qemu: &PathBuf, faults: &Faults) -> io::Result<()> {
    let mut count = 0;
    let mut from_client = [0; 4096];
    loop {
        let mut board = loop {
            tokio::select! {
                connected = UnixStream::connect(qemu) => match connected {
                    Ok(board) => break board,
                    Err(_) => sleep(LOOK).await,
                },
                // Nobody listens while the board is off.
                read = client.read(&mut from_client) => if read? == 0 { return Ok(()) },
            }
        };
        let mut from_board = [0; 4096];
        loop {
            tokio::select! {
                read = board.read(&mut from_board) => match read {
                    Ok(length @ 1..) => {
                        let kept = faults.kept(&from_board[..length], &mut count);
                        client.write_all(&kept).await?;
                    }
                    // The power went.
                    Ok(0) | Err(_) => break,
                },
                read = client.read(&mut from_client) => match read? {
                    0 => return Ok(()),
                    length => if board.write_all(&from_client[..length]).await.is_err() { break },
                },
            }
        }
    }
}
