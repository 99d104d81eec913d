//! The bytes from the agent, split into lines.

use std::io;

use tokio::net::UnixStream;

use crate::agent::AgentError;

/// The longest answer that is read: two outputs of 16 MiB in base64, the most that an agent keeps, and some more.
const LONGEST: usize = 48 << 20;

/// Bytes from the agent that were not taken yet. Its futures lose nothing when they are dropped.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    bytes: Vec<u8>,
    // The number of bytes that were searched already. An answer of megabytes comes in thousands of pieces.
    searched: usize,
}

/// The error of a line of more than [`LONGEST`] bytes.
#[derive(Debug, thiserror::Error)]
#[error("it has more than {LONGEST} bytes")]
pub(super) struct TooLong;

impl Incoming {
    /// Drops all bytes. Returns whether there were any.
    pub(super) fn clear(&mut self) -> bool {
        let any = !self.bytes.is_empty();
        self.bytes.clear();
        self.searched = 0;
        any
    }

    /// Returns the next line, without its end.
    pub(super) async fn line(
        &mut self,
        stream: &UnixStream,
    ) -> Result<Result<Vec<u8>, TooLong>, AgentError> {
        loop {
            if let Some(place) = self.find(b'\n') {
                let mut line: Vec<u8> = self.bytes.drain(..=place).collect();
                line.pop();
                return Ok(Ok(line));
            }
            if self.bytes.len() > LONGEST {
                self.clear();
                return Ok(Err(TooLong));
            }
            self.read(stream).await?;
        }
    }

    /// Drops everything up to and including the next `mark`.
    pub(super) async fn skip_through(
        &mut self,
        mark: u8,
        stream: &UnixStream,
    ) -> Result<(), AgentError> {
        loop {
            self.searched = 0;
            if let Some(place) = self.find(mark) {
                self.bytes.drain(..=place);
                return Ok(());
            }
            self.clear();
            self.read(stream).await?;
        }
    }

    fn find(&mut self, mark: u8) -> Option<usize> {
        let found = self.bytes[self.searched..]
            .iter()
            .position(|&byte| byte == mark);
        let place = found.map(|place| self.searched + place);
        self.searched = if place.is_some() { 0 } else { self.bytes.len() };
        place
    }

    async fn read(&mut self, stream: &UnixStream) -> Result<(), AgentError> {
        loop {
            stream.readable().await.map_err(|_| AgentError::Gone)?;
            self.bytes.reserve(16 << 10);
            match stream.try_read_buf(&mut self.bytes) {
                Ok(1..) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return Err(AgentError::Gone),
            }
        }
    }
}
