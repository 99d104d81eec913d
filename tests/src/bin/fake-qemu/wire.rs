//! One end of a socket that `qa` has the other end of.

use std::{
    io::{ErrorKind, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd, RawFd},
        unix::net::UnixStream,
    },
};

use crate::inherited;

#[derive(Debug)]
pub(crate) struct Wire {
    stream: UnixStream,
    begun: Vec<u8>,
    closed: bool,
}

impl Wire {
    /// Takes over an inherited socket.
    pub(crate) fn take(fd: RawFd) -> Result<Self, String> {
        let stream = UnixStream::from(inherited::take(fd)?);
        // The other process may have made both ends non-blocking.
        stream
            .set_nonblocking(false)
            .map_err(|error| format!("fd={fd}: {error}"))?;
        Ok(Self {
            stream,
            begun: Vec::new(),
            closed: false,
        })
    }

    /// The descriptor to wait on; none when nothing comes any more.
    pub(crate) fn open(&self) -> Option<BorrowedFd<'_>> {
        (!self.closed).then(|| self.stream.as_fd())
    }

    /// Sends bytes. A reader that has gone hears nothing, as with QEMU.
    pub(crate) fn say(&mut self, bytes: &[u8]) {
        if self.stream.write_all(bytes).is_err() {
            self.closed = true;
        }
    }

    /// What has come in, once.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let mut buffer = [0; 8192];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.closed = true,
            Ok(length) => return buffer[..length].to_vec(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => self.closed = true,
        }
        Vec::new()
    }

    /// The whole lines that have come in.
    pub(crate) fn lines(&mut self) -> Vec<Vec<u8>> {
        let bytes = self.bytes();
        self.begun.extend_from_slice(&bytes);
        let mut lines = Vec::new();
        while let Some(end) = self.begun.iter().position(|&byte| byte == b'\n') {
            let rest = self.begun.split_off(end + 1);
            let mut line = std::mem::replace(&mut self.begun, rest);
            line.pop();
            lines.push(line);
        }
        lines
    }
}
