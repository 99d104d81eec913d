//! The similarity that an area needs.

/// The similarity that an area needs, in percent. Stored in thousandths, so that everything computed from it is
/// integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchLevel(i32);

impl MatchLevel {
    /// The level of an area that states none: 96 %.
    pub const DEFAULT: Self = Self(96_000);

    /// Makes a level from percent. More than 100 can never be reached, 0 or less always is; needle files have both.
    pub fn from_percent(percent: f64) -> Self {
        // The cast saturates, so even 1e300 stays "more than 100".
        Self((percent * 1000.0).round() as i32)
    }

    /// Returns the level in percent.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// Returns the required similarity.
    pub fn required(self) -> f64 {
        f64::from(self.0) / 100_000.0
    }

    /// Returns the greatest sum of squared differences over so many samples that still passes. Returns `None` if none
    /// does.
    ///
    /// From `0.9 + (40 - MSE) / 380 >= level` follows `MSE <= 382 - 380 * level`.
    pub fn greatest_ssd(self, samples: u64) -> Option<u64> {
        if self.0 > 100_000 {
            return None;
        }
        if self.0 <= 0 {
            return Some(u64::MAX);
        }
        // In units of 1/10,000 of MSE: 380 * level = 0.0038 * thousandths.
        let mse = u64::try_from(3_820_000 - 38 * i64::from(self.0)).unwrap_or(0);
        Some((u128::from(mse) * u128::from(samples) / 10_000) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_limits_on_the_squared_error() {
        for (percent, mse) in [
            (100.0, 2.0),
            (98.0, 9.6),
            (96.0, 17.2),
            (95.0, 21.0),
            (94.0, 24.8),
            (92.0, 32.4),
            (90.0, 40.0),
            (80.0, 78.0),
            (70.0, 116.0),
            (60.0, 154.0),
            (50.0, 192.0),
            (30.0, 268.0),
            (5.0, 363.0),
            (1.0, 378.2),
        ] {
            let level = MatchLevel::from_percent(percent);
            assert_eq!(
                level.greatest_ssd(1000),
                Some((mse * 1000.0_f64).round() as u64)
            );
            assert!((level.percent() - percent).abs() < 1e-9);
        }
        assert_eq!(MatchLevel::from_percent(100.001).greatest_ssd(10), None);
        assert_eq!(MatchLevel::from_percent(f64::MAX).greatest_ssd(10), None);
        assert_eq!(
            MatchLevel::from_percent(0.0).greatest_ssd(10),
            Some(u64::MAX)
        );
        assert_eq!(
            MatchLevel::from_percent(-5.0).greatest_ssd(10),
            Some(u64::MAX)
        );
    }
}
