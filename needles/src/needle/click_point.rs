use thiserror::Error;

/// Where in a matched area the pointer goes.
#[derive(Clone, Debug, PartialEq)]
pub struct ClickPoint {
    /// The name it can be asked by, if it has one.
    pub id: Option<String>,
    /// Where it lies.
    pub place: ClickPlace,
}

/// The place of a click point, relative to its area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClickPlace {
    /// The middle of the area.
    Center,
    /// Pixels from the area's upper left corner. Fractions are common in real needles (the editor writes them) and are
    /// cut off after the area's place has been added.
    At {
        /// To the right.
        x: f64,
        /// Down.
        y: f64,
    },
}

/// A click point that the needle doesn't have.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("needle `{needle}` has no click point `{id}`; it has {}", known_ids(.known))]
pub struct UnknownClickPoint {
    /// The needle's name.
    pub needle: String,
    /// What was asked for.
    pub id: String,
    /// The ids there are.
    pub known: Vec<String>,
}

fn known_ids(known: &[String]) -> String {
    if known.is_empty() {
        return "none with an id".to_owned();
    }
    let ids: Vec<String> = known.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}
