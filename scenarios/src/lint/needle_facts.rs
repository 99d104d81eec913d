/// What the linter needs to know of a needle.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NeedleFacts {
    /// Its name.
    pub name: String,
    /// Path of its JSON file, as it is shown.
    pub path: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// Ids of its click points.
    pub click_points: Vec<String>,
    /// What is wrong with it, if it cannot be used.
    pub problem: Option<String>,
}
