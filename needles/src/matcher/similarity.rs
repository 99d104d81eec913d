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

#[cfg(test)]
mod tests {
    use super::*;

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
