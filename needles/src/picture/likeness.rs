//! Decides whether the screen has changed, with openQA's measure and levels.

use super::kept_columns::kept_columns;
use super::picture::Picture;
use crate::rect::Rect;

/// How alike two frames are: the peak signal-to-noise ratio in dB. More is more alike.
///
/// `10 * log10(255^2 * 3 * pixels / SSD)` over the three colours (os-autoinst, `ppmclibs/tinycv_impl.cc`).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Likeness(f64);

impl Likeness {
    /// The likeness of identical frames.
    pub const SAME: Self = Self(1_000_000.0);
    /// The likeness of frames of different sizes.
    pub const NONE: Self = Self(0.0);

    /// Compares two frames without the pixels in `ignored` (a clock, a cursor). If all pixels are ignored, the frames
    /// are the same.
    pub fn of(a: &Picture, b: &Picture, ignored: &[Rect]) -> Self {
        if (a.width(), a.height()) != (b.width(), b.height()) {
            return Self::NONE;
        }
        let whole = Rect::new(0, 0, a.width(), a.height());
        let ignored: Vec<Rect> = ignored
            .iter()
            .filter_map(|rect| rect.intersection(&whole))
            .collect();
        let mut samples = 0_u64;
        let mut ssd = 0_u64;
        for y in 0..a.height() {
            for (start, end) in kept_columns(&ignored, y, a.width()) {
                let bytes = start as usize * 3..end as usize * 3;
                samples += bytes.len() as u64;
                let (a, b) = (&a.row(y as usize)[bytes.clone()], &b.row(y as usize)[bytes]);
                if a != b {
                    ssd += row_ssd(a, b);
                }
            }
        }
        if ssd == 0 {
            Self::SAME
        } else {
            Self(10.0 * (65025.0 * samples as f64 / ssd as f64).log10())
        }
    }

    /// Returns the ratio in dB.
    pub fn db(self) -> f64 {
        self.0
    }

    /// Returns true if the second frame counts as changed at this level.
    pub fn is_changed(self, level: ChangeLevel) -> bool {
        match level {
            ChangeLevel::NewFrame => self.0 <= level.db(),
            ChangeLevel::VideoFrame => self.0 <= level.db(),
            ChangeLevel::Changed
            | ChangeLevel::ChangedWhileTyping
            | ChangeLevel::Still
            | ChangeLevel::KeepFailed
            | ChangeLevel::FinalMismatch
            | ChangeLevel::Level(_) => self.0 < level.db(),
        }
    }
}

/// openQA's levels of change, each with its use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChangeLevel {
    /// 54 dB or less: the frame is stored and searched for needles again.
    NewFrame,
    /// 50 dB or less: a new frame of a video stream.
    VideoFrame,
    /// Below 50 dB: the screen has changed since an action.
    Changed,
    /// Below 60 dB: the screen has changed while typing.
    ChangedWhileTyping,
    /// Below 47 dB: the screen is not still.
    Still,
    /// Below 30 dB: the frame differs enough from the last failed one to be kept.
    KeepFailed,
    /// Below 50 dB: the last frame of a failed wait is appended.
    FinalMismatch,
    /// Below any other level.
    Level(f64),
}

impl ChangeLevel {
    /// Returns the level in dB.
    pub fn db(self) -> f64 {
        match self {
            Self::NewFrame => 54.0,
            Self::VideoFrame | Self::Changed | Self::FinalMismatch => 50.0,
            Self::ChangedWhileTyping => 60.0,
            Self::Still => 47.0,
            Self::KeepFailed => 30.0,
            Self::Level(db) => db,
        }
    }
}

/// At most 8192 * 3 samples, so the sum stays below 2^31.
fn row_ssd(a: &[u8], b: &[u8]) -> u64 {
    let squares = a
        .iter()
        .zip(b)
        .map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2));
    u64::from(squares.sum::<u32>())
}

#[cfg(test)]
mod tests {
    use super::super::draw::Colour;
    use super::*;

    fn picture(width: u32, height: u32, level: u8) -> Picture {
        Picture::from_rgb(width, height, vec![level; (width * height * 3) as usize]).unwrap()
    }

    #[test]
    fn likeness_is_the_peak_signal_to_noise_ratio() {
        let black = picture(40, 30, 0);
        assert_eq!(Likeness::of(&black, &black.clone(), &[]), Likeness::SAME);
        assert_eq!(
            Likeness::of(&black, &picture(40, 31, 0), &[]),
            Likeness::NONE
        );
        assert_eq!(Likeness::of(&black, &picture(40, 30, 255), &[]).db(), 0.0);
        let one = Likeness::of(&black, &picture(40, 30, 1), &[]).db();
        assert!((one - 20.0 * 255_f64.log10()).abs() < 1e-9, "{one}");
    }

    #[test]
    fn ignored_places_do_not_count() {
        let black = picture(40, 30, 0);
        let clock = Rect::new(30, 0, 20, 5);
        let changed = black.with_filled(&[(Rect::new(32, 1, 8, 3), Colour::new(255, 255, 255))]);
        assert!(Likeness::of(&black, &changed, &[]).is_changed(ChangeLevel::Still));
        let cursor = Rect::new(28, 2, 4, 9);
        for ignored in [
            &[clock][..],
            &[cursor, clock],
            &[clock, cursor],
            &[Rect::new(-9, -9, 500, 500)],
        ] {
            assert_eq!(Likeness::of(&black, &changed, ignored), Likeness::SAME);
        }
        // Ignored pixels do not count for the rest either: one pixel of two.
        let a = Picture::from_rgb(3, 1, vec![0; 9]).unwrap();
        let b = Picture::from_rgb(3, 1, vec![255, 255, 255, 0, 0, 0, 9, 9, 9]).unwrap();
        let db = Likeness::of(&a, &b, &[Rect::new(2, 0, 1, 1)]).db();
        assert!((db - 10.0 * 2_f64.log10()).abs() < 1e-9, "{db}");
    }

    #[test]
    fn levels_are_open_or_closed_as_openqa_has_them() {
        for (level, db, changed) in [
            (ChangeLevel::NewFrame, 54.0, true),
            (ChangeLevel::NewFrame, 54.1, false),
            (ChangeLevel::VideoFrame, 50.0, true),
            (ChangeLevel::Changed, 50.0, false),
            (ChangeLevel::Changed, 49.9, true),
            (ChangeLevel::ChangedWhileTyping, 59.9, true),
            (ChangeLevel::Still, 47.0, false),
            (ChangeLevel::Still, 46.9, true),
            (ChangeLevel::KeepFailed, 30.0, false),
            (ChangeLevel::FinalMismatch, 49.0, true),
            (ChangeLevel::Level(20.0), 19.0, true),
        ] {
            assert_eq!(Likeness(db).is_changed(level), changed, "{level:?} at {db}");
        }
    }
}
