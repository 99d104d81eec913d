//! Recognizes the pictures that QEMU draws itself while the guest shows none: a sentence in the middle of a black
//! surface.

use crate::screen::{Picture, Placeholder};

/// The size of a character of QEMU's own font, in pixels.
const CELL: (usize, usize) = (8, 16);

/// The grey of QEMU's text on black.
const INK: [u8; 3] = [170; 3];

/// Returns the fingerprint of the sentence's pixels, row after row. Captured from QEMU 7.2 and 10.0. Every display
/// device draws the same.
const fn fingerprint(placeholder: Placeholder) -> u64 {
    match placeholder {
        Placeholder::NotInitialized => 0x66ce_b132_7382_aab3,
        Placeholder::NotActive => 0x6538_eb33_04bd_b8f5,
    }
}

/// Recognizes such a picture exactly: the sentence in QEMU's place, and black everywhere else. Other pictures are
/// recognized by their first pixels that are not black.
pub(super) fn drawn_by_qemu(picture: Picture<'_>) -> Option<Placeholder> {
    let mut all = Placeholder::ALL.into_iter();
    all.find(|placeholder| is_drawn_on(*placeholder, picture))
}

fn is_drawn_on(placeholder: Placeholder, picture: Picture<'_>) -> bool {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let text = placeholder.sentence().len();
    let (columns, lines) = (width / CELL.0, height / CELL.1);
    if columns < text || lines == 0 {
        return false;
    }
    let left = (columns - text) / 2 * CELL.0;
    let top = (lines - 1) / 2 * CELL.1;
    let mut fingerprint = Fingerprint::default();
    for (y, row) in picture.rgb.chunks_exact(width * 3).enumerate() {
        let (before, line) = row.split_at(left * 3);
        let (line, after) = line.split_at(text * CELL.0 * 3);
        if !is_black(before) || !is_black(after) {
            return false;
        }
        if !(top..top + CELL.1).contains(&y) {
            if !is_black(line) {
                return false;
            }
            continue;
        }
        for pixel in line.chunks_exact(3) {
            if pixel != INK && pixel != [0; 3] {
                return false;
            }
            fingerprint.add(pixel == INK);
        }
    }
    fingerprint.0 == self::fingerprint(placeholder)
}

fn is_black(pixels: &[u8]) -> bool {
    pixels.iter().all(|&value| value == 0)
}

/// Computes FNV-1a over pixels that are lit or not.
struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    fn add(&mut self, is_lit: bool) {
        self.0 = (self.0 ^ u64::from(is_lit)).wrapping_mul(0x0100_0000_01b3);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOT_INITIALIZED: &str = include_str!("../../../tests/placeholders/not-initialized.txt");
    const NOT_ACTIVE: &str = include_str!("../../../tests/placeholders/not-active.txt");

    /// Returns a sentence on black, with its upper left corner at a place.
    fn drawn(text: &str, width: usize, height: usize, left: usize, top: usize) -> Vec<u8> {
        let mut rgb = vec![0; width * height * 3];
        for (y, row) in text.lines().enumerate() {
            for (x, pixel) in row.bytes().enumerate() {
                if pixel == b'#' {
                    let place = ((top + y) * width + left + x) * 3;
                    rgb[place..place + 3].copy_from_slice(&INK);
                }
            }
        }
        rgb
    }

    fn recognized(rgb: &[u8], width: u32) -> Option<Placeholder> {
        let height = u32::try_from(rgb.len()).unwrap() / 3 / width;
        drawn_by_qemu(Picture { width, height, rgb })
    }

    #[test]
    fn both_pictures_are_recognized_as_they_were_captured() {
        // The places are those of captures of QEMU 7.2: a new machine, and a guest that left its mode of 1280x800.
        let new = drawn(NOT_INITIALIZED, 640, 480, 144, 224);
        assert_eq!(recognized(&new, 640), Some(Placeholder::NotInitialized));
        let off = drawn(NOT_ACTIVE, 1280, 800, 520, 384);
        assert_eq!(recognized(&off, 1280), Some(Placeholder::NotActive));
        let text_mode = drawn(NOT_ACTIVE, 720, 400, 240, 192);
        assert_eq!(recognized(&text_mode, 720), Some(Placeholder::NotActive));
    }

    #[test]
    fn what_only_looks_like_it_is_a_picture_of_the_guest() {
        let exact = drawn(NOT_INITIALIZED, 640, 480, 144, 224);
        for place in [0, 640 * 3 * 230 + 150 * 3, exact.len() - 1] {
            let mut other = exact.clone();
            other[place] ^= 1;
            assert_eq!(recognized(&other, 640), None, "{place}");
        }
        let elsewhere = drawn(NOT_INITIALIZED, 640, 480, 145, 224);
        assert_eq!(recognized(&elsewhere, 640), None);
        let in_white: Vec<u8> = exact
            .iter()
            .map(|&v| if v == 0 { 0 } else { 255 })
            .collect();
        assert_eq!(recognized(&in_white, 640), None);
    }

    #[test]
    fn a_blank_screen_of_any_colour_and_size_is_a_picture_of_the_guest() {
        for colour in [0, 170, 255] {
            for (width, height) in [(640, 480), (1280, 800), (1, 1), (8, 16)] {
                let blank = vec![colour; width as usize * height * 3];
                assert_eq!(recognized(&blank, width), None, "{colour} {width}x{height}");
            }
        }
    }
}
