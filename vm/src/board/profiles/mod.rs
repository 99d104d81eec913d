//! Profiles of boards: facts about them, each with its source.
//!
//! A profile is a file of its own. A fact that nobody has seen on the board itself says `seen: false`.

mod profile;

pub use profile::{Fact, Medium, Profile, ProfileError};
