//! Reads pictures in the portable pixmap format (`P6`), as programs print them.

use super::picture::{Decoded, PictureError, check_size};
use crate::screen::{Ppm, PpmError};

/// Reads a picture. Bytes after the last pixel are an error: then the size is wrong.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, PictureError> {
    let Ppm { width, height, rgb } = Ppm::parse(bytes).map_err(error_of)?;
    check_size(width, height)?;
    let rgb = rgb.to_vec();
    Ok(Decoded { width, height, rgb })
}

fn error_of(error: PpmError) -> PictureError {
    let format = "PPM";
    let reason = match error {
        PpmError::Size { width, height } | PpmError::Pixels { width, height } => {
            return PictureError::Size { width, height };
        }
        PpmError::Length { found, expected } if found > expected => {
            let more = found - expected;
            format!("there are {more} bytes behind the last pixel")
        }
        PpmError::Header | PpmError::Length { .. } => {
            let reason = "it ends before its last pixel";
            return PictureError::Cut { format, reason };
        }
        PpmError::Magic | PpmError::Number | PpmError::Depth(_) => error.to_string(),
    };
    PictureError::Damaged { format, reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read() {
        let decoded = decode(b"P6 2 1 255 abcdef").unwrap();
        assert_eq!((decoded.width, decoded.height), (2, 1));
        assert_eq!(decoded.rgb, b"abcdef");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let rows: [(&[u8], &str); 7] = [
            (b"P6", "cut off"),
            (b"P6 1 1 255 ab", "cut off"),
            (b"P6 1 1 255 abcd", "1 bytes behind the last pixel"),
            (b"P61 1 255 abc", "no size"),
            (b"P6 a 1 255 abc", "no size"),
            (b"P6 99999999999 1 255 abc", "no size"),
            (b"P6 1 1 65535 abcdef", "65535, expected 255"),
        ];
        for (bytes, words) in rows {
            let error = decode(bytes).unwrap_err().to_string();
            assert!(error.contains(words), "{}: {error}", bytes.escape_ascii());
        }
    }
}
