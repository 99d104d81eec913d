//! The screen: captures, and the frames that differ from the one before.
//!
//! ```text
//! input, change --quickens--> capture task --screendump--> QEMU --PPM--> memory file
//!                                  |  <------------- read, compare ----------'
//!                                  '--only what differs--> watch<ScreenState>
//! ```

mod capture;
mod change;
mod frame;
mod memory_file;
mod pacing;
mod placeholder;
mod ppm;
mod screen_handle;

pub(crate) use capture::{CaptureTask, ScreenNudge};
pub use frame::{Frame, Rect};
pub(crate) use memory_file::MemoryFile;
pub use placeholder::Placeholder;
pub use screen_handle::{CaptureError, Screen, ScreenState};

/// Gives bytes to the reader of captures, for [`fuzz_targets`](crate::fuzz_targets).
pub(crate) fn read_picture(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(ppm::LONGEST_HEAD)];
    let read =
        ppm::Ppm::check_announced(head, bytes.len() as u64).and_then(|()| ppm::Ppm::parse(bytes));
    read.map_or_else(
        |error| error.to_string(),
        |picture| picture.rgb.len().to_string(),
    )
}
