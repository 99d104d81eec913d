//! The digest of an image file, or of a recipe.

use std::io;

use sha2::{Digest as _, Sha256};

use crate::hex_sum::{HexSum, SumOf};

/// A SHA-256: of an image file, or of all inputs of a recipe.
pub type Digest = HexSum<OfImage, 32>;

/// The subject of a [`Digest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfImage {}

impl SumOf for OfImage {
    const NAME: &'static str = "a digest";
}

impl Digest {
    /// Returns the digest of some bytes.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self::from_bytes(Sha256::digest(bytes).into())
    }

    /// Returns the digest of all bytes of `source`. Takes about a second per gigabyte.
    ///
    /// # Errors
    /// When reading `source` fails.
    pub fn of_reader(source: &mut impl io::Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 20];
        loop {
            match source.read(&mut buffer) {
                Ok(0) => return Ok(Self::from_hasher(hasher)),
                Ok(length) => hasher.update(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn from_hasher(hasher: Sha256) -> Self {
        Self::from_bytes(hasher.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_given_bytes_never_changes() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let digest = Digest::of_bytes(b"");
        assert_eq!(digest.to_string(), empty);
        assert_eq!(digest.short(), "e3b0c44298fc");
        assert_eq!(Digest::of_reader(&mut &b""[..]).unwrap(), digest);
    }
}
