//! Splits the bytes of a telnet connection into data and commands (RFC 854), however they arrive.

/// "Interpret as command": each command begins with this byte.
pub(super) const IAC: u8 = 255;

/// Begins a subnegotiation.
pub(super) const SB: u8 = 250;

/// Ends a subnegotiation.
pub(super) const SE: u8 = 240;

/// The longest subnegotiation. One of a serial port has at most 255 bytes (its signature). Something longer is noise.
const LONGEST: usize = 512;

/// A request or an answer about an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Will,
    Wont,
    Do,
    Dont,
}

impl Verb {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            251 => Some(Self::Will),
            252 => Some(Self::Wont),
            253 => Some(Self::Do),
            254 => Some(Self::Dont),
            _ => None,
        }
    }

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Will => 251,
            Self::Wont => 252,
            Self::Do => 253,
            Self::Dont => 254,
        }
    }
}

/// A command of the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// About an option.
    Option(Verb, u8),
    /// A subnegotiation: the option, and its bytes without escapes.
    Sub(Vec<u8>),
}

/// The place in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Data,
    /// After a CR, which stands before a NUL in text mode.
    Return,
    Iac,
    Option(Verb),
    Sub,
    SubIac,
}

/// The splitter. Its memory is bounded.
#[derive(Debug)]
pub(super) struct Splitter {
    place: Place,
    sub: Vec<u8>,
}

impl Splitter {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Data,
            sub: Vec::new(),
        }
    }

    /// Takes bytes up to the end of the next command. Adds their data to `data`. Returns the number of bytes taken,
    /// and the command. In text mode, the other end sends a NUL after a CR that stands alone.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        text_mode: bool,
        data: &mut Vec<u8>,
    ) -> (usize, Option<Command>) {
        let mut at = 0;
        while at < bytes.len() {
            if self.place == Place::Data {
                // Nearly all bytes are data. They are copied at once.
                let ends = |byte: &u8| *byte == IAC || (text_mode && *byte == b'\r');
                let length = bytes[at..]
                    .iter()
                    .position(ends)
                    .unwrap_or(bytes.len() - at);
                data.extend_from_slice(&bytes[at..at + length]);
                at += length;
                if at == bytes.len() {
                    break;
                }
            }
            let command = self.byte(bytes[at], text_mode, data);
            at += 1;
            if command.is_some() {
                return (at, command);
            }
        }
        (at, None)
    }

    fn byte(&mut self, byte: u8, text_mode: bool, data: &mut Vec<u8>) -> Option<Command> {
        match (self.place, byte) {
            (Place::Return, 0) => self.place = Place::Data,
            (Place::Data | Place::Return, IAC) => self.place = Place::Iac,
            (Place::Data | Place::Return, _) => {
                data.push(byte);
                self.place = if text_mode && byte == b'\r' {
                    Place::Return
                } else {
                    Place::Data
                };
            }
            (Place::Iac, IAC) => {
                data.push(IAC);
                self.place = Place::Data;
            }
            (Place::Iac, SB) => {
                self.sub.clear();
                self.place = Place::Sub;
            }
            // The other commands (break, are you there, go ahead) have no meaning for a serial line.
            (Place::Iac, _) => self.place = Verb::of(byte).map_or(Place::Data, Place::Option),
            (Place::Option(verb), _) => {
                self.place = Place::Data;
                return Some(Command::Option(verb, byte));
            }
            (Place::Sub, IAC) => self.place = Place::SubIac,
            (Place::Sub, _) => self.keep(byte),
            (Place::SubIac, SE) => {
                self.place = Place::Data;
                return Some(Command::Sub(std::mem::take(&mut self.sub)));
            }
            (Place::SubIac, IAC) => {
                self.place = Place::Sub;
                self.keep(IAC);
            }
            // Its end was lost: this is the next command.
            (Place::SubIac, _) => {
                self.place = Place::Iac;
                return self.byte(byte, text_mode, data);
            }
        }
        None
    }

    /// Keeps a byte of a subnegotiation. One that does not end is given up: a board may send anything through a port
    /// that does not speak telnet.
    fn keep(&mut self, byte: u8) {
        if self.sub.len() == LONGEST {
            self.sub = Vec::new();
            self.place = Place::Data;
        } else {
            self.sub.push(byte);
        }
    }
}

/// Adds data as it is sent: with each IAC twice. In text mode, a CR is followed by a NUL.
pub(super) fn escape(data: &[u8], text_mode: bool, out: &mut Vec<u8>) {
    for &byte in data {
        out.push(byte);
        match byte {
            IAC => out.push(IAC),
            b'\r' if text_mode => out.push(0),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Splits a stream that arrives in these chunks.
    fn split<'a>(
        chunks: impl IntoIterator<Item = &'a [u8]>,
        text_mode: bool,
    ) -> (Vec<u8>, Vec<Command>) {
        let (mut splitter, mut data, mut commands) = (Splitter::new(), Vec::new(), Vec::new());
        for mut chunk in chunks {
            while !chunk.is_empty() {
                let (taken, command) = splitter.take(chunk, text_mode, &mut data);
                assert!(taken > 0);
                chunk = &chunk[taken..];
                commands.extend(command);
            }
            assert!(splitter.sub.len() <= LONGEST);
        }
        (data, commands)
    }

    #[test]
    fn data_and_commands_are_told_apart() {
        let rows: [(&[u8], &[u8], &[Command]); 7] = [
            (b"U-Boot", b"U-Boot", &[]),
            (b"a\xff\xffb", b"a\xffb", &[]),
            (b"a\xff\xfb\x2cb", b"ab", &[Command::Option(Verb::Will, 44)]),
            (
                b"\xff\xfa\x2c\x65\x00\x00\xff\xff\x00\xff\xf0x",
                b"x",
                &[Command::Sub(vec![44, 101, 0, 0, 255, 0])],
            ),
            // Commands without meaning here.
            (b"a\xff\xf9b\xff\xf1c", b"abc", &[]),
            // A subnegotiation whose end was lost.
            (
                b"\xff\xfa\x2c\xff\xfd\x00y",
                b"y",
                &[Command::Option(Verb::Do, 0)],
            ),
            (b"a\r\nb\rc", b"a\r\nb\rc", &[]),
        ];
        for (bytes, data, commands) in rows {
            assert_eq!(
                split([bytes], false),
                (data.to_vec(), commands.to_vec()),
                "{bytes:?}"
            );
        }
        assert_eq!(split([&b"a\r\x00b\r\nc\r"[..]], true).0, b"a\rb\r\nc\r");
    }

    #[test]
    fn a_subnegotiation_without_end_does_not_swallow_the_line() {
        let mut bytes = b"\xff\xfa".to_vec();
        bytes.extend([b'x'; LONGEST + 1]);
        bytes.extend(b"U-Boot");
        assert_eq!(split([&bytes[..]], false), (b"U-Boot".to_vec(), Vec::new()));
    }

    /// Bytes that are often commands.
    fn stream() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![
            3 => Just(IAC),
            1 => Just(SB),
            1 => Just(SE),
            1 => 251..=254_u8,
            1 => Just(b'\r'),
            1 => Just(0),
            2 => any::<u8>(),
        ];
        proptest::collection::vec(byte, 0..200)
    }

    proptest! {
        #[test]
        fn any_splitting_gives_the_same(bytes in stream(), size in 1..9_usize, text_mode: bool) {
            let whole = split([&bytes[..]], text_mode);
            prop_assert_eq!(split(bytes.chunks(size), text_mode), whole.clone());
            prop_assert!(whole.0.len() <= bytes.len());
        }

        #[test]
        fn escaped_data_comes_back(data: Vec<u8>, text_mode: bool) {
            let mut sent = Vec::new();
            escape(&data, text_mode, &mut sent);
            prop_assert_eq!(split([&sent[..]], text_mode), (data, Vec::new()));
        }
    }
}
