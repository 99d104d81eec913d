//! Binary PPM, the format in which QEMU writes pictures.
//!
//! The `image` crate is not used for it. Its reader (0.25.10) joins the digits around a comment (`2#two\n1` is read as
//! 21), accepts more bytes than the header announces, and does not name the wrong field of a header.

use super::picture::{Picture, PictureError, check_size};

impl Picture {
    /// Reads a binary PPM (`P6`, 255 levels), as QEMU writes it.
    ///
    /// # Errors
    /// The file is no such PPM, is larger than [`Picture::MAX_SIDE`], or does not have the length that its header
    /// announces.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self, PictureError> {
        let Some(rest) = bytes.strip_prefix(b"P6") else {
            return Err(wrong("it doesn't begin with P6"));
        };
        let mut head = Head { rest };
        let width = head.number("width")?;
        let height = head.number("height")?;
        let levels = head.number("number of levels")?;
        if levels != 255 {
            return Err(wrong(&format!("{levels} levels; only 255 can be read")));
        }
        check_size(width, height)?;
        // Exactly one white space separates the header from the pixels. A second one may be a pixel.
        let [separator, pixels @ ..] = head.rest else {
            return Err(wrong("it ends after its head"));
        };
        if !separator.is_ascii_whitespace() {
            return Err(wrong("no white space between head and pixels"));
        }
        Self::from_rgb(width as u32, height as u32, pixels.to_vec())
    }
}

/// The rest of the header: numbers between white space and comments.
struct Head<'a> {
    rest: &'a [u8],
}

impl Head<'_> {
    fn number(&mut self, what: &str) -> Result<u64, PictureError> {
        let start = self.rest.len();
        self.skip_space_and_comments();
        if start == self.rest.len() {
            return Err(wrong(&format!("no white space before the {what}")));
        }
        let digits = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (number, rest) = self.rest.split_at(digits);
        self.rest = rest;
        let number = std::str::from_utf8(number)
            .ok()
            .and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| wrong(&format!("the {what} is not a number")))
    }

    fn skip_space_and_comments(&mut self) {
        loop {
            match self.rest {
                [b'#', ..] => {
                    let end = self
                        .rest
                        .iter()
                        .position(|byte| matches!(byte, b'\n' | b'\r'));
                    self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
                }
                [first, rest @ ..] if first.is_ascii_whitespace() => self.rest = rest,
                _ => return,
            }
        }
    }
}

fn wrong(reason: &str) -> PictureError {
    PictureError::Ppm {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heads_are_read_with_any_space_and_comments() {
        for head in [
            "P6 2 1 255\n",
            "P6\n# QEMU\n2 1\n255\n",
            "P6\t2#two\n1\r\n#x\n#y\n255 ",
        ] {
            let mut file = head.as_bytes().to_vec();
            file.extend([b' ', b'\n', b'#', 4, 5, 6]);
            let picture = Picture::from_ppm(&file).unwrap();
            assert_eq!((picture.width(), picture.height()), (2, 1));
            assert_eq!(picture.rgb(), [b' ', b'\n', b'#', 4, 5, 6]);
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (file, error) in [
            (&b""[..], "not a usable PPM: it doesn't begin with P6"),
            (
                b"P5 1 1 255\n0",
                "not a usable PPM: it doesn't begin with P6",
            ),
            (
                b"P62 1 255\n",
                "not a usable PPM: no white space before the width",
            ),
            (b"P6", "not a usable PPM: no white space before the width"),
            (
                b"P6 1 # 1 255",
                "not a usable PPM: the height is not a number",
            ),
            (
                b"P6 -1 1 255\n",
                "not a usable PPM: the width is not a number",
            ),
            (
                b"P6 99999999999999999999 1 255\n",
                "not a usable PPM: the width is not a number",
            ),
            (
                b"P6 1 1 65535\n000000",
                "not a usable PPM: 65535 levels; only 255 can be read",
            ),
            (b"P6 1 1 255", "not a usable PPM: it ends after its head"),
            (
                b"P6 1 1 255x000",
                "not a usable PPM: no white space between head and pixels",
            ),
            (
                b"P6 20000 20000 255\n",
                "a picture of 20000x20000; 1x1 to 8192x8192 can be used, with at most 33554432 pixels",
            ),
            (
                b"P6 0 1 255\n",
                "a picture of 0x1; 1x1 to 8192x8192 can be used, with at most 33554432 pixels",
            ),
            (b"P6 1 1 255\n00", "2 bytes of pixels where 1x1 need 3"),
            (b"P6 1 1 255\n0000", "4 bytes of pixels where 1x1 need 3"),
        ] {
            assert_eq!(Picture::from_ppm(file).unwrap_err().to_string(), error);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn garbage_is_refused_without_panic(tail in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut file = b"P6".to_vec();
            file.extend(tail);
            let _ = Picture::from_ppm(&file);
        }
    }
}
