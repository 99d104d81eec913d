//! The screen: captures it, and publishes the frames that differ from the one before.
//!
//! ```text
//! input, change --quickens--> capture task --take--> source: QEMU, a script ...
//!                                  |  <-- picture, or the same as before --'
//!                                  '--only what differs--> watch<ScreenState>
//! ```

mod capture;
mod change;
mod frame;
mod pacing;
mod placeholder;
mod ppm;
mod screen_handle;
mod source;

pub(crate) use capture::{CaptureTask, ScreenNudge};
pub use frame::{Frame, Rect};
pub use placeholder::Placeholder;
pub(crate) use ppm::{LONGEST_HEAD, Ppm, PpmError};
pub use screen_handle::{CaptureError, Screen, ScreenState};
pub(crate) use source::{Picture, PictureSource, Taken};
