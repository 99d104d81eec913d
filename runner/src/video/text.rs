//! Text on a canvas, in the letters of GNU Unifont, which has those of nearly all languages. A character that it lacks
//! is an empty box.

use unifont::get_glyph;

use super::canvas::{Canvas, Ink};

/// The height of a letter in pixels, before it is enlarged.
pub(super) const HEIGHT: u32 = 16;

/// The width of most letters in pixels, before it is enlarged.
const NARROW: u32 = 8;

/// The mark of a text that was cut.
const CUT: char = '…';

/// Draws a text on one line, enlarged by `scale`.
pub(super) fn draw(canvas: &mut Canvas, [x, y]: [i64; 2], text: &str, scale: u32, ink: Ink) {
    let mut left = x;
    for c in text.chars() {
        for (column, row) in pixels(c) {
            let place = [left + i64::from(column * scale), y + i64::from(row * scale)];
            canvas.fill(place, [scale, scale], ink);
        }
        left += i64::from(width_of(c) * scale);
    }
}

/// Returns the width of a text in pixels, before it is enlarged.
pub(super) fn width(text: &str) -> u32 {
    text.chars()
        .fold(0, |sum, c| sum.saturating_add(width_of(c)))
}

fn width_of(c: char) -> u32 {
    match get_glyph(c) {
        Some(glyph) if glyph.is_fullwidth() => 2 * NARROW,
        Some(_) | None => NARROW,
    }
}

fn pixels(c: char) -> Vec<(u32, u32)> {
    let glyph = get_glyph(c);
    let is_set = |x: u32, y: u32| match glyph {
        Some(glyph) => glyph.get_pixel(x as usize, y as usize),
        None => is_of_box(x, y),
    };
    let all = (0..HEIGHT).flat_map(|y| (0..2 * NARROW).map(move |x| (x, y)));
    all.filter(|&(x, y)| is_set(x, y)).collect()
}

/// Returns true if a pixel belongs to the box that stands for a character without a letter.
fn is_of_box(x: u32, y: u32) -> bool {
    let (inside_x, inside_y) = ((1..7).contains(&x), (2..14).contains(&y));
    let on_edge = matches!(x, 1 | 6) || matches!(y, 2 | 13);
    inside_x && inside_y && on_edge
}

/// Returns a text as at most `most` lines of at most `room` pixels, before they are enlarged. It is parted at spaces,
/// and within a word that is too long. What does not fit is cut, and marked.
pub(super) fn wrap(text: &str, room: u32, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && lines.len() < most {
        let fits = fitting(rest, room);
        if fits == rest.len() {
            lines.push(rest.to_owned());
            return lines;
        }
        if lines.len() + 1 == most {
            let mut last = rest[..fitting(rest, room.saturating_sub(width_of(CUT)))].to_owned();
            last.push(CUT);
            lines.push(last);
            return lines;
        }
        let space = rest[..fits].rfind(' ').filter(|at| *at > 0);
        let (line, after) = rest.split_at(space.unwrap_or(fits));
        lines.push(line.trim_end().to_owned());
        rest = after.trim_start();
    }
    lines
}

/// Returns the number of bytes at the beginning of a text that fit: at least one character.
fn fitting(text: &str, room: u32) -> usize {
    let mut used = 0_u32;
    for (at, c) in text.char_indices() {
        used = used.saturating_add(width_of(c));
        if used > room && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn long_texts_are_parted_at_spaces_and_cut_at_the_end() {
        for (text, lines) in [
            ("", vec![]),
            ("one", vec!["one"]),
            ("one two three", vec!["one two", "three"]),
            ("abcdefghijkl", vec!["abcdefgh", "ijkl"]),
            ("one two three four five", vec!["one two", "three f…"]),
            ("日本語のログイン", vec!["日本語の", "ログイン"]),
        ] {
            assert_eq!(wrap(text, 8 * NARROW, 2), lines, "{text}");
        }
    }

    #[test]
    fn every_character_has_a_shape() {
        for c in ['a', '•', '✓', 'д', '語', '\u{10FFFD}'] {
            assert!(!pixels(c).is_empty(), "{c}");
        }
        assert_eq!(pixels('\u{10FFFD}').len(), 32);
    }

    proptest! {
        #[test]
        fn any_text_is_drawn_on_any_canvas(
            text in any::<String>(), x in -50_i64..50, y in -50_i64..50, scale in 1_u32..4
        ) {
            let mut canvas = Canvas::new(40, 20, [0, 0, 0]);
            draw(&mut canvas, [x, y], &text, scale, [255, 255, 255]);
            for line in wrap(&text, 100, 3) {
                // One character may be wider than the room.
                prop_assert!(width(&line) <= 100 || line.chars().count() <= 2);
            }
            prop_assert!(wrap(&text, 0, 2).len() <= 2);
        }
    }
}
