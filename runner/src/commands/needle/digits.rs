//! Draws numbers as rectangles, for scores in pictures. So no font is needed.

use needles::Rect;

/// The width and height of a dot of a digit, in pixels.
const DOT: u32 = 3;

/// Pixels from one digit to the next.
const STEP: i32 = 4 * DOT as i32;

/// Height of a number in pixels.
pub(super) const HEIGHT: u32 = 5 * DOT;

/// The dots of the digits 0 to 9: five rows of three bits.
const DIGITS: [[u8; 5]; 10] = [
    [0b111, 0b101, 0b101, 0b101, 0b111],
    [0b010, 0b110, 0b010, 0b010, 0b111],
    [0b111, 0b001, 0b111, 0b100, 0b111],
    [0b111, 0b001, 0b111, 0b001, 0b111],
    [0b101, 0b101, 0b111, 0b001, 0b001],
    [0b111, 0b100, 0b111, 0b001, 0b111],
    [0b111, 0b100, 0b111, 0b101, 0b111],
    [0b111, 0b001, 0b010, 0b010, 0b010],
    [0b111, 0b101, 0b111, 0b101, 0b111],
    [0b111, 0b101, 0b111, 0b001, 0b111],
];

/// Returns the dots of a number at this place. Characters other than digits and points are blank.
pub(super) fn dots(text: &str, x: i32, y: i32) -> Vec<Rect> {
    let mut dots = Vec::new();
    for (index, character) in text.chars().enumerate() {
        let left = x + index as i32 * STEP;
        let rows = match character.to_digit(10) {
            Some(digit) => DIGITS[digit as usize],
            None if character == '.' => [0, 0, 0, 0, 0b010],
            None => [0; 5],
        };
        for (row, bits) in rows.into_iter().enumerate() {
            for column in (0..3).filter(|column| bits & (0b100 >> column) != 0) {
                let (dx, dy) = (column * DOT as i32, row as i32 * DOT as i32);
                dots.push(Rect::new(left + dx, y + dy, DOT, DOT));
            }
        }
    }
    dots
}

/// Returns the background of a number with this many characters, one dot larger on all sides.
pub(super) fn ground(characters: usize, x: i32, y: i32) -> Rect {
    let edge = DOT as i32;
    let width = characters as u32 * STEP as u32 + DOT;
    Rect::new(x - edge, y - edge, width, HEIGHT + 2 * DOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_dots_on_its_ground() {
        let dots = dots("0.97", 10, 20);
        assert_eq!(dots.len(), 12 + 1 + 12 + 7);
        let ground = ground(4, 10, 20);
        assert!(
            dots.iter()
                .all(|dot| ground.intersection(dot) == Some(*dot))
        );
    }
}
