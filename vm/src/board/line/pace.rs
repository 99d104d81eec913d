//! The pace of writing to a slow serial line.

use std::time::Duration;

use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    time::sleep,
};

/// The pace of sending bytes. Boards without flow control lose bytes that come too quickly: their first-in-first-out
/// buffers have 16 to 64 bytes, and firmware reads them slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// The bytes that are sent at once, from 1.
    pub chunk: usize,
    /// The time after each of them.
    pub pause: Duration,
}

/// The most bytes at once. Bytes that are on their way when a line is lost are lost with it.
const MOST: usize = 4096;

impl Pace {
    /// Without pauses.
    pub const UNLIMITED: Self = Self {
        chunk: MOST,
        pause: Duration::ZERO,
    };

    /// For boards: 16 bytes, which is the smallest usual buffer of a serial port, then 4 ms. That are 4000 bytes in a
    /// second, a third of what a line with 115,200 baud carries.
    pub const BOARD: Self = Self {
        chunk: 16,
        pause: Duration::from_millis(4),
    };

    /// Returns the number of bytes that are sent at once.
    pub(super) fn at_once(self) -> usize {
        self.chunk.clamp(1, MOST)
    }

    /// Sends all bytes at this pace. Bytes are removed from `bytes` before they are sent: those that are left when the
    /// future is dropped or fails were not sent.
    pub(super) async fn send(
        self,
        bytes: &mut Vec<u8>,
        line: &mut (impl AsyncWrite + Unpin),
    ) -> std::io::Result<()> {
        while !bytes.is_empty() {
            let rest = bytes.split_off(self.at_once().min(bytes.len()));
            let chunk = std::mem::replace(bytes, rest);
            line.write_all(&chunk).await?;
            line.flush().await?;
            if !self.pause.is_zero() {
                sleep(self.pause).await;
            }
        }
        Ok(())
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::BOARD
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncReadExt, time::Instant};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn each_chunk_is_followed_by_its_pause() {
        let pace = Pace {
            chunk: 4,
            pause: Duration::from_millis(20),
        };
        let (mut ours, mut board) = tokio::io::duplex(64);
        let begun = Instant::now();
        let reading = async {
            let mut seen = Vec::new();
            let mut bytes = [0; 64];
            while seen.len() < 4 {
                let length = board.read(&mut bytes).await.unwrap();
                let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
                seen.push((text, begun.elapsed().as_millis()));
            }
            seen
        };
        let mut bytes = b"run bootcmd_mmc".to_vec();
        let (sent, seen) = tokio::join!(pace.send(&mut bytes, &mut ours), reading);
        sent.unwrap();
        let expected = [("run ", 0), ("boot", 20), ("cmd_", 40), ("mmc", 60)];
        let expected = expected.map(|(text, time)| (text.to_owned(), time));
        // The clock of tokio counts whole milliseconds.
        for ((text, time), (expected, at)) in seen.iter().zip(&expected) {
            assert_eq!(text, expected);
            assert!((*at..at + 5).contains(time), "{text} after {time} ms");
        }
        assert!(bytes.is_empty());
    }

    #[tokio::test]
    async fn a_pace_of_zero_bytes_still_ends() {
        let pace = Pace {
            chunk: 0,
            pause: Duration::ZERO,
        };
        let mut sent = Vec::new();
        pace.send(&mut b"abc".to_vec(), &mut sent).await.unwrap();
        assert_eq!(sent, b"abc");
    }
}
