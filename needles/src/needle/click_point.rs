//! The points of an area that a scenario can click.

use thiserror::Error;

/// A point to click in a matched area.
#[derive(Clone, Debug, PartialEq)]
pub struct ClickPoint {
    /// The id by which a scenario names the point, if it has one.
    pub id: Option<String>,
    /// The place of the point.
    pub place: ClickPlace,
}

/// The place of a click point, relative to its area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClickPlace {
    /// The middle of the area.
    Center,
    /// Pixels from the area's upper left corner. The editor writes fractions. They are cut off after the area's place
    /// has been added.
    At {
        /// Pixels to the right.
        x: f64,
        /// Pixels down.
        y: f64,
    },
}

/// A click point that the needle does not have.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("needle `{needle}` has no click point `{id}`; it has {}", known_ids(.known))]
pub struct UnknownClickPoint {
    /// The needle's name.
    pub needle: String,
    /// The id that was asked for.
    pub id: String,
    /// The ids that the needle has.
    pub known: Vec<String>,
}

fn known_ids(known: &[String]) -> String {
    if known.is_empty() {
        return "none with an id".to_owned();
    }
    let ids: Vec<String> = known.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}
