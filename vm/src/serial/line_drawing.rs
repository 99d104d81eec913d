//! The line-drawing characters of DEC terminals.

/// The characters that replace those from `` ` `` to `~` in the set "special graphics".
const GRAPHICS: &str = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

/// A character set that a guest has chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Charset {
    /// Plain characters.
    #[default]
    Plain,
    /// Special graphics.
    Graphics,
}

impl Charset {
    /// Returns the character that a terminal shows.
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
