//! Cuts a stream of `multipart/x-mixed-replace` into its parts.
//!
//! ```text
//! --boundary
//! Content-Type: image/jpeg
//! Content-Length: 1234        may be missing
//!
//! the picture
//! --boundary
//! ```

use std::time::Instant;

use crate::board::picture::MOST_BYTES;

/// The most bytes between two parts, and of the head of a part.
const MOST_HEAD: usize = 16 << 10;

/// A part of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// The time at which its first byte arrived.
    pub(super) began: Instant,
    /// The names are in lower case.
    pub(super) headers: Vec<(String, String)>,
    /// The picture.
    pub(super) bytes: Vec<u8>,
}

/// The reason why bytes are no such stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PartsError {
    #[error("there are more than {MOST_HEAD} bytes without a picture between two pictures")]
    NoBoundary,
    #[error("a picture has more than {MOST_BYTES} bytes")]
    TooLong,
    #[error("the stream says that it ends")]
    End,
}

/// Cuts a stream into its parts.
#[derive(Debug)]
pub(super) struct Parts {
    /// The boundary without the dashes before it. Cameras disagree about how many there are.
    boundary: String,
    bytes: Vec<u8>,
    state: State,
}

#[derive(Debug)]
enum State {
    Boundary {
        /// The number of bytes that were skipped.
        skipped: usize,
    },
    Head,
    Body {
        headers: Vec<(String, String)>,
        length: Option<usize>,
        began: Option<Instant>,
        /// The place up to which there is no boundary.
        searched: usize,
    },
}

impl Parts {
    /// Returns the reader of a stream with this boundary.
    pub(super) fn new(boundary: &str) -> Self {
        Self {
            boundary: boundary
                .trim_matches(['"', ' '])
                .trim_start_matches('-')
                .to_owned(),
            bytes: Vec::new(),
            state: State::Boundary { skipped: 0 },
        }
    }

    /// Returns the reader of a stream with this content type. None if it is no such stream.
    pub(super) fn of_content(content: &str) -> Option<Self> {
        let (kind, rest) = content.split_once(';')?;
        if !kind.trim().to_ascii_lowercase().starts_with("multipart/") {
            return None;
        }
        let fields = rest.split(';').filter_map(|field| field.split_once('='));
        let mut boundaries =
            fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
        let (_, boundary) = boundaries.next()?;
        let parts = Self::new(boundary);
        (!parts.boundary.is_empty()).then_some(parts)
    }

    /// Takes the next bytes of the stream, which arrived at `now`. Returns the newest part that is whole now.
    ///
    /// # Errors
    /// See [`PartsError`]. The stream cannot be read any further.
    pub(super) fn push(&mut self, bytes: &[u8], now: Instant) -> Result<Option<Part>, PartsError> {
        self.bytes.extend_from_slice(bytes);
        let mut newest = None;
        loop {
            let step = match &self.state {
                &State::Boundary { skipped } => self.find_boundary(skipped)?,
                State::Head => self.read_head()?,
                State::Body { .. } => match self.read_body(now)? {
                    Some(part) => {
                        newest = Some(part);
                        true
                    }
                    None => false,
                },
            };
            if !step {
                return Ok(newest);
            }
        }
    }

    /// Takes the next line. None if it is not whole yet.
    fn line(&mut self) -> Result<Option<String>, PartsError> {
        let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') else {
            return match self.bytes.len() > MOST_HEAD {
                true => Err(PartsError::NoBoundary),
                false => Ok(None),
            };
        };
        let line = String::from_utf8_lossy(&self.bytes[..end])
            .trim_end()
            .to_owned();
        self.bytes.drain(..=end);
        Ok(Some(line))
    }

    fn find_boundary(&mut self, mut skipped: usize) -> Result<bool, PartsError> {
        while let Some(line) = self.line()? {
            skipped += line.len() + 1;
            let name = line.trim_start_matches('-');
            if name == self.boundary && line.starts_with("--") {
                self.state = State::Head;
                return Ok(true);
            }
            if name.trim_end_matches('-') == self.boundary && line.starts_with("--") {
                return Err(PartsError::End);
            }
            if skipped > MOST_HEAD {
                return Err(PartsError::NoBoundary);
            }
        }
        self.state = State::Boundary { skipped };
        Ok(false)
    }

    fn read_head(&mut self) -> Result<bool, PartsError> {
        let Some(end) = end_of_head(&self.bytes) else {
            return match self.bytes.len() > MOST_HEAD {
                true => Err(PartsError::NoBoundary),
                false => Ok(false),
            };
        };
        let head = String::from_utf8_lossy(&self.bytes[..end]).into_owned();
        self.bytes.drain(..end);
        let headers = head.lines().filter_map(|line| line.split_once(':'));
        let headers: Vec<(String, String)> = headers
            .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.and_then(|(_, length)| length.parse().ok());
        if length.is_some_and(|length: usize| length > MOST_BYTES) {
            return Err(PartsError::TooLong);
        }
        self.state = State::Body {
            headers,
            // Some write 0 if they do not know it yet.
            length: length.filter(|length| *length > 0),
            began: None,
            searched: 0,
        };
        Ok(true)
    }

    fn read_body(&mut self, now: Instant) -> Result<Option<Part>, PartsError> {
        let State::Body {
            headers,
            length,
            began,
            searched,
        } = &mut self.state
        else {
            return Ok(None);
        };
        if self.bytes.is_empty() {
            return Ok(None);
        }
        let began = *began.get_or_insert(now);
        let (end, next) = match *length {
            Some(length) if self.bytes.len() < length => return Ok(None),
            Some(length) => (length, length),
            None => match boundary_line(&self.bytes, *searched, &self.boundary) {
                Some(found) => found,
                None if self.bytes.len() > MOST_BYTES => return Err(PartsError::TooLong),
                None => {
                    let longest = self.boundary.len() + 80;
                    *searched = self.bytes.len().saturating_sub(longest);
                    return Ok(None);
                }
            },
        };
        let headers = std::mem::take(headers);
        let rest = self.bytes.split_off(next);
        let mut bytes = std::mem::replace(&mut self.bytes, rest);
        bytes.truncate(end);
        self.state = State::Boundary { skipped: 0 };
        Ok(Some(Part {
            began,
            headers,
            bytes,
        }))
    }
}

/// Returns the place behind the empty line that ends a head.
fn end_of_head(bytes: &[u8]) -> Option<usize> {
    let mut begin = 0;
    loop {
        let length = bytes[begin..].iter().position(|byte| *byte == b'\n')?;
        let line = &bytes[begin..begin + length];
        begin += length + 1;
        if line.is_empty() || line == b"\r" {
            return Some(begin);
        }
    }
}

/// Returns the end of the part before the next line with the boundary, and the place at which that line begins.
fn boundary_line(bytes: &[u8], from: usize, boundary: &str) -> Option<(usize, usize)> {
    let mut from = from;
    loop {
        let found = bytes[from..]
            .windows(boundary.len())
            .position(|window| window == boundary.as_bytes())?;
        let found = from + found;
        let dashes = bytes[..found]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'-');
        let begin = found - dashes.count();
        if found - begin >= 2 && bytes[..begin].ends_with(b"\n") {
            let end = begin - 1;
            let end = end - usize::from(bytes[..end].ends_with(b"\r"));
            return Some((end, begin));
        }
        from = found + 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stream(with_length: bool, parts: &[&[u8]]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend(b"--cut\r\nContent-Type: image/jpeg\r\n");
            if with_length {
                bytes.extend(format!("Content-Length: {}\r\n", part.len()).bytes());
            }
            bytes.extend(b"\r\n");
            bytes.extend(*part);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"--cut\r\n");
        bytes
    }

    fn all(parts: &mut Parts, bytes: &[u8], piece: usize) -> Result<Vec<Vec<u8>>, PartsError> {
        let mut found = Vec::new();
        for piece in bytes.chunks(piece) {
            found.extend(parts.push(piece, Instant::now())?.map(|part| part.bytes));
        }
        Ok(found)
    }

    #[test]
    fn parts_are_found_with_and_without_a_length_in_pieces_of_every_size() {
        let pictures: [&[u8]; 3] = [b"\xff\xd8one\xff\xd9", b"a\r\n--cu\r\n\n-cut--cut", b"\n"];
        for with_length in [true, false] {
            let bytes = stream(with_length, &pictures);
            for piece in 1..10 {
                let mut parts = Parts::new("cut");
                assert_eq!(all(&mut parts, &bytes, piece).unwrap(), pictures, "{piece}");
            }
            // Of several at once, the newest.
            let mut parts = Parts::new("cut");
            let newest = parts.push(&bytes, Instant::now()).unwrap().unwrap();
            assert_eq!(newest.bytes, b"\n");
            assert_eq!(newest.headers[0].1, "image/jpeg");
        }
    }

    #[test]
    fn a_boundary_is_read_in_every_form_that_cameras_write() {
        let bytes = stream(true, &[b"x"]);
        for content in [
            "multipart/x-mixed-replace; boundary=cut",
            "multipart/x-mixed-replace;boundary=--cut",
            "Multipart/X-Mixed-Replace; charset=x; Boundary=\"cut\"",
        ] {
            let mut parts = Parts::of_content(content).unwrap();
            assert_eq!(all(&mut parts, &bytes, 7).unwrap(), [b"x"], "{content}");
        }
        for content in [
            "image/jpeg",
            "multipart/x-mixed-replace",
            "multipart/x; boundary=",
        ] {
            assert!(Parts::of_content(content).is_none(), "{content}");
        }
    }

    #[test]
    fn a_part_began_with_its_first_byte_not_with_its_head() {
        let mut parts = Parts::new("cut");
        let first = Instant::now();
        let later = first + std::time::Duration::from_secs(1);
        assert_eq!(parts.push(b"--cut\r\n\r\n", first), Ok(None));
        let part = parts.push(b"x\r\n--cut\r\n", later).unwrap().unwrap();
        assert_eq!(part.began, later);
    }

    #[test]
    fn what_is_no_such_stream_is_told() {
        let push = |bytes: &[u8]| Parts::new("cut").push(bytes, Instant::now());
        assert_eq!(push(&[b'x'; MOST_HEAD + 1]), Err(PartsError::NoBoundary));
        assert_eq!(push(&b"x\n".repeat(MOST_HEAD)), Err(PartsError::NoBoundary));
        let endless = [b"--cut\n".to_vec(), b"a: b\n".repeat(MOST_HEAD)].concat();
        assert_eq!(push(&endless), Err(PartsError::NoBoundary));
        let huge = b"--cut\nContent-Length: 99999999999\n\n";
        assert_eq!(push(huge), Err(PartsError::TooLong));
        assert_eq!(push(b"--cut--\n"), Err(PartsError::End));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            piece in 1..50_usize,
        ) {
            let mut parts = Parts::new("cut");
            drop(all(&mut parts, &bytes, piece));
            let mut parts = Parts::new("cut");
            let bytes = [b"--cut\n\n", &bytes[..], b"\r\n--cut\n"].concat();
            drop(all(&mut parts, &bytes, piece));
        }
    }
}
