//! The characters with which a terminal of DEC draws lines.

/// The characters in place of those from `` ` `` to `~` in the set "special graphics".
const GRAPHICS: &str = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

/// A set of characters that a guest has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Charset {
    /// As they are.
    #[default]
    Plain,
    /// Special graphics.
    Graphics,
}

impl Charset {
    /// The character that a terminal shows.
    pub(super) fn shown(self, character: char) -> char {
        match (self, character) {
            (Self::Graphics, '`'..='~') => {
                let index = u32::from(character) - u32::from('`');
                GRAPHICS.chars().nth(index as usize).unwrap_or(character)
            }
            (Self::Graphics, '_') => ' ',
            (Self::Graphics | Self::Plain, _) => character,
        }
    }
}
