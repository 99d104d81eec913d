//! Sums as people and files see them.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Serialize};

/// A sum, or another number of `N` bytes that is never computed with. Text shows it as `2 * N` lower-case hexadecimal
/// digits. `Of` distinguishes kinds of sums that must not be mixed up.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HexSum<Of, const N: usize> {
    bytes: [u8; N],
    of: PhantomData<Of>,
}

/// The kind of a sum.
pub trait SumOf {
    /// The noun of such a sum, to follow "is not": `a digest`.
    const NAME: &'static str;
}

/// The error of a text that is no sum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {name}: expected {digits} hexadecimal digits in lower case")]
pub struct ParseSumError {
    /// The text.
    pub text: String,
    /// The noun of the expected sum.
    pub name: &'static str,
    /// The expected number of digits.
    pub digits: usize,
}

impl<Of, const N: usize> HexSum<Of, N> {
    /// Returns the sum of these bytes. The first byte gives the first two digits.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; N]) -> Self {
        Self {
            bytes,
            of: PhantomData,
        }
    }

    /// Returns the first 12 digits: enough for people and for file names.
    #[must_use]
    pub fn short(&self) -> String {
        let mut digits = self.to_string();
        digits.truncate(12);
        digits
    }
}

impl<Of, const N: usize> fmt::Display for HexSum<Of, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<Of, const N: usize> fmt::Debug for HexSum<Of, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<Of: SumOf, const N: usize> FromStr for HexSum<Of, N> {
    type Err = ParseSumError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Lower case only: a sum is the name of a file or folder, and each sum must have exactly one name.
        let value = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes = pairs
            .iter()
            .map(|[high, low]| Some((value(*high)? << 4) | value(*low)?))
            .collect::<Option<Vec<u8>>>();
        let bytes = bytes.filter(|_| rest.is_empty());
        bytes
            .and_then(|bytes| <[u8; N]>::try_from(bytes).ok())
            .map(Self::from_bytes)
            .ok_or_else(|| ParseSumError {
                text: text.to_owned(),
                name: Of::NAME,
                digits: 2 * N,
            })
    }
}

impl<Of, const N: usize> Serialize for HexSum<Of, N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, Of: SumOf, const N: usize> Deserialize<'de> for HexSum<Of, N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    enum OfNothing {}

    impl SumOf for OfNothing {
        const NAME: &'static str = "a sum of nothing";
    }

    type Sum = HexSum<OfNothing, 8>;

    #[test]
    fn text_that_is_no_sum_is_refused() {
        for text in [
            "",
            "0",
            "0123456789abcde",
            "0123456789abcdef0",
            "0123456789abcdef01",
            "+123456789abcdef",
            "0123456789abcdeg",
            "0123456789ABCDEF",
            "é123456789abcde",
        ] {
            let error = text.parse::<Sum>().unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "`{text}` is not a sum of nothing: expected 16 hexadecimal digits in lower case"
                )
            );
            let json = serde_json::to_string(text).unwrap();
            let told = serde_json::from_str::<Sum>(&json).unwrap_err().to_string();
            assert!(told.starts_with(&error.to_string()), "{told}");
        }
    }

    proptest! {
        #[test]
        fn text_json_and_bytes_are_forms_of_one_thing(bytes: [u8; 8]) {
            let sum = Sum::from_bytes(bytes);
            let text = format!("{:016x}", u64::from_be_bytes(bytes));
            prop_assert_eq!(sum.to_string(), &text[..]);
            prop_assert_eq!(sum.short(), &text[..12]);
            prop_assert_eq!(text.parse::<Sum>().unwrap().bytes, bytes);
            let json = serde_json::to_string(&sum).unwrap();
            prop_assert_eq!(&json, &format!("\"{text}\""));
            prop_assert_eq!(serde_json::from_str::<Sum>(&json).unwrap().bytes, bytes);
        }
    }
}
