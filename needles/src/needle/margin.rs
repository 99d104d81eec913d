//! How far from its recorded place an area is searched.

/// How far from its recorded place an area is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Margin {
    /// A number of pixels in each direction, before the [`SearchRatio`] widens it.
    Pixels(i32),
    /// The whole screen, whatever its size. Beyond openQA, whose widest search is 1024 pixels around.
    Screen,
    /// The recorded place only, whatever the [`SearchRatio`]. Beyond openQA, where 0 means 50.
    Fixed,
}

impl Margin {
    /// The margin of an area that states none: 50 pixels.
    pub const DEFAULT: Self = Self::Pixels(50);

    /// Returns the margin in pixels at this ratio: `int(margin + ratio * (1024 - margin))` (os-autoinst,
    /// `ppmclibs/tinycv.pm`).
    pub fn effective(self, ratio: SearchRatio) -> i64 {
        match self {
            Self::Pixels(margin) => {
                let margin = f64::from(margin);
                (margin + ratio.0 * (1024.0 - margin)) as i64
            }
            Self::Screen => 1 << 40,
            Self::Fixed => 0,
        }
    }
}

/// How much a search is widened beyond the margin: 0 is the margin, 1 is 1024 pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchRatio(f64);

impl SearchRatio {
    /// The margin itself.
    pub const MARGIN: Self = Self(0.0);
    /// The ratio of most polls of an openQA that waits.
    pub const NEAR: Self = Self(0.02);
    /// 1024 pixels in each direction. An openQA that waits uses it about every fifth second and in the last one.
    pub const WIDE: Self = Self(1.0);

    /// Makes a ratio from 0 to 1. Returns `None` for any other number, also for not-a-number.
    pub fn new(ratio: f64) -> Option<Self> {
        (0.0..=1.0).contains(&ratio).then_some(Self(ratio))
    }

    /// Returns the number.
    pub fn value(self) -> f64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_widen_margins_toward_1024() {
        for (margin, ratio, effective) in [
            (50, 0.0, 50),
            (50, 0.02, 69),
            (50, 1.0, 1024),
            (100, 0.02, 118),
            (300, 0.02, 314),
            (50, 1.0 / 3.0, 374),
            (50, 0.9, 926),
            (1_000_000, 0.0, 1_000_000),
            (1_000_000, 0.02, 980_020),
            (1_000_000, 1.0, 1024),
            (-5, 0.0, -5),
        ] {
            let ratio = SearchRatio::new(ratio).unwrap();
            assert_eq!(Margin::Pixels(margin).effective(ratio), effective);
            assert_eq!(Margin::Fixed.effective(ratio), 0);
        }
        for wrong in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(SearchRatio::new(wrong), None);
        }
    }
}
