use serde_json::Value;

/// An event as it came: names and values this crate does not know included.
#[derive(Debug, Clone, PartialEq)]
pub struct RawEvent {
    /// Its name, such as `RESET`.
    pub name: String,
    /// Its data; null when it has none.
    pub data: Value,
}
