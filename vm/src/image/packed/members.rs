//! Reads files of gzip and bzip2 that have several members.

use std::io::{self, BufRead, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;

use super::Packing;

/// The members of a gzip or bzip2 file, one after the other.
///
/// Anything behind the last member is ignored, as both programs do: padding, and signatures that image builders append.
pub(super) struct Members<R: BufRead> {
    packing: Packing,
    member: Option<Member<Ahead<R>>>,
}

enum Member<R: BufRead> {
    Gzip(GzDecoder<R>),
    Bzip2(BzDecoder<R>),
}

impl<R: BufRead> Members<R> {
    /// Returns a reader for gzip, or for bzip2 if it is not gzip.
    pub(super) fn new(packing: Packing, packed: R) -> Self {
        let ahead = Ahead {
            first: Vec::new(),
            rest: packed,
        };
        Self {
            packing,
            member: Some(Member::new(packing, ahead)),
        }
    }
}

impl<R: BufRead> Member<R> {
    fn new(packing: Packing, packed: R) -> Self {
        match packing {
            Packing::Bzip2 => Self::Bzip2(BzDecoder::new(packed)),
            Packing::Gzip | Packing::Xz | Packing::Zstd => Self::Gzip(GzDecoder::new(packed)),
        }
    }

    fn into_inner(self) -> R {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let length = match member {
                Member::Gzip(decoder) => decoder.read(buffer)?,
                Member::Bzip2(decoder) => decoder.read(buffer)?,
            };
            if length > 0 || buffer.is_empty() {
                return Ok(length);
            }
            let Some(mut packed) = self.member.take().map(Member::into_inner) else {
                break;
            };
            if Packing::of(packed.first_bytes()?) == Some(self.packing) {
                self.member = Some(Member::new(self.packing, packed));
            }
        }
        Ok(0)
    }
}

/// A reader that can show its next bytes.
struct Ahead<R> {
    first: Vec<u8>,
    rest: R,
}

impl<R: BufRead> Ahead<R> {
    /// Returns enough of the next bytes to recognize each kind of file: fewer at the end.
    fn first_bytes(&mut self) -> io::Result<&[u8]> {
        const ENOUGH: u64 = 4;
        let missing = ENOUGH.saturating_sub(self.first.len() as u64);
        self.rest
            .by_ref()
            .take(missing)
            .read_to_end(&mut self.first)?;
        Ok(&self.first)
    }
}

impl<R: BufRead> Read for Ahead<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Ahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.first.is_empty() {
            true => self.rest.fill_buf(),
            false => Ok(&self.first),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self.first.is_empty() {
            true => self.rest.consume(amount),
            false => drop(self.first.drain(..amount)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Write};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn bzip2(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(packing: Packing, packed: &[u8], piece: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let packed = BufReader::with_capacity(piece, packed);
        Members::new(packing, packed).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[test]
    fn all_members_come_out_and_what_follows_them_is_left_out() {
        for packing in [Packing::Gzip, Packing::Bzip2] {
            let pack = match packing {
                Packing::Bzip2 => bzip2,
                Packing::Gzip | Packing::Xz | Packing::Zstd => gzip,
            };
            let two = [pack(b"one "), pack(b""), pack(b"two")].concat();
            for behind in [&b""[..], &[0], &[0; 5000], b"signature", b"\x1f"] {
                for piece in [1, 2, 3, 7, 1 << 16] {
                    let packed = [&two[..], behind].concat();
                    let out = unpacked(packing, &packed, piece).unwrap();
                    assert_eq!(out, b"one two", "{packing:?} {behind:?} {piece}");
                }
            }
            let cut = &two[..two.len() - 5];
            let error = unpacked(packing, cut, 7).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{packing:?}");
        }
        let damaged = [gzip(b"one"), b"\x1f\x8b\x08\xff\xff\xff".to_vec()].concat();
        assert!(unpacked(Packing::Gzip, &damaged, 7).is_err());
    }
}
