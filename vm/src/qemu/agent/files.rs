//! Reads and writes files of the guest by the agent.

use qapi::qga;

use super::client::{ANSWER, GuestAgent};
use crate::agent::AgentError;

/// The bytes of a file in one command. Their JSON is held in memory three times.
const CHUNK: usize = 256 << 10;

impl GuestAgent {
    /// Reads a file of the guest, up to `limit` bytes.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub(crate) async fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>, AgentError> {
        let handle = self.open(path, "r").await?;
        let content = self.read_open(handle, limit).await;
        let closed = self.call(qga::guest_file_close { handle }, ANSWER).await;
        let content = content?;
        closed.map(|_| content)
    }

    async fn read_open(&self, handle: i64, limit: usize) -> Result<Vec<u8>, AgentError> {
        let mut content = Vec::new();
        while content.len() < limit {
            let count = CHUNK.min(limit - content.len());
            let read = qga::guest_file_read {
                handle,
                count: i64::try_from(count).ok(),
            };
            let piece = self.call(read, ANSWER).await?;
            content.extend_from_slice(&piece.buf_b64);
            if piece.eof || piece.buf_b64.is_empty() {
                break;
            }
        }
        content.truncate(limit);
        Ok(content)
    }

    /// Writes a file of the guest, and replaces its content.
    ///
    /// # Errors
    /// See [`AgentError`].
    pub(crate) async fn write_file(&self, path: &str, content: &[u8]) -> Result<(), AgentError> {
        let handle = self.open(path, "w").await?;
        let written = self.write_open(handle, content).await;
        // Closing writes the rest to the file.
        let closed = self.call(qga::guest_file_close { handle }, ANSWER).await;
        written.and(closed.map(drop))
    }

    async fn write_open(&self, handle: i64, content: &[u8]) -> Result<(), AgentError> {
        let mut rest = content;
        while !rest.is_empty() {
            let piece = &rest[..rest.len().min(CHUNK)];
            let write = qga::guest_file_write {
                handle,
                buf_b64: piece.to_owned(),
                count: None,
            };
            let count = self.call(write, ANSWER).await?.count;
            // It may take less than offered, like any write.
            let taken = usize::try_from(count)
                .ok()
                .filter(|taken| (1..=piece.len()).contains(taken));
            let Some(taken) = taken else {
                return Err(AgentError::UnexpectedAnswer {
                    command: "guest-file-write".to_owned(),
                    reason: format!("it wrote {count} of {} bytes", piece.len()),
                });
            };
            rest = &rest[taken..];
        }
        Ok(())
    }

    async fn open(&self, path: &str, mode: &str) -> Result<i64, AgentError> {
        let open = qga::guest_file_open {
            path: path.to_owned(),
            mode: Some(mode.to_owned()),
        };
        self.call(open, ANSWER).await
    }
}
