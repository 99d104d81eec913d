/// A firmware descriptor: the part of it that decides whether it fits a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {}

/// Text that is no firmware descriptor.
#[derive(Debug, thiserror::Error)]
#[error("not a firmware descriptor")]
pub struct DescriptorError {
    /// What is wrong.
    pub source: serde_json::Error,
}
