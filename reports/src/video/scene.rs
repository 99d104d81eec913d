//! The scenes of a video: what is shown for how long.

use crate::log::FilmPicture;

/// The scenes of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Storyboard {
    /// In the order in which they are shown.
    pub scenes: Vec<Scene>,
    /// The machine whose screen is shown; none where the scenario has only one.
    pub machine: Option<String>,
    /// The machines whose screens are not shown.
    pub others: Vec<String>,
    /// The number of the attempt.
    pub attempt: u32,
    /// False if the log has no film: then each step has one picture.
    pub is_film: bool,
}

/// A part of the video in which nothing moves.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The time that it is shown, in milliseconds.
    pub ms: u64,
    /// The screen.
    pub screen: Screen,
    /// The step.
    pub caption: Caption,
    /// The last action with keyboard or pointer, for a moment: one line.
    pub input: Option<String>,
    /// The pixel of the screen that was pointed at.
    pub point: Option<Point>,
    /// A mark where time is left out: `12s later`.
    pub later: Option<String>,
    /// The time since the attempt began: `1m 5s`.
    pub clock: String,
}

/// The screen of a machine.
#[derive(Debug, Clone, PartialEq)]
pub enum Screen {
    /// It has not shown anything yet.
    Nothing,
    /// It showed no picture, for example because it was switched off.
    Off,
    /// A picture.
    Picture(FilmPicture),
}

/// A pixel of the screen, from the left and from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
}

/// The words below the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caption {
    /// A step goes on.
    Goes(String),
    /// It held.
    Held(String),
    /// It did not hold.
    Broke(String),
    /// Anything else.
    Other(String),
}

impl Caption {
    /// Returns its text: one line.
    pub fn text(&self) -> &str {
        match self {
            Self::Goes(text) | Self::Held(text) | Self::Broke(text) | Self::Other(text) => text,
        }
    }
}
