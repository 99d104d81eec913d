//! Bytes of a console as characters, however they arrive.

/// The characters of the bytes from 0xb0 to 0xdf in code page 437, in which PC firmware draws menus and progress bars.
const DRAWN: &str = "░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀";

/// Decodes UTF-8 that is split anywhere. Of bytes that are none, those with which firmware draws become what
/// it draws, others U+FFFD.
#[derive(Debug, Default)]
pub(super) struct Characters {
    // The bytes of a character that has not ended.
    begun: Vec<u8>,
}

impl Characters {
    /// Takes the next byte; `take` gets the characters that are whole now.
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
            // More bytes may make it whole.
            Err(error) if error.error_len().is_none() => {}
            Err(_) => take(self.cut_off()),
        }
    }

    /// Returns the replacement for a character that has begun and does not go on.
    fn cut_off(&mut self) -> char {
        let drawn = match self.begun[..] {
            [byte @ 0xb0..=0xdf] => DRAWN.chars().nth(usize::from(byte - 0xb0)),
            _ => None,
        };
        self.begun.clear();
        drawn.unwrap_or('\u{fffd}')
    }
}
