//! The screen of a QEMU: pictures by `screendump`, and those that QEMU draws itself.

mod drawn_by_qemu;
mod dump;
mod memory_file;

use drawn_by_qemu::drawn_by_qemu;
pub(crate) use dump::ScreenDump;
pub(crate) use memory_file::MemoryFile;

use crate::screen::{LONGEST_HEAD, Ppm};

/// Feeds bytes to the parser of captures, for [`fuzz_targets`](crate::fuzz_targets).
pub(crate) fn read_picture(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(LONGEST_HEAD)];
    let read = Ppm::check_announced(head, bytes.len() as u64).and_then(|()| Ppm::parse(bytes));
    read.map_or_else(
        |error| error.to_string(),
        |picture| picture.rgb.len().to_string(),
    )
}
