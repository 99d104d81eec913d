//! The pictures that a backend draws itself while the guest shows none.
//!
//! They are no pictures of the guest. Nothing may be judged by them: such a screen is neither still nor changed, and no
//! needle is gone from it.

/// A picture that the backend drew without the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Placeholder {
    /// The guest has drawn nothing since the machine was started.
    NotInitialized,
    /// The guest has switched its display off, or is about to set another mode.
    NotActive,
}

impl Placeholder {
    pub(crate) const ALL: [Self; 2] = [Self::NotInitialized, Self::NotActive];

    /// Returns the sentence on the picture.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotInitialized => "Guest has not initialized the display (yet).",
            Self::NotActive => "Display output is not active.",
        }
    }

    /// Returns its meaning for the guest.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NotInitialized => "the guest has drawn nothing yet",
            Self::NotActive => "the guest has switched its display off",
        }
    }
}
