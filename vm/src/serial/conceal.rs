//! Hides secrets that a guest shows.
//!
//! A console echoes what is typed, even a password by mistake. A secret is found as it was sent, and also if its echo
//! is interrupted: by escape sequences, by a line end, by erased text, by a kernel message. If the console ends within
//! a secret, its beginning is hidden as well once most of it is there.

/// The text that replaces a secret.
const MASK: &[u8] = "•••".as_bytes();

/// The shortest secret. A shorter text would be found everywhere, and would hide everything.
const SHORTEST: usize = 3;

/// The longest text that may interrupt an echo.
const LONGEST_CUT: usize = 1024;

/// The secrets to hide.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets(Vec<Vec<u8>>);

/// The answer to whether a text begins with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    /// It does, and this is the length in bytes.
    Is(usize),
    /// It does not.
    IsNot,
    /// More bytes will tell. This many bytes of the secret are there, up to the end of the text.
    MayBe(usize),
}

impl Secrets {
    /// Adds the lines of a text.
    pub(super) fn add(&mut self, text: &str) {
        for line in text.split(char::is_control) {
            let line = line.trim().as_bytes();
            if line.len() >= SHORTEST && !self.0.iter().any(|known| known == line) {
                self.0.push(line.to_owned());
            }
        }
        // Of two secrets with the same beginning, the longer one is tried first.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Returns the text without secrets.
    pub(super) fn mask(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let mut masked = Vec::with_capacity(text.len());
        let mut held = text.as_bytes().to_vec();
        self.pass(&mut held, true, &mut masked);
        String::from_utf8_lossy(&masked).into_owned()
    }

    /// Moves text to `out` that is known to be no secret, or is masked. The rest stays in `held`. At the end nothing
    /// stays.
    fn pass(&self, held: &mut Vec<u8>, is_end: bool, out: &mut Vec<u8>) {
        let mut at = 0;
        'bytes: while at < held.len() {
            let mut is_begun = false;
            for secret in &self.0 {
                match compare(secret, &held[at..]) {
                    Compared::Is(length) => {
                        out.extend(MASK);
                        at += length;
                        continue 'bytes;
                    }
                    Compared::MayBe(_) if !is_end => break 'bytes,
                    Compared::MayBe(begun) => is_begun |= is_telling(begun, secret.len()),
                    Compared::IsNot => {}
                }
            }
            if is_begun {
                out.extend(MASK);
                at = held.len();
                break;
            }
            out.push(held[at]);
            at += 1;
        }
        held.drain(..at);
    }
}

/// Returns true if the first bytes of a secret must be hidden like all of it: most of it is there.
fn is_telling(begun: usize, all: usize) -> bool {
    const FEWEST: usize = 4;
    begun >= FEWEST && 5 * begun >= 3 * all
}

fn compare(secret: &[u8], text: &[u8]) -> Compared {
    let mut at = 0;
    for (index, byte) in secret.iter().enumerate() {
        loop {
            let Some(next) = text.get(at) else {
                return Compared::MayBe(index);
            };
            if next == byte {
                at += 1;
                break;
            }
            // Nothing interrupts it before it begins.
            let cut = if index == 0 {
                Some(0)
            } else {
                cut(&text[at..])
            };
            match cut {
                Some(0) => return Compared::IsNot,
                Some(length) => at += length,
                None if text.len() > LONGEST_CUT => return Compared::IsNot,
                None => return Compared::MayBe(0),
            }
        }
    }
    Compared::Is(at)
}

/// Returns the length of the text that may interrupt an echo here. None if more bytes will tell.
fn cut(text: &[u8]) -> Option<usize> {
    match *text {
        [b'\r' | b'\n' | 0x08 | 0x07 | 0, ..] => Some(1),
        // A blank that wraps a line, or erased text.
        [b' ', b'\r', ..] | [_, 0x08, ..] => Some(2),
        [_] => None,
        [0x1b, b'[', ref rest @ ..] => {
            let end = rest.iter().position(|byte| (0x40..=0x7e).contains(byte));
            end.map(|end| end + 3)
        }
        [0x1b, ..] => Some(2),
        [b'[', ref rest @ ..] => {
            kernel_message(rest).map(|length| if length == 0 { 0 } else { length + 1 })
        }
        _ => Some(0),
    }
}

/// Returns the length of the rest of a kernel message, behind its first byte.
fn kernel_message(text: &[u8]) -> Option<usize> {
    let is_stamp = |byte: &u8| matches!(byte, b' ' | b'.' | b'0'..=b'9');
    match text.iter().position(|byte| !is_stamp(byte)) {
        None => None,
        Some(end) if end > 0 && text[end] == b']' => {
            let line_end = text.iter().position(|&byte| byte == b'\n');
            line_end.map(|end| end + 1)
        }
        Some(_) => Some(0),
    }
}

/// Masks a stream of bytes, so that a log never has a secret.
#[derive(Debug, Default)]
pub(super) struct Masking {
    held: Vec<u8>,
}

impl Masking {
    /// Returns the bytes that may be written now.
    pub(super) fn pass(&mut self, secrets: &Secrets, bytes: &[u8]) -> Vec<u8> {
        self.held.extend(bytes);
        let mut out = Vec::with_capacity(self.held.len());
        secrets.pass(&mut self.held, false, &mut out);
        out
    }

    /// Returns the bytes that are left at the end.
    pub(super) fn end(&mut self, secrets: &Secrets) -> Vec<u8> {
        let mut out = Vec::new();
        secrets.pass(&mut self.held, true, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secrets(all: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        all.iter().for_each(|secret| secrets.add(secret));
        secrets
    }

    #[test]
    fn secrets_are_masked_also_where_they_are_broken() {
        let rows = [
            ("password: hunter2\r\n$ ", "password: •••\r\n$ "),
            ("hunhunter2", "hun•••"),
            ("hunt\r\ner2 hunt", "••• hunt"),
            ("hu\x1b[1;32mnter\x1b[0m2\x1b[0m", "•••\x1b[0m"),
            ("hun[   12.345678] usb 1-1: new\r\nter2", "•••"),
            ("hunt \rer2", "•••"),
            ("hun[ter2", "hun[ter2"),
            ("hunx\x08 \x08ter2 x", "••• x"),
            ("hun\x00ter\x00\x002", "•••"),
            ("$ hunte", "$ •••"),
            ("$ hunteX", "$ hunteX"),
            ("$ hunt", "$ hunt"),
            ("hunter21", "•••"),
            ("h\u{fffd}nter2 ünter2", "h\u{fffd}nter2 ünter2"),
        ];
        let secrets = secrets(&["hunter2\n", "hunter21", "ab"]);
        for (text, expected) in rows {
            assert_eq!(secrets.mask(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_log_is_the_same_for_any_chunks(text in "[hunter2 \r\n\x08\x1b\\[m.\\]x]{0,60}", at in 0..60_usize) {
            let secrets = secrets(&["hunter2", "unt"]);
            let (one, two) = text.split_at(at.min(text.len()));
            let mut log = Masking::default();
            let mut written = log.pass(&secrets, one.as_bytes());
            written.extend(log.pass(&secrets, two.as_bytes()));
            written.extend(log.end(&secrets));
            let written = String::from_utf8(written).unwrap();
            prop_assert!(!written.contains("hunter2"));
            prop_assert_eq!(written, secrets.mask(&text));
        }
    }
}
