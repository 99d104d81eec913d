//! How alike two areas are.

use std::fmt;

use serde::Serialize;

/// How alike two areas are, from 0.0 (not alike) to 1.0 (alike).
///
/// It is `0.9 + (40 - MSE) / 380`, limited to 0 and 1 (os-autoinst, `ppmclibs/tinycv_impl.cc`). MSE is the mean squared
/// difference of the gray, blurred pixels. So an MSE up to 2 gives 1.0, and from 382 on it gives 0.0.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Similarity(f64);

/// The least mean squared difference whose similarity is zero.
pub(crate) const HOPELESS_MSE: u64 = 382;

impl Similarity {
    /// Not alike, or no place to compare at.
    pub const NONE: Self = Self(0.0);
    /// Completely alike.
    pub const FULL: Self = Self(1.0);

    /// Computes the similarity from a sum of squared differences over this number of samples. A gray pixel is one
    /// sample, a pixel in colour three.
    ///
    /// Returns [`Similarity::NONE`] without samples.
    pub fn from_ssd(ssd: u64, samples: u64) -> Self {
        if samples == 0 {
            return Self::NONE;
        }
        let mse = ssd as f64 / samples as f64;
        Self((0.9 + (40.0 - mse) / 380.0).clamp(0.0, 1.0))
    }

    /// Returns the number, 0.0 to 1.0.
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
