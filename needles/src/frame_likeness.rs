use crate::{Picture, Rect};

/// How like two frames are: the peak signal-to-noise ratio in dB; more is more alike.
///
/// `10 * log10(255^2 * 3 * pixels / SSD)` over the three colours (os-autoinst, `ppmclibs/tinycv_impl.cc`).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Likeness(f64);

impl Likeness {
    /// Of identical frames.
    pub const SAME: Self = Self(1_000_000.0);
    /// Of frames of different size, or where everything is ignored on one of them only.
    pub const NONE: Self = Self(0.0);

    /// Compares two frames, leaving out what lies in `ignored` (a clock, a cursor).
    pub fn of(a: &Picture, b: &Picture, ignored: &[Rect]) -> Self {
        let _ = (a, b, ignored);
        todo!()
    }

    /// In dB.
    pub fn db(self) -> f64 {
        self.0
    }

    /// Whether the second frame counts as changed at this level.
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
    /// 54 dB or less: worth storing and looking for needles again.
    NewFrame,
    /// 50 dB or less: a new frame of a video stream.
    VideoFrame,
    /// Below 50 dB: the screen has changed since an action.
    Changed,
    /// Below 60 dB: the screen has changed while typing.
    ChangedWhileTyping,
    /// Below 47 dB: the screen isn't still.
    Still,
    /// Below 30 dB: different enough from the last failed frame to be kept.
    KeepFailed,
    /// Below 50 dB: the last frame of a failed wait is worth appending.
    FinalMismatch,
    /// Below a level of one's own.
    Level(f64),
}

impl ChangeLevel {
    /// The level in dB.
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
