//! Decodes the bytes of a console into characters.

/// The characters of the bytes from 0xb0 to 0xdf in code page 437. PC firmware draws menus and progress bars with them.
const DRAWN: &str = "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀";

/// Decodes UTF-8 that may be split anywhere. Invalid bytes that firmware draws with become the characters that it
/// draws. Other invalid bytes become U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Characters {
    // The bytes of a character that is not complete.
    begun: Vec<u8>,
}

impl Characters {
    /// Decodes the next byte. Passes the characters that are complete now to `take`.
    pub(super) fn push(&mut self, byte: u8, mut take: impl FnMut(char)) {
        if !self.begun.is_empty() && byte & 0xc0 != 0x80 {
            take(self.cut_off());
        }
        if byte < 0x80 {
            return take(char::from(byte));
        }
        self.begun.push(byte);
        match std::str::from_utf8(&self.begun) {
            Ok(whole) => {
                whole.chars().for_each(&mut take);
                self.begun.clear();
            }
            // More bytes may complete it.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => take(self.cut_off()),
        }
    }

    /// Returns the replacement for a character that was not completed.
    fn cut_off(&mut self) -> char {
        let drawn = match self.begun[..] {
            [byte @ 0xb0..=0xdf] => DRAWN.chars().nth(usize::from(byte - 0xb0)),
            _ => None,
        };
        self.begun.clear();
        drawn.unwrap_or('\u{fffd}')
    }
}
