//! Reads pictures that other devices made: JPEG, PNG and PPM become rows of pixels.
//!
//! A picture is whole or an error. Half a picture would look like a screen that the board never showed.

use std::fmt;

use image::{ImageFormat, ImageReader, Limits};

use super::{BoardFault, FaultKind, jpeg, pixmap};
use crate::screen::Picture;

/// The most bytes of a picture before it is unpacked.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// The longest side of a picture, in pixels.
const LONGEST_SIDE: u32 = 7680;

/// The most pixels of a picture: those of an 8K screen, upright or not.
const MOST_PIXELS: u64 = 7680 * 4320;

/// The most bytes that the decoder of PNG may use.
const MOST_MEMORY: u64 = 512 << 20;

/// The most characters of a page or text that are shown where a picture was expected.
const SHOWN: usize = 80;

/// A picture as pixels.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Decoded {
    /// The width in pixels, from 1.
    pub(crate) width: u32,
    /// The height in pixels, from 1.
    pub(crate) height: u32,
    /// `width * height * 3` bytes: rows from the top; red, green, blue.
    pub(crate) rgb: Vec<u8>,
}

/// The reason why bytes are no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PictureError {
    #[error("it is empty")]
    Empty,
    #[error("it has more than {MOST_BYTES} bytes")]
    TooLong,
    #[error("it is a text, not a picture: \"{words}\"")]
    Text { words: String },
    #[error("it is no JPEG, PNG or PPM picture; it begins with `{beginning}`")]
    Unknown { beginning: String },
    #[error("its size of {width} x {height} pixels is not between 1 x 1 and 7680 x 4320")]
    Size { width: u32, height: u32 },
    #[error("the {format} picture is cut off: {reason}")]
    Cut {
        format: &'static str,
        reason: &'static str,
    },
    #[error("the {format} picture is damaged: {reason}")]
    Damaged {
        format: &'static str,
        reason: String,
    },
}

impl PictureError {
    /// Returns the fault of the source with this name.
    pub(crate) fn fault(&self, source: &str) -> BoardFault {
        let words = format!("the picture of {source} cannot be read: {self}");
        let fault = BoardFault::new(FaultKind::NotUnderstood, words);
        match self {
            Self::Text { .. } => fault.advice(
                "check the address: it must give one picture, or a stream of JPEG pictures",
            ),
            Self::Empty
            | Self::TooLong
            | Self::Unknown { .. }
            | Self::Size { .. }
            | Self::Cut { .. }
            | Self::Damaged { .. } => fault,
        }
    }
}

impl Decoded {
    /// Returns the picture for a screen.
    pub(crate) fn picture(&self) -> Picture<'_> {
        Picture {
            width: self.width,
            height: self.height,
            rgb: &self.rgb,
        }
    }
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoded")
            .field("width", &self.width)
            .field("height", &self.height)
            .finish_non_exhaustive()
    }
}

/// Reads a picture of any of the three formats. Takes some 10 ms for a Full HD screen.
///
/// # Errors
/// See [`PictureError`].
pub(crate) fn decode(bytes: &[u8]) -> Result<Decoded, PictureError> {
    match bytes {
        [] => Err(PictureError::Empty),
        _ if bytes.len() > MOST_BYTES => Err(PictureError::TooLong),
        [0xff, 0xd8, 0xff, ..] => jpeg::decode(bytes),
        [0x89, b'P', b'N', b'G', ..] => decode_png(bytes),
        [b'P', b'6', ..] => pixmap::decode(bytes),
        _ => Err(not_a_picture(bytes)),
    }
}

/// Refuses a picture that is larger than any screen, before memory is taken for it.
pub(super) fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
    let pixels = u64::from(width) * u64::from(height);
    if !(1..=MOST_PIXELS).contains(&pixels) || width.max(height) > LONGEST_SIDE {
        return Err(PictureError::Size { width, height });
    }
    Ok(())
}

fn decode_png(bytes: &[u8]) -> Result<Decoded, PictureError> {
    let damaged = |error: image::ImageError| PictureError::Damaged {
        format: "PNG",
        reason: error.to_string(),
    };
    let reader = || ImageReader::with_format(std::io::Cursor::new(bytes), ImageFormat::Png);
    let (width, height) = reader().into_dimensions().map_err(damaged)?;
    check_size(width, height)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = reader();
    reader.limits(limits);
    let rgb = reader.decode().map_err(damaged)?.into_rgb8().into_raw();
    Ok(Decoded { width, height, rgb })
}

fn not_a_picture(bytes: &[u8]) -> PictureError {
    let beginning = &bytes[..bytes.len().min(4 << 10)];
    let text = String::from_utf8_lossy(beginning);
    let is_text = |c: char| !c.is_control() || c.is_whitespace();
    // The end of the beginning may have cut a character in two.
    let strange = text
        .chars()
        .filter(|c| !is_text(*c) || *c == char::REPLACEMENT_CHARACTER);
    if strange.count() <= 1 {
        return PictureError::Text {
            words: first_words(&text),
        };
    }
    let beginning = &bytes[..bytes.len().min(8)];
    PictureError::Unknown {
        beginning: beginning.escape_ascii().to_string(),
    }
}

/// Returns the first words of a page or a text, without tags, in one line.
pub(crate) fn first_words(text: &str) -> String {
    let mut plain = String::new();
    let mut is_tag = false;
    for c in text.chars() {
        match c {
            '<' => is_tag = true,
            '>' if is_tag => {
                is_tag = false;
                plain.push(' ');
            }
            _ if !is_tag => plain.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let words = words.join(" ");
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{} ...", words[..end].trim_end()),
        None => words,
    }
}

/// The newest picture of a source. Bytes that are the same again are not decoded again.
#[derive(Debug, Default)]
pub(crate) struct NewestPicture {
    bytes: Vec<u8>,
    decoded: Option<Decoded>,
}

impl NewestPicture {
    /// Reads a picture on a thread that may block, and keeps it.
    ///
    /// # Errors
    /// See [`PictureError`]. The picture before is kept.
    pub(crate) async fn read(&mut self, bytes: Vec<u8>) -> Result<&Decoded, PictureError> {
        if self.decoded.is_none() || self.bytes != bytes {
            let decoding = tokio::task::spawn_blocking(move || {
                let decoded = decode(&bytes);
                (bytes, decoded)
            });
            // It ends early only if the decoder panics, or the runtime ends.
            let (bytes, decoded) = decoding.await.map_err(|_| PictureError::Damaged {
                format: "received",
                reason: "its decoder broke down".to_owned(),
            })?;
            self.decoded = Some(decoded?);
            self.bytes = bytes;
        }
        self.decoded.as_ref().ok_or(PictureError::Empty)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};
    use proptest::prelude::*;

    use super::*;

    /// Returns pixels that no two neighbours share.
    pub(crate) fn pixels(width: u32, height: u32) -> Vec<u8> {
        let value = |index: u32| (index.wrapping_mul(2_654_435_761) >> 24) as u8;
        (0..width * height * 3).map(value).collect()
    }

    pub(crate) fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        JpegEncoder::new_with_quality(&mut bytes, 90)
            .encode(
                &pixels(width, height),
                width,
                height,
                ExtendedColorType::Rgb8,
            )
            .unwrap();
        bytes
    }

    pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let format = ImageFormat::Png;
        let pixels = pixels(width, height);
        image::write_buffer_with_format(
            &mut bytes,
            &pixels,
            width,
            height,
            ExtendedColorType::Rgb8,
            format,
        )
        .unwrap();
        bytes.into_inner()
    }

    pub(crate) fn ppm(width: u32, height: u32) -> Vec<u8> {
        let header = format!("P6\n{width} {height}\n255\n");
        [header.as_bytes(), &pixels(width, height)].concat()
    }

    #[test]
    fn each_format_is_read_by_its_content() {
        for bytes in [png(33, 17), ppm(33, 17)] {
            let decoded = decode(&bytes).unwrap();
            assert_eq!((decoded.width, decoded.height), (33, 17));
            assert!(decoded.rgb == pixels(33, 17));
        }
        let decoded = decode(&jpeg(33, 17)).unwrap();
        assert_eq!((decoded.width, decoded.height), (33, 17));
        assert_eq!(decoded.rgb.len(), 33 * 17 * 3);
    }

    #[test]
    fn half_a_picture_is_an_error_at_every_length() {
        // The last chunk of a PNG has no pixels.
        for (whole, end) in [(jpeg(40, 40), 0), (png(40, 40), 12), (ppm(40, 40), 0)] {
            for length in 0..whole.len() - end {
                assert!(
                    decode(&whole[..length]).is_err(),
                    "{length} of {}",
                    whole.len()
                );
            }
        }
    }

    #[test]
    fn a_page_instead_of_a_picture_is_told_by_its_first_words() {
        let page = b"<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>\n<body>nginx</body>";
        let error = decode(page).unwrap_err();
        assert_eq!(
            error.to_string(),
            "it is a text, not a picture: \"502 Bad Gateway nginx\""
        );
        let fault = error.fault("http://camera/");
        assert_eq!(fault.kind, FaultKind::NotUnderstood);
        assert!(fault.words.contains("http://camera/"), "{fault}");
        let long = "word ".repeat(100);
        let words = first_words(&long);
        assert!(words.len() < 100 && words.ends_with("word ..."), "{words}");
    }

    #[test]
    fn what_is_no_picture_is_told() {
        let rows: [(&[u8], &str); 4] = [
            (b"", "it is empty"),
            (
                b"\x00\x01\x02\x03\x04\x05\x06\x07\x08",
                "it is no JPEG, PNG or PPM picture; it begins with `\\x00\\x01\\x02\\x03\\x04\\x05\\x06\\x07`",
            ),
            (
                b"P6 9000 1 255 ",
                "its size of 9000 x 1 pixels is not between 1 x 1 and 7680 x 4320",
            ),
            (
                b"P6 7680 7680 255 ",
                "its size of 7680 x 7680 pixels is not between 1 x 1 and 7680 x 4320",
            ),
        ];
        for (bytes, words) in rows {
            assert_eq!(decode(bytes).unwrap_err().to_string(), words);
        }
        assert!(check_size(4320, 7680).is_ok());
    }

    #[test]
    fn a_png_that_announces_a_huge_size_is_refused_before_memory_is_taken() {
        let mut bytes = png(2, 2);
        bytes[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        // The checksum of the header must fit.
        let sum = crc(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&sum.to_be_bytes());
        let size = PictureError::Size {
            width: 65536,
            height: 65536,
        };
        assert_eq!(decode(&bytes), Err(size));
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |sum, byte| {
            (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
                (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
            })
        })
    }

    #[tokio::test]
    async fn equal_bytes_are_decoded_once_and_an_error_keeps_the_picture_before() {
        let mut newest = NewestPicture::default();
        let bytes = ppm(2, 2);
        let first = newest.read(bytes.clone()).await.unwrap().rgb.as_ptr();
        assert_eq!(
            newest.read(bytes.clone()).await.unwrap().rgb.as_ptr(),
            first
        );
        assert_eq!(
            newest.read(Vec::new()).await.unwrap_err(),
            PictureError::Empty
        );
        assert_eq!(newest.read(bytes).await.unwrap().rgb.as_ptr(), first);
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_decoder_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0..3_usize) {
            let beginning: [&[u8]; 3] = [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"P6"];
            drop(decode(&bytes));
            drop(decode(&[beginning[kind], &bytes].concat()));
        }

        #[test]
        fn a_damaged_picture_never_makes_a_decoder_panic(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
            for mut bytes in [jpeg(24, 24), png(24, 24)] {
                let place = place.index(bytes.len());
                bytes[place] = byte;
                drop(decode(&bytes));
            }
        }
    }
}
