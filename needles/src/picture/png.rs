//! Reads and writes PNG.

use png::{
    BitDepth, ColorType, Compression, DecodeOptions, Decoder, Encoder, Limits, Transformations,
};

use super::picture::{Picture, PictureError, check_size};
use super::transparency::Transparency;

/// Memory limit of one decoding: the largest allowed picture with alpha, and the decoder's own rows.
const MAX_BYTES: usize = 160 << 20;

impl Picture {
    /// Reads a PNG of any colour type, depth and interlacing. Expands gray and palettes, reduces 16 bits to 8, and
    /// drops alpha without blending, as openQA does.
    ///
    /// # Errors
    /// The file is no PNG, is damaged or truncated, or is larger than [`Picture::MAX_SIDE`].
    pub fn from_png(bytes: &[u8]) -> Result<Self, PictureError> {
        Self::from_png_with_transparency(bytes).map(|(picture, _)| picture)
    }

    /// Reads a PNG. Also returns the pixels that are not fully opaque, if there are any.
    ///
    /// # Errors
    /// As [`Picture::from_png`].
    pub fn from_png_with_transparency(
        bytes: &[u8],
    ) -> Result<(Self, Option<Transparency>), PictureError> {
        if bytes.starts_with(b"version https://git-lfs") {
            return Err(PictureError::LfsPointer);
        }
        let broken = |error: png::DecodingError| PictureError::Png {
            reason: error.to_string(),
        };
        let mut options = DecodeOptions::default();
        // Texts and colour profiles do not change the pixels, but can unpack to gigabytes.
        options.set_ignore_text_chunk(true);
        options.set_ignore_iccp_chunk(true);
        let mut decoder = Decoder::new_with_options(std::io::Cursor::new(bytes), options);
        decoder.set_limits(Limits { bytes: MAX_BYTES });
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        let header = decoder.read_header_info().map_err(broken)?;
        // Must happen before memory is allocated for the pixels.
        check_size(u64::from(header.width), u64::from(header.height))?;
        let mut reader = decoder.read_info().map_err(broken)?;
        let size = reader
            .output_buffer_size()
            .filter(|size| *size <= MAX_BYTES);
        let size = size.ok_or_else(|| PictureError::Png {
            reason: "too large".to_owned(),
        })?;
        let mut pixels = vec![0; size];
        let frame = reader.next_frame(&mut pixels).map_err(broken)?;
        pixels.truncate(frame.buffer_size());
        debug_assert_eq!(frame.bit_depth, BitDepth::Eight);
        let transparency = match frame.color_type {
            ColorType::Rgba => {
                Transparency::of(frame.width, pixels.chunks_exact(4).map(|pixel| pixel[3]))
            }
            ColorType::GrayscaleAlpha => {
                Transparency::of(frame.width, pixels.chunks_exact(2).map(|pixel| pixel[1]))
            }
            ColorType::Rgb | ColorType::Grayscale | ColorType::Indexed => None,
        };
        let rgb = match frame.color_type {
            ColorType::Rgb => pixels,
            ColorType::Rgba => as_rgb(&pixels, 4, |pixel| [pixel[0], pixel[1], pixel[2]]),
            ColorType::Grayscale => as_rgb(&pixels, 1, |pixel| [pixel[0]; 3]),
            ColorType::GrayscaleAlpha => as_rgb(&pixels, 2, |pixel| [pixel[0]; 3]),
            ColorType::Indexed => {
                return Err(PictureError::Png {
                    reason: "the palette could not be expanded".to_owned(),
                });
            }
        };
        let picture = Self::from_rgb(frame.width, frame.height, rgb)?;
        Ok((picture, transparency))
    }

    /// Writes a PNG. Prefers speed to size.
    #[expect(
        clippy::expect_used,
        reason = "writing to memory can't fail, and the size was checked when the picture was made"
    )]
    pub fn to_png(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.width(), self.height());
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::Fast);
        let mut writer = encoder.write_header().expect("a valid size");
        writer
            .write_image_data(self.rgb())
            .expect("pixels of that size");
        writer.finish().expect("memory takes the end");
        file
    }
}

/// Converts pixels of so many bytes to three bytes each. Allocates once, because growing would need twice the memory.
fn as_rgb(pixels: &[u8], bytes: usize, rgb: impl Fn(&[u8]) -> [u8; 3]) -> Vec<u8> {
    let mut all = Vec::with_capacity(pixels.len() / bytes * 3);
    for pixel in pixels.chunks_exact(bytes) {
        all.extend_from_slice(&rgb(pixel));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(width: u32, height: u32, color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, width, height);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![10, 20, 30, 40, 50, 60]);
            encoder.set_trns(vec![0]);
        }
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(data).unwrap();
        drop(writer);
        file
    }

    #[test]
    fn every_colour_type_and_depth_is_read_as_rgb() {
        use BitDepth::{Eight, One, Sixteen};
        use ColorType::{Grayscale, GrayscaleAlpha, Indexed, Rgb, Rgba};
        for (color, depth, data, expected) in [
            (Rgb, Eight, &[1, 2, 3, 4, 5, 6][..], [1, 2, 3, 4, 5, 6]),
            (Rgba, Eight, &[1, 2, 3, 0, 4, 5, 6, 255], [1, 2, 3, 4, 5, 6]),
            (Grayscale, Eight, &[7, 8], [7, 7, 7, 8, 8, 8]),
            (GrayscaleAlpha, Eight, &[7, 0, 8, 9], [7, 7, 7, 8, 8, 8]),
            (Grayscale, One, &[0b0100_0000], [0, 0, 0, 255, 255, 255]),
            (Grayscale, Sixteen, &[7, 255, 8, 1], [7, 7, 7, 8, 8, 8]),
            (
                Rgb,
                Sixteen,
                &[1, 200, 2, 0, 3, 255, 4, 0, 5, 128, 6, 127],
                [1, 2, 3, 4, 5, 6],
            ),
            (Indexed, One, &[0b0100_0000], [10, 20, 30, 40, 50, 60]),
        ] {
            let picture = Picture::from_png(&encoded(2, 1, color, depth, data)).unwrap();
            assert_eq!((picture.width(), picture.height()), (2, 1));
            assert_eq!(picture.rgb(), expected, "{color:?} {depth:?}");
        }
    }

    /// A 3x3 gray picture with the levels 0 to 8 in Adam7 order, made by hand, because the encoder cannot interlace.
    #[test]
    fn interlaced_pictures_are_read() {
        // Passes 1, 4, 5, 6 and 7 have pixels; 2 and 3 begin beyond the third column and row.
        let mut scanlines = Vec::new();
        for pass in [&[0_u8][..], &[2], &[6, 8], &[1], &[7], &[3, 4, 5]] {
            scanlines.push(0);
            scanlines.extend_from_slice(pass);
        }
        let file = png_of(3, 3, &[8, 0, 0, 0, 1], &scanlines);
        let picture = Picture::from_png(&file).unwrap();
        let gray: Vec<u8> = picture.rgb().chunks(3).map(|pixel| pixel[0]).collect();
        assert_eq!(gray, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    }

    /// A PNG of these parts. `format` is depth, colour type, compression, filter and interlace method.
    fn png_of(width: u32, height: u32, format: &[u8; 5], scanlines: &[u8]) -> Vec<u8> {
        let mut header = Vec::new();
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend(format);
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in [
            (b"IHDR", header),
            (b"IDAT", stored(scanlines)),
            (b"IEND", Vec::new()),
        ] {
            file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
            let mut checked = kind.to_vec();
            checked.extend(data);
            file.extend(&checked);
            file.extend(crc(&checked).to_be_bytes());
        }
        file
    }

    /// A zlib stream that holds the bytes as they are.
    fn stored(data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap();
        let mut stream = vec![0x78, 1, 1];
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(data);
        let (mut a, mut b) = (1_u32, 0_u32);
        for byte in data {
            a = (a + u32::from(*byte)) % 65521;
            b = (b + a) % 65521;
        }
        stream.extend((b << 16 | a).to_be_bytes());
        stream
    }

    fn crc(data: &[u8]) -> u32 {
        let step = |crc: u32, _| {
            if crc & 1 == 1 {
                0xedb8_8320 ^ crc >> 1
            } else {
                crc >> 1
            }
        };
        !data
            .iter()
            .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
    }

    #[test]
    fn bombs_and_damage_are_named() {
        let good = encoded(2, 1, ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6]);
        let mut flipped = good.clone();
        let data = flipped.windows(4).position(|kind| kind == b"IDAT").unwrap() + 8;
        flipped[data] ^= 0xff;
        let text = |bytes: &[u8]| Picture::from_png(bytes).unwrap_err().to_string();
        let size =
            "a picture of 20000x20000; 1x1 to 8192x8192 can be used, with at most 33554432 pixels";
        assert_eq!(text(&png_of(20000, 20000, &[8, 2, 0, 0, 0], &[])), size);
        assert_eq!(
            text(&png_of(8193, 1, &[8, 2, 0, 0, 0], &[])),
            "a picture of 8193x1; 1x1 to 8192x8192 can be used, with at most 33554432 pixels"
        );
        // A header that announces more rows than follow.
        assert!(
            text(&png_of(8192, 4096, &[16, 6, 0, 0, 0], &[0; 100]))
                .starts_with("not a usable PNG: ")
        );
        assert!(
            text(&png_of(8192, 8192, &[8, 2, 0, 0, 0], &[]))
                .starts_with("a picture of 8192x8192; ")
        );
        assert!(text(&png_of(0, 5, &[8, 2, 0, 0, 0], &[])).starts_with("not a usable PNG: "));
        assert!(text(&flipped).starts_with("not a usable PNG: "));
        assert!(text(b"").starts_with("not a usable PNG: "));
        assert!(text(b"GIF89a").starts_with("not a usable PNG: "));
        assert!(
            text(b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n")
                .starts_with("a git-lfs pointer")
        );
        for length in 0..good.len() - 16 {
            assert!(
                Picture::from_png(&good[..length]).is_err(),
                "the first {length} bytes"
            );
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let rgb: Vec<u8> = (0..60 * 40 * 3).map(|i| (i * 7 % 251) as u8).collect();
        let picture = Picture::from_rgb(60, 40, rgb).unwrap();
        assert_eq!(Picture::from_png(&picture.to_png()).unwrap(), picture);
    }
}
