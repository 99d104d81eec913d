//! Reads pictures in the portable pixmap format (`P6`), as QEMU and other programs write them.

/// The largest width or height that is read.
const LARGEST: u32 = 8192;

/// The most pixels that are read. An 8K screen has 33,177,600.
const MOST_PIXELS: usize = 32 << 20;

/// The most bytes of a header.
pub(crate) const LONGEST_HEAD: usize = 4 << 10;

/// A picture in the binary portable pixmap format (`P6`). Its pixels are borrowed, since a screen is
/// read many times a second.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ppm<'a> {
    /// The width in pixels, from 1.
    pub(crate) width: u32,
    /// The height in pixels, from 1.
    pub(crate) height: u32,
    /// Rows from the top; red, green, blue.
    pub(crate) rgb: &'a [u8],
}

/// The reason why bytes are no such picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PpmError {
    #[error("it does not begin with `P6`")]
    Magic,
    #[error("its header ends before the pixels")]
    Header,
    #[error("its header has no size")]
    Number,
    #[error("its size of {width} x {height} pixels is not between 1 and {LARGEST}")]
    Size { width: u32, height: u32 },
    #[error("its {width} x {height} pixels are more than {MOST_PIXELS}")]
    Pixels { width: u32, height: u32 },
    #[error("its largest value is {0}, expected 255")]
    Depth(u32),
    #[error("it has {found} bytes of pixels, expected {expected}")]
    Length { found: usize, expected: usize },
}

impl<'a> Ppm<'a> {
    /// Refuses a file of `length` bytes that begins with `head` and cannot be a picture, before memory is taken for the
    /// size that it announces.
    pub(crate) fn check_announced(head: &'a [u8], length: u64) -> Result<(), PpmError> {
        let (_, _, expected, rest) = Self::head(head)?;
        let found = length - (head.len() - rest.len()) as u64;
        let found = usize::try_from(found).unwrap_or(usize::MAX);
        if found != expected {
            return Err(PpmError::Length { found, expected });
        }
        Ok(())
    }

    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, PpmError> {
        let (width, height, expected, rgb) = Self::head(bytes)?;
        if rgb.len() != expected {
            return Err(PpmError::Length {
                found: rgb.len(),
                expected,
            });
        }
        Ok(Self { width, height, rgb })
    }

    /// Returns width, height, the bytes of the pixels, and the rest behind the header.
    fn head(bytes: &'a [u8]) -> Result<(u32, u32, usize, &'a [u8]), PpmError> {
        let mut rest = bytes.strip_prefix(b"P6").ok_or(PpmError::Magic)?;
        let width = number(&mut rest)?;
        let height = number(&mut rest)?;
        let depth = number(&mut rest)?;
        // A single white space separates header and pixels.
        let (separator, rgb) = rest.split_first().ok_or(PpmError::Header)?;
        if !separator.is_ascii_whitespace() {
            return Err(PpmError::Header);
        }
        if !(1..=LARGEST).contains(&width) || !(1..=LARGEST).contains(&height) {
            return Err(PpmError::Size { width, height });
        }
        if depth != 255 {
            return Err(PpmError::Depth(depth));
        }
        let pixels = width as usize * height as usize;
        if pixels > MOST_PIXELS {
            return Err(PpmError::Pixels { width, height });
        }
        Ok((width, height, pixels * 3, rgb))
    }
}

/// Skips white space and comments, and reads the number after them.
fn number(rest: &mut &[u8]) -> Result<u32, PpmError> {
    let begin = *rest;
    loop {
        match rest {
            [byte, tail @ ..] if byte.is_ascii_whitespace() => *rest = tail,
            [b'#', ..] => {
                let end = rest
                    .iter()
                    .position(|&byte| byte == b'\n')
                    .ok_or(PpmError::Header)?;
                *rest = &rest[end..];
            }
            _ => break,
        }
    }
    let is_separated = rest.len() < begin.len();
    if rest.is_empty() {
        return Err(PpmError::Header);
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (text, tail) = rest.split_at(digits);
    *rest = tail;
    std::str::from_utf8(text)
        .ok()
        .filter(|_| is_separated)
        .and_then(|text| text.parse().ok())
        .ok_or(PpmError::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_picture_is_read_with_and_without_comments() {
        for header in [
            "P6\n2 1\n255\n",
            "P6 2 1 255 ",
            "P6\n# made by a test\n2 # wide\n1\n255\n",
        ] {
            let bytes = [header.as_bytes(), b"abcdef"].concat();
            let expected = Ppm {
                width: 2,
                height: 1,
                rgb: b"abcdef",
            };
            assert_eq!(Ppm::parse(&bytes), Ok(expected), "{header}");
        }
    }

    #[test]
    fn pixels_that_look_like_white_space_or_a_comment_are_pixels() {
        assert_eq!(Ppm::parse(b"P6 1 1 255 \n#\n").unwrap().rgb, b"\n#\n");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let rows: [(&[u8], PpmError); 13] = [
            (b"", PpmError::Magic),
            (b"P5 1 1 255 x", PpmError::Magic),
            (b"P6", PpmError::Header),
            (b"P6 1 1 255", PpmError::Header),
            (b"P61 1 255 abc", PpmError::Number),
            (b"P6 a 1 255 abc", PpmError::Number),
            (b"P6 1 1 #255 abc", PpmError::Header),
            (b"P6 99999999999 1 255 abc", PpmError::Number),
            (
                b"P6 0 1 255 ",
                PpmError::Size {
                    width: 0,
                    height: 1,
                },
            ),
            (
                b"P6 20000 20000 255 ",
                PpmError::Size {
                    width: 20_000,
                    height: 20_000,
                },
            ),
            (
                b"P6 8192 8192 255 ",
                PpmError::Pixels {
                    width: 8192,
                    height: 8192,
                },
            ),
            (b"P6 1 1 65535 abcdef", PpmError::Depth(65_535)),
            (
                b"P6 1 1 255 ab",
                PpmError::Length {
                    found: 2,
                    expected: 3,
                },
            ),
        ];
        for (bytes, error) in rows {
            assert_eq!(Ppm::parse(bytes), Err(error), "{}", bytes.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            drop(Ppm::parse(&bytes));
            drop(Ppm::parse(&[b"P6", &bytes[..]].concat()));
        }

        #[test]
        fn what_is_written_is_read(width in 1..20_u32, height in 1..20_u32, seed in any::<u8>()) {
            let rgb: Vec<u8> = (0..width * height * 3).map(|index| (index as u8).wrapping_mul(seed)).collect();
            let bytes = [format!("P6\n{width} {height}\n255\n").as_bytes(), &rgb].concat();
            prop_assert_eq!(Ppm::parse(&bytes), Ok(Ppm { width, height, rgb: &rgb }));
        }
    }
}
