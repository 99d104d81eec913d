use std::{io, path::PathBuf};

/// An image file whose digest cannot be taken.
#[derive(Debug, thiserror::Error)]
#[error("cannot take the digest of the image {}", path.display())]
pub struct DigestError {
    /// The image.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}
