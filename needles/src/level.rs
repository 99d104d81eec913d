use std::fmt;

use serde::Serialize;

/// How like two areas are: 1.0 is alike, 0.0 is nothing alike.
///
/// With MSE the mean squared difference of the gray and blurred pixels, it is `0.9 + (40 - MSE) / 380` held
/// within 0 and 1 (os-autoinst, `ppmclibs/tinycv_impl.cc`). So everything up to MSE 2 is 1.0, and
/// everything from MSE 382 on is 0.0.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Similarity(f64);

/// The mean squared difference from which the similarity is zero.
pub(crate) const HOPELESS_MSE: u64 = 382;

impl Similarity {
    /// Nothing alike, or no place to compare at.
    pub const NONE: Self = Self(0.0);
    /// As alike as it gets.
    pub const FULL: Self = Self(1.0);

    /// From a sum of squared differences over this many samples (pixels; in colour three a pixel).
    ///
    /// No samples give [`Similarity::NONE`].
    pub fn from_ssd(ssd: u64, samples: u64) -> Self {
        if samples == 0 {
            return Self::NONE;
        }
        let mse = ssd as f64 / samples as f64;
        Self((0.9 + (40.0 - mse) / 380.0).clamp(0.0, 1.0))
    }

    /// The number, 0.0 to 1.0.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Similarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.0)
    }
}

/// The similarity that an area needs, in percent; kept in thousandths, so that all that follows from it is integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MatchLevel(i32);

impl MatchLevel {
    /// What an area needs that says nothing: 96 %.
    pub const DEFAULT: Self = Self(96_000);

    /// From percent. More than 100 can never be reached, and 0 or less always is; both occur in the wild.
    pub fn from_percent(percent: f64) -> Self {
        // The cast saturates, so that even 1e300 stays "more than 100".
        Self((percent * 1000.0).round() as i32)
    }

    /// In percent.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// The similarity it asks for.
    pub fn required(self) -> f64 {
        f64::from(self.0) / 100_000.0
    }

    /// The greatest sum of squared differences over so many samples that still passes; none where none can.
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

    #[test]
    fn similarity_follows_the_formula() {
        for (mse, similarity) in [
            (0, 1.0),
            (2, 1.0),
            (40, 0.9),
            (78, 0.8),
            (382, 0.0),
            (60_000, 0.0),
        ] {
            assert!((Similarity::from_ssd(mse * 10, 10).value() - similarity).abs() < 1e-12);
        }
        assert_eq!(Similarity::from_ssd(5, 0), Similarity::NONE);
        assert_eq!(Similarity::from_ssd(u64::MAX, 1), Similarity::NONE);
    }
}
