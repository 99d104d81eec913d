//! The descriptors that a QEMU process inherits: the one place of this crate that needs `unsafe`.
#![expect(
    unsafe_code,
    reason = "no safe function takes over a descriptor that is known by its number alone"
)]

use std::os::fd::{BorrowedFd, FromRawFd, OwnedFd, RawFd};

/// Takes over the descriptor of this number, or says that it is not open.
pub(crate) fn take(fd: RawFd) -> Result<OwnedFd, String> {
    // SAFETY: the descriptor is only asked for its flags here, which does no harm to whoever else may have it open.
    let borrowed = unsafe { BorrowedFd::borrow_raw(fd) };
    rustix::io::fcntl_getfd(borrowed).map_err(|error| format!("fd={fd}: {error}"))?;
    // SAFETY: it is open, and this process has opened nothing before it read its command line, so nothing else in it
    // owns a descriptor of that number.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
