//! Unpacks the output of a command from the lines of text that the guest sends, and verifies its checksum.

use vm::{GuestExit, GuestOutput, Output, Relay};

use crate::cksum::cksum;

/// The number of bytes of each end of a stream that the guest sends, if the stream is longer than twice this number.
const END: usize = 64 << 10;

/// Returns the output of a command from the lines of the guest. `summary` is the line with format, status, sizes and
/// checksum. Returns none if a line is broken: the output must be sent again.
pub(super) fn unpack(lines: &str, summary: &str, relay: &Relay) -> Option<GuestOutput> {
    let mut words = summary.split_whitespace();
    let format = words.next()?;
    let mut number = || words.next()?.parse::<u64>().ok();
    let (status, stdout, stderr) = (number()?, number()?, number()?);
    let (sum, size) = (number()?, number()?);
    let packed = inside(lines);
    let bytes = match format {
        "b" => from_base64(&packed)?,
        "x" => from_hex(&packed)?,
        _ => return None,
    };
    if bytes.len() as u64 != size || u64::from(cksum(&bytes)) != sum {
        return None;
    }
    let (stdout, rest) = stream(&bytes, stdout)?;
    let (stderr, rest) = stream(rest, stderr)?;
    rest.is_empty().then(|| {
        relay.read(GuestOutput {
            exit: GuestExit::Code(i64::try_from(status).unwrap_or(i64::MAX)),
            stdout,
            stderr,
        })
    })
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

/// Returns the characters between `<` and `>` of all lines, without spaces and line ends.
fn inside(lines: &str) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut is_inside = false;
    for byte in lines.bytes() {
        match byte {
            b'<' => is_inside = true,
            b'>' => is_inside = false,
            b'\n' | b'\r' | b' ' => {}
            _ if is_inside => packed.push(byte),
            _ => {}
        }
    }
    packed
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
        assert_eq!(inside("x<ab\ncd>y< e>"), b"abcde");
    }
}
