//! An event of QEMU, before its translation.

use serde_json::Value;

/// An event of QEMU. It may have names and values that this crate does not know.
#[derive(Debug, Clone, PartialEq)]
pub struct RawEvent {
    /// The name, such as `RESET`.
    pub name: String,
    /// The data. Null if it has none.
    pub data: Value,
}
