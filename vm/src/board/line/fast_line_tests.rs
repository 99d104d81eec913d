//! Lines that are silent, noisy or fast.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{LineSpec, Pace, ReopeningLine};
use crate::{board::gap::Gap, serial::Serial};

/// A counter as bytes, that no period of a buffer hides.
fn pattern(from: usize, bytes: &mut [u8]) {
    for (index, word) in bytes.chunks_mut(8).enumerate() {
        let number = (from / 8 + index) as u64;
        word.copy_from_slice(
            &number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()[..word.len()],
        );
    }
}

async fn opened(server: &TcpListener) -> (super::stream::LineStream, tokio::net::TcpStream) {
    let line = ReopeningLine {
        spec: LineSpec::Tcp {
            address: server.local_addr().unwrap().to_string(),
        },
        give_up: Duration::from_secs(60),
        pace: Pace::BOARD,
    };
    let gap = Gap::of_line();
    let (line, board) = tokio::join!(line.open(&gap), server.accept());
    (line.unwrap().0, board.unwrap().0)
}

#[tokio::test]
async fn a_hundred_megabytes_arrive_whole() {
    const CHUNK: usize = 64 << 10;
    const CHUNKS: usize = 1600;
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (mut line, mut board) = opened(&server).await;
    let sending = async {
        let mut bytes = vec![0; CHUNK];
        for number in 0..CHUNKS {
            pattern(number * CHUNK, &mut bytes);
            board.write_all(&bytes).await.unwrap();
        }
    };
    let reading = async {
        let (mut bytes, mut expected) = (vec![0; CHUNK], vec![0; CHUNK]);
        for number in 0..CHUNKS {
            line.read.read_exact(&mut bytes).await.unwrap();
            pattern(number * CHUNK, &mut expected);
            assert!(bytes == expected, "chunk {number}");
        }
    };
    tokio::join!(sending, reading);
}

#[tokio::test]
async fn a_board_that_nobody_reads_is_held_back() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (_line, board) = opened(&server).await;
    let bytes = vec![b'x'; 64 << 10];
    let mut sent = 0;
    while let Ok(Ok(())) = tokio::time::timeout(Duration::from_millis(50), board.writable()).await {
        if let Ok(length) = board.try_write(&bytes) {
            sent += length;
        }
    }
    // Nearly all of it is in the system's buffers for the two sockets.
    assert!(sent < 32 << 20, "{sent}");
}

#[tokio::test]
async fn garbage_and_silence_are_no_fault() {
    let server = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (line, mut board) = opened(&server).await;
    let folder = tempfile::tempdir().unwrap();
    let serial = Serial::start(line.read, line.write, &folder.path().join("serial0.log")).unwrap();
    // It has sent nothing.
    serial.is_read().await;
    assert_eq!(serial.position(), 0);
    let mut garbage = vec![0; 256 << 10];
    pattern(0, &mut garbage);
    board.write_all(&garbage).await.unwrap();
    board
        .write_all(b"\x18\x1b[2J\r\nU-Boot SPL 2025.01\r\n")
        .await
        .unwrap();
    let mut length = serial.watch();
    while !serial.tail(1).contains("U-Boot SPL 2025.01") {
        length.changed().await.unwrap();
    }
    serial.write(b"\r").await.unwrap();
    assert_eq!(board.read_u8().await.unwrap(), b'\r');
}
