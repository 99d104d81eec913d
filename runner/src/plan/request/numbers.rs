//! Numbers of a request. They are checked when they are made, from the command line or from a file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A whole number from `LEAST` to `MOST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Count<const LEAST: u32, const MOST: u32>(u32);

impl<const LEAST: u32, const MOST: u32> TryFrom<u32> for Count<LEAST, MOST> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        match (LEAST..=MOST).contains(&number) {
            true => Ok(Self(number)),
            false => Err(format!("a whole number from {LEAST} to {MOST}")),
        }
    }
}

impl<const LEAST: u32, const MOST: u32> FromStr for Count<LEAST, MOST> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A text that is not a number gets the same message as a number out of range.
        let number = text.parse().unwrap_or(MOST.saturating_add(1));
        Self::try_from(number)
    }
}

impl<const LEAST: u32, const MOST: u32> From<Count<LEAST, MOST>> for u32 {
    fn from(count: Count<LEAST, MOST>) -> Self {
        count.0
    }
}

impl<const LEAST: u32, const MOST: u32> fmt::Display for Count<LEAST, MOST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A factor on deadlines, from 0.01 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub(crate) struct DeadlineScale(f64);

impl TryFrom<f64> for DeadlineScale {
    type Error = String;

    fn try_from(factor: f64) -> Result<Self, String> {
        match factor.is_finite() && (0.01..=1000.0).contains(&factor) {
            true => Ok(Self(factor)),
            false => Err("a number from 0.01 to 1000".to_owned()),
        }
    }
}

impl FromStr for DeadlineScale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::try_from(text.parse().unwrap_or(f64::NAN))
    }
}

impl From<DeadlineScale> for f64 {
    fn from(scale: DeadlineScale) -> Self {
        scale.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_out_of_range_are_refused_wherever_they_come_from() {
        for (text, good) in [
            ("1", true),
            ("1000", true),
            ("0", false),
            ("1001", false),
            ("-1", false),
            ("1.5", false),
            ("many", false),
        ] {
            assert_eq!(text.parse::<Count<1, 1000>>().is_ok(), good, "{text}");
            let json = serde_json::from_str::<Count<1, 1000>>(text);
            assert_eq!(json.is_ok(), good, "{text}");
        }
        let error = "0".parse::<Count<1, 1000>>().expect_err("too small");
        assert_eq!(error, "a whole number from 1 to 1000");
        for (text, good) in [
            ("0.01", true),
            ("1000", true),
            ("0", false),
            ("1000.1", false),
            ("NaN", false),
            ("inf", false),
        ] {
            assert_eq!(text.parse::<DeadlineScale>().is_ok(), good, "{text}");
            let json = serde_json::from_str::<DeadlineScale>(text);
            assert_eq!(json.is_ok(), good, "{text}");
        }
    }
}
