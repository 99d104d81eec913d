//! A picture of the film: the screen as it was at a moment, kept as a whole or as the part that differs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ChangedArea;

/// A picture of the film of a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilmPicture {
    /// PNG file, relative to the run's folder. Several pictures may share a file.
    pub file: String,
    /// Width of the screen in pixels.
    pub width: u32,
    /// Height of the screen in pixels.
    pub height: u32,
    /// The part of the screen that the file shows; none if it shows all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<FilmPart>,
}

/// A part of the screen. All around it, the screen is as in another picture of the film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilmPart {
    /// Its place on the screen.
    pub area: ChangedArea,
    /// The file of the other picture, which shows the whole screen.
    pub base: String,
}

impl FilmPicture {
    /// Returns the files that it needs.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        let base = self.part.as_ref().map(|part| part.base.as_str());
        std::iter::once(self.file.as_str()).chain(base)
    }
}
