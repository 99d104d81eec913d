use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Secret, Source, Span, Spanned, Step, WatchRule, WrittenValue};

/// A scenario: a named test.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its name: that of its file, without folder and extension.
    pub name: String,
    /// What it shows, in a sentence.
    pub title: Option<String>,
    /// The image it is for; absent: that of the scenario it starts after, else the project's only one.
    pub image: Option<Spanned<String>>,
    /// The machine it needs; absent: that of the scenario it starts after, else the image's.
    pub machine: Option<Spanned<String>>,
    /// The scenario at whose end it starts; absent: it starts at power-on.
    pub after: Option<Spanned<String>>,
    /// Capabilities without which it is skipped, such as `agent` or `network`.
    pub requires: Vec<Spanned<String>>,
    /// Words to choose scenarios by.
    pub tags: Vec<Spanned<String>>,
    /// Variables it sets.
    pub vars: BTreeMap<String, Spanned<WrittenValue>>,
    /// Secrets it declares.
    pub secrets: Vec<Secret>,
    /// What it watches.
    pub watch: Vec<WatchRule>,
    /// Its steps, as written.
    pub steps: Vec<Step>,
    /// Whether it is a fragment: only there to be included.
    pub fragment: bool,
    /// Its file.
    pub source: Arc<Source>,
    /// Where findings about the whole are shown: its name or its first line.
    pub at: Span,
}
