//! Keys that are pressed together.

/// Keys that are pressed in this order, held together, and released in the opposite order.
pub type Tap = Vec<&'static str>;
