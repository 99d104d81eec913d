/// Keys that are pressed in this order, held together, and let go in the opposite order.
pub type Tap = Vec<&'static str>;
