//! Pictures inline in the terminal: the screen of a scenario that did not hold, small, below its lines.
//!
//! The way in which a terminal draws is known from the environment alone. No terminal is asked, so nothing waits for
//! an answer that never comes.

mod iterm;
mod kitty;
mod protocol;
mod sixel;

use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat};

use super::size::Size;

pub(crate) use protocol::Protocol;

/// The most columns that a picture takes.
const MOST_COLUMNS: u32 = 40;

/// The pixels of a column, if the terminal does not tell them.
const COLUMN_PIXELS: u32 = 10;

/// The size in bytes of the largest file that is shown. Screens are much smaller.
const LARGEST: u64 = 64 << 20;

/// Returns the characters that draw the picture of a PNG file, with a line end. None if it cannot be read: its path is
/// printed in any case.
pub(super) fn drawn(protocol: Protocol, file: &Path, size: Size) -> Option<String> {
    let about = fs::metadata(file).ok()?;
    if !about.is_file() || about.len() > LARGEST {
        return None;
    }
    let bytes = fs::read(file).ok()?;
    let picture = image::load_from_memory_with_format(&bytes, ImageFormat::Png).ok()?;
    encoded(protocol, &picture, size)
}

fn encoded(protocol: Protocol, picture: &DynamicImage, size: Size) -> Option<String> {
    let free = u32::try_from(size.columns.saturating_sub(4)).unwrap_or(MOST_COLUMNS);
    let column = size.column_pixels.unwrap_or(COLUMN_PIXELS);
    let widest = free.clamp(1, MOST_COLUMNS) * column;
    // Higher than wide, a picture would push everything else off the screen.
    let small = shrunk(picture, widest, widest * 3 / 4);
    let columns = small.width().div_ceil(column);
    let text = match protocol {
        Protocol::Kitty => kitty::encoded(&png(&small)?, columns),
        Protocol::Iterm => iterm::encoded(&png(&small)?, columns),
        Protocol::Sixel => sixel::encoded(&small.to_rgba8()),
    };
    Some(format!("{text}\n"))
}

/// Returns the picture in at most these pixels. A small one stays as it is.
fn shrunk(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    match picture.width() > width || picture.height() > height {
        true => picture.thumbnail(width, height),
        false => picture.clone(),
    }
}

fn png(picture: &DynamicImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    // Transparent pixels and 16 bits of a colour are of no use here.
    let rgb = DynamicImage::ImageRgb8(picture.to_rgb8());
    rgb.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgb8(image::RgbImage::from_pixel(
            width,
            height,
            image::Rgb([200, 100, 50]),
        ))
    }

    #[test]
    fn a_picture_is_small_and_keeps_its_shape() {
        let size = |picture: DynamicImage| (picture.width(), picture.height());
        assert_eq!(size(shrunk(&picture(1024, 768), 400, 300)), (400, 300));
        assert_eq!(size(shrunk(&picture(1080, 2400), 400, 300)), (135, 300));
        assert_eq!(size(shrunk(&picture(96, 64), 400, 300)), (96, 64));
    }

    #[test]
    fn a_narrow_terminal_gets_a_narrow_picture() {
        let narrow = Size {
            columns: 24,
            ..Size::STANDARD
        };
        let text = encoded(Protocol::Kitty, &picture(1024, 768), narrow).unwrap();
        assert!(text.contains("c=20,"), "{text:?}");
        let wide = encoded(Protocol::Kitty, &picture(1024, 768), Size::STANDARD).unwrap();
        assert!(wide.contains("c=40,"), "{wide:?}");
    }

    #[test]
    fn a_file_that_is_no_picture_draws_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.png");
        for protocol in [Protocol::Kitty, Protocol::Iterm, Protocol::Sixel] {
            assert_eq!(drawn(protocol, &file, Size::STANDARD), None);
            assert_eq!(drawn(protocol, folder.path(), Size::STANDARD), None);
        }
        fs::write(&file, "\x1b[2J").unwrap();
        assert_eq!(drawn(Protocol::Kitty, &file, Size::STANDARD), None);
        picture(8, 8).save(&file).unwrap();
        let shown = drawn(Protocol::Sixel, &file, Size::STANDARD).unwrap();
        assert!(shown.starts_with("\x1bPq") && shown.ends_with("\x1b\\\n"));
    }
}
