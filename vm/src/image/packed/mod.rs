//! Packed images: recognizes the program that packed them, and unpacks the disk.

mod kept;
mod members;
mod unpack;
mod zstd_frames;

use std::io::{BufRead, Read};

pub use unpack::{UnpackError, UnpackLimits, Unpacking};

use members::Members;
use zstd_frames::ZstdFrames;

/// The memory that an xz file may use: twice what `xz -9` needs.
const MOST_XZ_KIB: u32 = 256 << 10;

/// The program that packed a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// xz.
    Xz,
    /// zstd.
    Zstd,
    /// bzip2.
    Bzip2,
}

impl Packing {
    const MARKS: [(&'static [u8], Self); 4] = [
        (b"\x1f\x8b\x08", Self::Gzip),
        (b"\xfd7zXZ\0", Self::Xz),
        (b"\x28\xb5\x2f\xfd", Self::Zstd),
        (b"BZh", Self::Bzip2),
    ];

    /// Recognizes a packed file by its first bytes. Returns none if it is not packed.
    #[must_use]
    pub fn of(head: &[u8]) -> Option<Self> {
        let mut marks = Self::MARKS.iter();
        let found = marks.find(|(mark, _)| head.starts_with(mark));
        found.map(|(_, packing)| *packing)
    }

    /// Returns the name of the program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
        }
    }

    /// Returns the usual ending of the names of such files.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => "gz",
            Self::Xz => "xz",
            Self::Zstd => "zst",
            Self::Bzip2 => "bz2",
        }
    }

    /// Returns the command that unpacks such a file.
    pub(super) fn how_to_unpack(self) -> String {
        format!("`{} -dk FILE`", self.program())
    }

    /// Returns a reader of the content: all members, streams or frames, one after the other.
    fn reader<'r>(self, packed: impl BufRead + 'r) -> Box<dyn Read + 'r> {
        match self {
            Self::Gzip | Self::Bzip2 => Box::new(Members::new(self, packed)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(
                packed,
                true,
                MOST_XZ_KIB,
            )),
            Self::Zstd => Box::new(ZstdFrames::new(packed)),
        }
    }
}
