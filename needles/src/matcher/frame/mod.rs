//! A frame prepared for comparison: gray or colour levels, blurred, with the features of its blocks.

mod channel;
mod difference;
mod plane;
mod planes;
mod prepared_frame;
mod recycled;
mod strip;

pub(super) use channel::Channel;
pub(super) use plane::Plane;
pub(super) use planes::Planes;
pub use prepared_frame::PreparedFrame;
pub(super) use strip::Strip;
