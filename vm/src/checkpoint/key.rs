use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What a checkpoint is found by: 64 lower-case hexadecimal digits, a sum over everything that can change how the machine came to be.
/// The store does not look into it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckpointKey([u8; 32]);

/// Text that is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the key of a checkpoint: expected 64 hexadecimal digits")]
pub struct ParseKeyError {
    /// What was found.
    pub text: String,
}

impl CheckpointKey {
    /// The key with the bytes of a SHA-256 sum.
    #[must_use]
    pub fn from_bytes(sum: [u8; 32]) -> Self {
        Self(sum)
    }

    /// The first 12 digits: enough for people.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({self})")
    }
}

impl FromStr for CheckpointKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseKeyError {
            text: text.to_owned(),
        };
        // Lower case only: a key is a folder's name, and two names must not be one key.
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 64 || !text.bytes().all(digit) {
            return Err(error());
        }
        let mut sum = [0; 32];
        for (index, byte) in sum.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).map_err(|_| error())?;
        }
        Ok(Self(sum))
    }
}

impl Serialize for CheckpointKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CheckpointKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_key_are_two_forms_of_one_thing() {
        let text = "0123456789ab".to_owned() + &"ef".repeat(26);
        let key: CheckpointKey = text.parse().unwrap();
        assert_eq!(key.to_string(), text);
        assert_eq!(key.short(), "0123456789ab");
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<CheckpointKey>(&json).unwrap(), key);
    }

    #[test]
    fn text_that_is_no_key_is_refused() {
        for text in [
            "",
            "e3b0",
            &"zz".repeat(32),
            &"+1".repeat(32),
            &"AB".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(text.parse::<CheckpointKey>().unwrap_err().text, text);
        }
    }
}
