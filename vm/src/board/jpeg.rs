//! Reads JPEG pictures, and refuses those that are cut off.
//!
//! Decoders are made for people: they paint the missing part grey, and report no error. So the end marker is looked for
//! here.

use std::io::Cursor;

use image::{ImageFormat, ImageReader};

use super::picture::{Decoded, PictureError, check_size};

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;

/// Reads a whole picture. Bytes behind its end marker are ignored: some cameras fill their buffers up.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, PictureError> {
    let bytes = &bytes[..end(bytes)?];
    let reader = || ImageReader::with_format(Cursor::new(bytes), ImageFormat::Jpeg);
    let (width, height) = reader().into_dimensions().map_err(damaged)?;
    check_size(width, height)?;
    let rgb = reader().decode().map_err(damaged)?.into_rgb8().into_raw();
    Ok(Decoded { width, height, rgb })
}

fn damaged(reason: impl ToString) -> PictureError {
    PictureError::Damaged {
        format: "JPEG",
        reason: reason.to_string(),
    }
}

/// Returns the place behind the end marker. Walks from segment to segment: a small picture inside of one, a preview,
/// has an end marker of its own.
fn end(bytes: &[u8]) -> Result<usize, PictureError> {
    let cut = PictureError::Cut {
        format: "JPEG",
        reason: "it ends before its end marker",
    };
    let mut place = 2;
    let mut is_scan = false;
    loop {
        let marker = match bytes.get(place) {
            None => return Err(cut),
            Some(0xff) => *bytes.get(place + 1).ok_or(cut.clone())?,
            Some(_) if is_scan => {
                place += 1;
                continue;
            }
            Some(_) => return Err(damaged("there are bytes between its segments")),
        };
        match marker {
            END => return Ok(place + 2),
            // A byte of 0xff in a scan, restart markers: the scan goes on.
            0x00 | 0xd0..=0xd7 if is_scan => place += 2,
            // A fill byte before a marker.
            0xff => place += 1,
            0x00..=0x01 | 0xd0..=0xd7 | START => {
                return Err(damaged(format!("it has the marker {marker:02x} too early")));
            }
            _ => {
                let Some(&[high, low]) = bytes.get(place + 2..place + 4) else {
                    return Err(cut);
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                if length < 2 {
                    return Err(damaged("a segment has no length"));
                }
                place += 2 + length;
                is_scan = marker == SCAN;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{ExtendedColorType, codecs::jpeg::JpegEncoder};

    use super::{
        super::picture::tests::{jpeg, pixels},
        *,
    };

    #[test]
    fn bytes_behind_the_end_are_ignored() {
        let mut bytes = jpeg(40, 24);
        let expected = decode(&bytes).unwrap();
        bytes.extend([0; 500]);
        bytes.extend([0xff, END]);
        assert!(decode(&bytes).unwrap() == expected);
    }

    #[test]
    fn the_end_of_a_preview_is_not_the_end() {
        let whole = jpeg(40, 24);
        let segment = [0xff, 0xe1, 0, 6, 0xff, END, 0xff, END];
        let with_preview = [&whole[..2], &segment, &whole[2..]].concat();
        assert!(decode(&with_preview).is_ok());
        let half = &with_preview[..with_preview.len() / 2];
        assert!(matches!(decode(half), Err(PictureError::Cut { .. })));
    }

    #[test]
    fn a_grey_picture_has_three_equal_colours() {
        let mut bytes = Vec::new();
        JpegEncoder::new(&mut bytes)
            .encode(&[77; 64], 8, 8, ExtendedColorType::L8)
            .unwrap();
        let decoded = decode(&bytes).unwrap();
        assert_eq!((decoded.width, decoded.height), (8, 8));
        assert_eq!(decoded.rgb, [77; 192]);
    }

    #[test]
    fn colours_stay_what_they_are() {
        let mut bytes = Vec::new();
        let red = [200, 30, 40].repeat(64);
        JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode(&red, 8, 8, ExtendedColorType::Rgb8)
            .unwrap();
        let decoded = decode(&bytes).unwrap();
        let is_near = |(left, right): (&u8, &u8)| left.abs_diff(*right) < 6;
        assert!(decoded.rgb.iter().zip(&red).all(is_near));
        assert_ne!(pixels(8, 8), red);
    }
}
