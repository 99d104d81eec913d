//! Versions of labgrid.

use std::fmt;

/// A version of labgrid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The first number: the year.
    pub major: u32,
    /// The second number.
    pub minor: u32,
    /// The third number. 0 if there is none.
    pub patch: u32,
}

impl Version {
    /// The oldest version that speaks the protocol of today.
    pub const OLDEST: Self = Self {
        major: 25,
        minor: 0,
        patch: 0,
    };

    /// Reads a version, such as `26.0.1` or `26.1.dev12+g1a2b3c`. None if it does not begin with two numbers.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(['.', '+', '-']);
        let mut number = || parts.next()?.parse().ok();
        Some(Self {
            major: number()?,
            minor: number()?,
            patch: number().unwrap_or(0),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_compared() {
        let rows = [
            ("26.0.1\n", Some("26.0.1")),
            ("25.0", Some("25.0.0")),
            ("26.1.dev12+g1a2b3c", Some("26.1.0")),
            ("0.4.1", Some("0.4.1")),
            ("unknown", None),
            ("", None),
            ("99999999999.1", None),
        ];
        for (text, expected) in rows {
            let version = Version::parse(text);
            assert_eq!(
                version.map(|version| version.to_string()).as_deref(),
                expected,
                "{text}"
            );
        }
        assert!(Version::parse("0.4.1") < Some(Version::OLDEST));
        assert!(Version::parse("25.0.1") > Some(Version::OLDEST));
    }
}
