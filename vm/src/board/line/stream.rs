//! An open serial line, whatever its source is.

use std::fmt;

use tokio::io::{AsyncRead, AsyncWrite};

/// An open serial line.
pub(crate) struct LineStream {
    /// The bytes from the board. Its end, or an error, is the end of the line. An error may be a
    /// [`BoardFault`](crate::board::BoardFault).
    pub(crate) read: Box<dyn AsyncRead + Send + Unpin>,
    /// The bytes to the board.
    pub(crate) write: Box<dyn AsyncWrite + Send + Unpin>,
}

impl LineStream {
    /// Returns a line of these two halves.
    pub(super) fn new(
        read: impl AsyncRead + Send + Unpin + 'static,
        write: impl AsyncWrite + Send + Unpin + 'static,
    ) -> Self {
        Self {
            read: Box::new(read),
            write: Box::new(write),
        }
    }
}

impl fmt::Debug for LineStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineStream").finish_non_exhaustive()
    }
}
