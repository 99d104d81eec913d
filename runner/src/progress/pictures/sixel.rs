//! Sixel: bands of six rows of pixels, each drawn once for each of its colours.
//!
//! Source: the VT330/VT340 Programmer Reference Manual, chapter 14, "Graphics programming". A terminal may have 256
//! colours at once, so the nearest ones are found first.

use color_quant::NeuQuant;
use image::RgbaImage;

/// The number of colours.
const COLOURS: usize = 256;

/// About so many pixels are looked at when colours are chosen.
const SAMPLED: u32 = 30_000;

/// The rows of a band.
const BAND: u32 = 6;

/// Returns the characters that draw a picture, pixel by pixel.
pub(super) fn encoded(picture: &RgbaImage) -> String {
    let (width, height) = picture.dimensions();
    let every = (width.saturating_mul(height) / SAMPLED).clamp(1, 30);
    let every = i32::try_from(every).unwrap_or(30);
    let colours = NeuQuant::new(every, COLOURS, picture.as_raw());
    let mut text = format!("\x1bPq\"1;1;{width};{height}");
    for (number, rgb) in (0..).zip(colours.color_map_rgb().chunks_exact(3)) {
        let percent = |value: u8| (u32::from(value) * 100 + 127) / 255;
        let [red, green, blue] = [rgb[0], rgb[1], rgb[2]].map(percent);
        text.push_str(&format!("#{number};2;{red};{green};{blue}"));
    }
    for top in (0..height).step_by(BAND as usize) {
        if top > 0 {
            text.push('-');
        }
        band(&mut text, picture, &colours, top);
    }
    text.push_str("\x1b\\");
    text
}

/// Appends a band. Bit `n` of a column stands for row `n` of the band.
fn band(text: &mut String, picture: &RgbaImage, colours: &NeuQuant, top: u32) {
    let (width, height) = picture.dimensions();
    let mut columns: Vec<Option<Vec<u8>>> = vec![None; COLOURS];
    for row in top..height.min(top + BAND) {
        for column in 0..width {
            let colour = colours.index_of(&picture.get_pixel(column, row).0);
            let empty = || vec![0; width as usize];
            let of_colour = columns[colour].get_or_insert_with(empty);
            of_colour[column as usize] |= 1 << (row - top);
        }
    }
    let used = (0..)
        .zip(columns)
        .filter_map(|(number, columns)| Some((number, columns?)));
    for (place, (number, columns)) in used.enumerate() {
        if place > 0 {
            text.push('$');
        }
        let number: u32 = number;
        text.push_str(&format!("#{number}"));
        for equal in columns.chunk_by(|one, other| one == other) {
            let sign = char::from(b'?' + equal[0]);
            match equal.len() {
                length @ 0..=3 => text.extend(std::iter::repeat_n(sign, length)),
                length => text.push_str(&format!("!{length}{sign}")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_of_one_colour_are_one_run() {
        let red = RgbaImage::from_pixel(40, 7, image::Rgba([255, 0, 0, 255]));
        let text = encoded(&red);
        assert!(text.starts_with("\x1bPq\"1;1;40;7#0;2;"), "{text:?}");
        // All six rows, then the seventh by itself.
        let bands = text
            .rsplit_once(";0;0")
            .map_or(text.as_str(), |(_, rest)| rest);
        let drawn: String = bands.chars().skip_while(|c| *c != '!').collect();
        assert!(drawn.starts_with("!40~-#"), "{drawn:?}");
        assert!(drawn.ends_with("!40@\x1b\\"), "{drawn:?}");
    }

    #[test]
    fn every_pixel_is_drawn_once_in_nearly_its_colour() {
        let picture = RgbaImage::from_fn(48, 20, |x, y| {
            image::Rgba([(x * 5) as u8, (y * 12) as u8, 128, 255])
        });
        let shown = decoded(&encoded(&picture), 48, 20);
        for (x, y, pixel) in picture.enumerate_pixels() {
            let shown = shown[(y * 48 + x) as usize].expect("each pixel is drawn");
            for (shown, wanted) in shown.into_iter().zip(pixel.0) {
                assert!(shown.abs_diff(u32::from(wanted)) < 48, "{x},{y}");
            }
        }
    }

    /// Draws sixels as a terminal does.
    fn decoded(text: &str, width: usize, height: usize) -> Vec<Option<[u32; 3]>> {
        let body = text.strip_prefix("\x1bPq").unwrap();
        let body = body.strip_suffix("\x1b\\").unwrap();
        let mut shown = vec![None; width * height];
        let mut palette = std::collections::HashMap::new();
        let (mut x, mut top, mut colour) = (0, 0, 0);
        let mut rest = body;
        while let Some(sign) = rest.chars().next() {
            rest = &rest[1..];
            let digits = |rest: &mut &str| -> Vec<u32> {
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';');
                let (numbers, after) = rest.split_at(end.unwrap_or(rest.len()));
                *rest = after;
                numbers.split(';').map(|n| n.parse().unwrap()).collect()
            };
            let (sign, count) = match sign {
                '"' => {
                    digits(&mut rest);
                    continue;
                }
                '#' => {
                    let numbers = digits(&mut rest);
                    colour = numbers[0];
                    if let [_, 2, red, green, blue] = numbers[..] {
                        palette.insert(colour, [red, green, blue].map(|part| part * 255 / 100));
                    }
                    continue;
                }
                '$' => {
                    x = 0;
                    continue;
                }
                '-' => {
                    (x, top) = (0, top + 6);
                    continue;
                }
                '!' => {
                    let count = digits(&mut rest)[0];
                    let sign = rest.chars().next().unwrap();
                    rest = &rest[1..];
                    (sign, count)
                }
                sign => (sign, 1),
            };
            for _ in 0..count {
                let bits = sign as u8 - b'?';
                for row in (0..6).filter(|row| bits & (1 << row) != 0) {
                    let place: &mut Option<[u32; 3]> = &mut shown[(top + row) * width + x];
                    assert!(place.is_none(), "{x},{} is drawn twice", top + row);
                    *place = Some(palette[&colour]);
                }
                x += 1;
            }
        }
        shown
    }
}
