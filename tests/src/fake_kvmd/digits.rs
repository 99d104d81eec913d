//! The six digits of two-factor authentication.

use std::time::{SystemTime, UNIX_EPOCH};

use sha1::{Digest, Sha1};

/// Returns the digits that are valid now: those of this period, of the one before and of the next, as in kvmd.
/// `secret` is in base32.
pub(super) fn valid_now(secret: &str) -> [String; 3] {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let period = now.as_secs() / 30;
    [period - 1, period, period + 1].map(|period| digits(secret, period))
}

fn digits(secret: &str, period: u64) -> String {
    let mut key = [0_u8; 64];
    let bytes = from_base32(secret);
    key[..bytes.len()].copy_from_slice(&bytes);
    let sum = |pad: u8, message: &[u8]| {
        let key = key.map(|byte| byte ^ pad);
        Sha1::new()
            .chain_update(key)
            .chain_update(message)
            .finalize()
    };
    let inner = sum(0x36, &period.to_be_bytes());
    let sum = sum(0x5c, &inner);
    let place = usize::from(sum[19] & 0xf);
    let number = u32::from_be_bytes(sum[place..place + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

fn from_base32(text: &str) -> Vec<u8> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = text
        .chars()
        .map(|letter| format!("{:05b}", LETTERS.find(letter).unwrap()))
        .collect();
    let (bytes, _) = bits.as_bytes().as_chunks::<8>();
    bytes
        .iter()
        .map(|bits| u8::from_str_radix(std::str::from_utf8(bits).unwrap(), 2).unwrap())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_are_those_of_the_standard() {
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        assert_eq!(digits(secret, 59 / 30), "287082");
        assert_eq!(digits(secret, 1_111_111_109 / 30), "081804");
    }
}
