//! The screen: captures, and the frames that differ from the one before.

mod capture;
mod frame;

pub use capture::{CaptureError, Screen, ScreenState};
pub use frame::{Frame, Rect};
