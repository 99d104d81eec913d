//! The speed of typing.

use std::time::Duration;

/// The speed of typing: the least time from one key to the next. None means as fast as the guest takes them. At any
/// speed, a key is pressed and released in one command. Otherwise the guest could take it for a key that is held, and
/// repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace(pub Option<Duration>);
