//! One end of a socket that `qa` has the other end of.

use std::{
    collections::VecDeque,
    io::{IoSliceMut, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd, RawFd},
        unix::net::UnixStream,
    },
};

use rustix::{
    io::Errno,
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
};

use crate::inherited;

#[derive(Debug)]
pub(crate) struct Wire {
    stream: UnixStream,
    begun: Vec<u8>,
    passed: VecDeque<OwnedFd>,
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
            passed: VecDeque::new(),
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

    /// Closes it: the other end hears that nothing comes any more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
        // It may be closed already.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }

    /// What has come in, once. Descriptors that came with it are kept.
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let mut buffer = [0; 8192];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(4))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(
            &self.stream,
            &mut [IoSliceMut::new(&mut buffer)],
            &mut ancillary,
            RecvFlags::CMSG_CLOEXEC,
        );
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(passed) = message {
                self.passed.extend(passed);
            }
        }
        match received.map(|received| received.bytes) {
            Ok(0) => self.closed = true,
            Ok(length) => return buffer[..length].to_vec(),
            Err(Errno::INTR) => {}
            Err(_) => self.closed = true,
        }
        Vec::new()
    }

    /// The descriptor that was passed first and not taken yet.
    pub(crate) fn passed(&mut self) -> Option<OwnedFd> {
        self.passed.pop_front()
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
