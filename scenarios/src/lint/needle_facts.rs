//! The facts about needles that the checks need.

/// The facts about a needle that the checks need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NeedleFacts {
    /// Its name.
    pub name: String,
    /// The path of the JSON file, as it is shown.
    pub path: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The ids of its click points.
    pub click_points: Vec<String>,
    /// The reason why it cannot be used, if there is one.
    pub problem: Option<String>,
}
