//! The choices for pictures in the terminal.

use clap::ValueEnum;

/// The way in which the terminal shows the screen of a failure. A file or a pipe gets no picture in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum PicturesChoice {
    /// If the terminal is known to draw pictures, and CI is not set
    #[default]
    Auto,
    /// Never
    Never,
    /// With the graphics protocol of kitty
    Kitty,
    /// With the inline images of iTerm2
    Iterm,
    /// With sixel
    Sixel,
}
