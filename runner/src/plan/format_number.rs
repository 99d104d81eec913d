//! The format number of a stored value.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The format `N`. It is written as this number, and reading any other number is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct FormatNumber<const N: u32>;

impl<const N: u32> Serialize for FormatNumber<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(N)
    }
}

impl<'de, const N: u32> Deserialize<'de> for FormatNumber<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            found if found == N => Ok(Self),
            found => Err(de::Error::custom(format!(
                "it is written in format {found}, and this version of qa reads format {N}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_format_is_refused_with_both_numbers() {
        let text = serde_json::to_string(&FormatNumber::<3>).expect("a number");
        assert_eq!(text, "3");
        assert!(serde_json::from_str::<FormatNumber<3>>(&text).is_ok());
        let error = serde_json::from_str::<FormatNumber<3>>("4").expect_err("another format");
        assert_eq!(
            error.to_string(),
            "it is written in format 4, and this version of qa reads format 3"
        );
    }
}
