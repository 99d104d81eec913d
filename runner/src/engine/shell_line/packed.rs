//! Unpacks the output of a command from the lines of text that the guest sends, and verifies its checksum.

use std::collections::BTreeMap;

use vm::{GuestExit, GuestOutput, Output, Relay};

use crate::cksum::cksum;

/// The number of bytes of each end of a stream that the guest sends, if the stream is longer than twice this number.
const END: usize = 64 << 10;

/// The lines of a packed output, over all transfers: a line that was broken in one may be whole in the next one. Each
/// line comes as `NUMBER<TEXT>NUMBER`; all but the last have the same length.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    /// The texts with which each line came, the newest last.
    lines: BTreeMap<usize, Vec<Vec<u8>>>,
    /// The number of lines that have arrived whole.
    whole: usize,
}

impl Arrived {
    /// Takes the lines of a transfer. `summary` is the line with format, status, sizes and checksum. Returns the output
    /// of the command; none if it must be sent again.
    pub(super) fn take(
        &mut self,
        lines: &str,
        summary: &str,
        relay: &Relay,
    ) -> Option<GuestOutput> {
        for (number, text) in numbered(lines) {
            let texts = self.lines.entry(number).or_default();
            texts.retain(|known| *known != text);
            texts.push(text);
        }
        let summary = Summary::read(summary)?;
        let width = self.usual_length()?;
        let mut packed = Vec::new();
        self.whole = 0;
        let mut is_whole = true;
        for number in 1..=summary.packed_length().div_ceil(width) {
            let length = (summary.packed_length() - width * (number - 1)).min(width);
            let texts = self.lines.get(&number).map_or(&[][..], Vec::as_slice);
            match texts.iter().rfind(|text| text.len() == length) {
                Some(text) => {
                    self.whole += 1;
                    packed.extend_from_slice(text);
                }
                None => is_whole = false,
            }
        }
        if !is_whole {
            return None;
        }
        // If the checksum is wrong, nobody knows which line is.
        *self = Self::default();
        summary.unpack(&packed, relay)
    }

    /// Returns the number of lines that have arrived whole.
    pub(super) fn count(&self) -> usize {
        self.whole
    }

    /// Returns the length with which most lines came; none if none has come.
    fn usual_length(&self) -> Option<usize> {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        let texts = self.lines.values().flatten();
        for text in texts.filter(|text| !text.is_empty()) {
            *counts.entry(text.len()).or_default() += 1;
        }
        // Of two lengths, the shorter one is that of the last line or of a broken one.
        let most = counts.into_iter().max_by_key(|&(_, count)| count);
        most.map(|(length, _)| length)
    }
}

/// The line after a transfer.
#[derive(Debug)]
struct Summary {
    format: Format,
    status: u64,
    stdout: u64,
    stderr: u64,
    sum: u64,
    size: usize,
}

/// The way in which bytes are written as text.
#[derive(Debug, Clone, Copy)]
enum Format {
    Base64,
    Hex,
}

impl Summary {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let format = match words.next()? {
            "b" => Format::Base64,
            "x" => Format::Hex,
            _ => return None,
        };
        let mut number = || words.next()?.parse::<u64>().ok();
        Some(Self {
            format,
            status: number()?,
            stdout: number()?,
            stderr: number()?,
            sum: number()?,
            // The guest sends two ends of each stream at most.
            size: usize::try_from(number()?)
                .ok()
                .filter(|&size| size <= 4 * END)?,
        })
    }

    /// Returns the number of characters of the text.
    fn packed_length(&self) -> usize {
        match self.format {
            Format::Base64 => self.size.div_ceil(3) * 4,
            Format::Hex => self.size * 2,
        }
    }

    /// Returns the output of a command; none if the text does not have the checksum.
    fn unpack(&self, packed: &[u8], relay: &Relay) -> Option<GuestOutput> {
        let bytes = match self.format {
            Format::Base64 => from_base64(packed)?,
            Format::Hex => from_hex(packed)?,
        };
        if bytes.len() != self.size || u64::from(cksum(&bytes)) != self.sum {
            return None;
        }
        let (stdout, rest) = stream(&bytes, self.stdout)?;
        let (stderr, rest) = stream(rest, self.stderr)?;
        rest.is_empty().then(|| {
            relay.read(GuestOutput {
                exit: GuestExit::Code(i64::try_from(self.status).unwrap_or(i64::MAX)),
                stdout,
                stderr,
            })
        })
    }
}

/// Splits a stream from the front of `bytes`. `written` is its full length; of a long stream only the ends were sent.
/// Returns the stream and the rest of the bytes.
fn stream(bytes: &[u8], written: u64) -> Option<(Output, &[u8])> {
    let whole = usize::try_from(written).ok().filter(|&all| all <= 2 * END);
    if let Some(all) = whole {
        let (stream, rest) = bytes.split_at_checked(all)?;
        return Some((Output::whole(stream.to_vec()), rest));
    }
    let (head, rest) = bytes.split_at_checked(END)?;
    let (tail, rest) = rest.split_at_checked(END)?;
    let left_out = written - 2 * END as u64;
    Some((
        Output::cut(head.to_vec(), Some(left_out), tail.to_vec()),
        rest,
    ))
}

/// Returns the lines whose number is the same before and behind them. Their text is without spaces and line ends.
fn numbered(text: &str) -> Vec<(usize, Vec<u8>)> {
    let mut lines = Vec::new();
    let mut pieces = text.split('<').peekable();
    while let (Some(before), Some(piece)) = (pieces.next(), pieces.peek()) {
        let Some((inner, behind)) = piece.split_once('>') else {
            continue;
        };
        let first = before.len() - before.bytes().rev().take_while(u8::is_ascii_digit).count();
        let end = behind.bytes().take_while(u8::is_ascii_digit).count();
        if let (Ok(number), Ok(again)) = (before[first..].parse(), behind[..end].parse::<usize>())
            && number == again
        {
            let text = inner.bytes().filter(|byte| !byte.is_ascii_whitespace());
            lines.push((number, text.collect()));
        }
    }
    lines
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?))
        .collect()
}

fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|&byte| byte == b'=');
    let (text, padding) = text.split_at(end.unwrap_or(text.len()));
    if padding.len() > 2 || (text.len() + padding.len()) % 4 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for four in text.chunks(4) {
        let mut bits = 0_u32;
        for &byte in four {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        let missing = 4 - four.len();
        let [_, whole @ ..] = (bits << (6 * missing)).to_be_bytes();
        bytes.extend_from_slice(&whole[..3 - missing]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_both_kinds_is_read_and_nonsense_is_not() {
        assert_eq!(from_base64(b"aGkgeW91").as_deref(), Some(&b"hi you"[..]));
        assert_eq!(from_base64(b"aGk=").as_deref(), Some(&b"hi"[..]));
        assert_eq!(from_base64(b"aA==").as_deref(), Some(&b"h"[..]));
        for broken in ["aGk", "aG!=", "a===", "=aGk"] {
            assert_eq!(from_base64(broken.as_bytes()), None, "{broken}");
        }
        assert_eq!(from_hex(b"6869ff").as_deref(), Some(&b"hi\xff"[..]));
        assert_eq!(from_hex(b"6"), None);
    }

    /// A summary of these bytes as base64, and the lines of a transfer of them.
    fn transfer(bytes: &[u8], packed: &str) -> (String, Vec<String>) {
        let summary = format!("b 0 {} 0 {} {}", bytes.len(), cksum(bytes), bytes.len());
        let lines = packed.as_bytes().chunks(8).enumerate();
        let lines = lines.map(|(index, line)| {
            let number = index + 1;
            format!("{number}<{}>{number}\n", String::from_utf8_lossy(line))
        });
        (summary, lines.collect())
    }

    #[test]
    fn lines_are_gathered_over_transfers_that_are_each_broken() {
        let relay = Relay::new();
        let (summary, lines) = transfer(b"abcdefghijklm", "YWJjZGVmZ2hpamtsbQ==");
        assert_eq!(lines.len(), 3);
        let mut arrived = Arrived::default();
        let all = lines.concat();
        for (broken, count) in [
            // A character, a number and a line end are lost.
            (all.replacen("YWJj", "YWj", 1).replacen("3<", "<", 1), 1),
            (all.replacen("2\n3", "23", 1).replacen("1<", "<", 1), 1),
            (all.replacen("<bQ", "bQ", 1), 2),
        ] {
            assert_eq!(arrived.take(&broken, &summary, &relay).map(|_| ()), None);
            assert_eq!(arrived.count(), count, "{broken}");
        }
        let last = all.replacen(">2", "2", 1).replacen(">1", "1", 1);
        let output = arrived.take(&last, &summary, &relay);
        assert!(output.is_some(), "{arrived:?}");
        // A changed character is found by the checksum, and everything is gathered anew.
        let changed = all.replacen('Y', "X", 1);
        assert!(arrived.take(&changed, &summary, &relay).is_none());
        assert_eq!(arrived.count(), 0);
        assert!(arrived.take(&all, &summary, &relay).is_some());
    }
}
