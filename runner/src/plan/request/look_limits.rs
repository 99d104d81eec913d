//! The limits of a look at a machine.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The time after which a look ends by itself. Without limits, a person ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LookLimits {
    /// The whole time of the look, in milliseconds.
    pub most_ms: Option<u64>,
    /// The time without a new picture, in milliseconds.
    pub still_ms: Option<u64>,
}

impl LookLimits {
    /// Returns the whole time of the look.
    pub(crate) fn most(self) -> Option<Duration> {
        self.most_ms.map(Duration::from_millis)
    }

    /// Returns the time without a new picture.
    pub(crate) fn still(self) -> Option<Duration> {
        self.still_ms.map(Duration::from_millis)
    }

    /// Describes the end that comes by itself, for people: a clause; none without limits.
    pub(crate) fn words(self) -> Option<String> {
        let time = reports::human_duration;
        match (self.most_ms, self.still_ms) {
            (Some(most), Some(still)) => Some(format!(
                "it ends after {}, or after {} without a new picture",
                time(most),
                time(still)
            )),
            (Some(most), None) => Some(format!("it ends after {}", time(most))),
            (None, Some(still)) => Some(format!(
                "it ends after {} without a new picture",
                time(still)
            )),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_described() {
        let words = |most_ms, still_ms| LookLimits { most_ms, still_ms }.words();
        assert_eq!(words(None, None), None);
        assert_eq!(
            words(Some(60_000), None).as_deref(),
            Some("it ends after 1m")
        );
        assert_eq!(
            words(Some(60_000), Some(5_000)).as_deref(),
            Some("it ends after 1m, or after 5s without a new picture")
        );
    }
}
