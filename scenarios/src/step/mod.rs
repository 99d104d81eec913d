//! Steps: what they are, how they are read and how they are shown.

mod action;
mod assert;
mod changed;
mod each;
mod gone;
mod group;
mod hold;
mod include;
mod note;
mod pointer;
mod power;
mod press;
mod run;
mod screenshot;
mod see;
mod serial;
mod set;
mod soft_fail;
mod still;
mod type_text;
mod verb;

use std::time::Duration;

use crate::{Condition, Span, Templated, Text, Written};

pub use action::Action;
pub use assert::Assert;
pub use changed::Changed;
pub use each::{Each, Items};
pub use gone::Gone;
pub use group::Group;
pub use hold::Hold;
pub use include::Include;
pub use note::Note;
pub use pointer::{Button, Click, Direction, Drag, Move, Scroll, Target};
pub use power::{Power, Reboot, RebootBy};
pub use press::Press;
pub use run::{Exit, Run};
pub use screenshot::Screenshot;
pub use see::See;
pub use serial::{Serial, SerialWait};
pub use set::Set;
pub use soft_fail::{Date, SoftFail};
pub use still::Still;
pub use type_text::Type;
pub use verb::Verb;

/// A step as written in a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does.
    pub action: Action<Written>,
    /// The nested steps of `group`, `each` and `hold`; of all other verbs none.
    pub steps: Vec<Step>,
    /// How long it may take.
    pub within: Option<Templated<Duration>>,
    /// It is skipped unless this holds.
    pub when: Option<Condition>,
    /// What it is called in progress and reports, instead of its own line.
    pub title: Option<Templated<Text>>,
    /// Where it is written: its verb.
    pub at: Span,
}
