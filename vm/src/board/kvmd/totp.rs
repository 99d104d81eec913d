//! The digits of two-factor authentication (RFC 6238): six of them, new ones every 30 seconds.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use sha1::{Digest, Sha1};

/// The time in seconds that digits are valid.
const PERIOD: u64 = 30;

/// The time in seconds before and after a change of the digits in which the clocks may disagree about them.
const EDGE: u64 = 5;

/// The size in bytes of the blocks of SHA-1.
const BLOCK: usize = 64;

/// A secret of two-factor authentication.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Totp(Vec<u8>);

/// The error of a text that is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the secret of the two-factor authentication is not in base32")]
pub(super) struct NotBase32;

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Totp")
    }
}

/// The number of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Period(u64);

impl Period {
    /// Returns the period of a time.
    pub(super) fn at(time: SystemTime) -> Self {
        Self(seconds(time) / PERIOD)
    }

    /// Returns the period to try when the digits of this one were refused at `now`. None if it is not at its edge: then
    /// other digits would be refused as well.
    pub(super) fn next_at_edge(self, now: SystemTime) -> Option<Self> {
        let is_over = Self::at(now) > self;
        let left = PERIOD - seconds(now) % PERIOD;
        (is_over || left <= EDGE).then_some(Self(self.0 + 1))
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

impl Totp {
    /// Parses a secret in base32. Spaces, dashes and the case do not matter.
    pub(super) fn parse(text: &str) -> Result<Self, NotBase32> {
        let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '-' | '='));
        for letter in letters {
            let value = match letter.to_ascii_uppercase() {
                letter @ 'A'..='Z' => u32::from(letter) - u32::from('A'),
                digit @ '2'..='7' => u32::from(digit) - u32::from('2') + 26,
                _ => return Err(NotBase32),
            };
            bits = bits << 5 | value;
            count += 5;
            if count >= 8 {
                count -= 8;
                bytes.push((bits >> count & 0xff) as u8);
            }
        }
        if bytes.is_empty() {
            return Err(NotBase32);
        }
        Ok(Self(bytes))
    }

    /// Returns the six digits of a period.
    pub(super) fn digits(&self, period: Period) -> String {
        let sum = self.authenticate(&period.0.to_be_bytes());
        let place = usize::from(sum[19] & 0xf);
        let number = [sum[place], sum[place + 1], sum[place + 2], sum[place + 3]];
        let number = u32::from_be_bytes(number) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// Returns the HMAC of a message with SHA-1.
    fn authenticate(&self, message: &[u8]) -> [u8; 20] {
        let mut key = [0; BLOCK];
        if self.0.len() > BLOCK {
            key[..20].copy_from_slice(&Sha1::digest(&self.0));
        } else {
            key[..self.0.len()].copy_from_slice(&self.0);
        }
        let with = |pad: u8| key.map(|byte| byte ^ pad);
        let inner = Sha1::new()
            .chain_update(with(0x36))
            .chain_update(message)
            .finalize();
        let outer = Sha1::new().chain_update(with(0x5c)).chain_update(inner);
        outer.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_digits_are_those_of_the_standard() {
        // Appendix B of RFC 6238, the last six of its eight digits.
        let secret = Totp::parse("GEZD GNBV-gy3t QOJQ GEZDGNBVGY3TQOJQ").unwrap();
        let rows = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (seconds, digits) in rows {
            assert_eq!(secret.digits(Period::at(at(seconds))), digits);
        }
    }

    #[test]
    fn only_at_the_edge_there_are_next_digits() {
        let period = Period::at(at(60));
        assert_eq!(period.next_at_edge(at(60)), None);
        assert_eq!(period.next_at_edge(at(84)), None);
        assert_eq!(period.next_at_edge(at(85)), Some(Period(3)));
        assert_eq!(period.next_at_edge(at(90)), Some(Period(3)));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "=", "A", "hello!", "01"] {
            assert_eq!(Totp::parse(text), Err(NotBase32), "{text}");
        }
    }
}
