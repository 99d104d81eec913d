//! The words of a look at a machine in the event log. In a look nothing is judged.

use super::ScenarioInfo;

/// The part that runs in a look.
pub const A_LOOK: &str = "a look";

/// The reason why a look keeps a screen. In the event log it is the verb of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptScreen {
    /// It differs from all before.
    Different,
    /// The person marked it.
    Marked,
}

impl KeptScreen {
    /// Returns the verb of its step.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Different => "look",
            Self::Marked => "mark",
        }
    }

    /// Returns the reason that a verb stands for; none if the step keeps no screen of a look.
    pub fn of_verb(verb: &str) -> Option<Self> {
        [Self::Different, Self::Marked]
            .into_iter()
            .find(|kept| kept.verb() == verb)
    }
}

impl ScenarioInfo {
    /// Returns true if it is a look at a machine.
    pub fn is_look(&self) -> bool {
        self.part.as_deref() == Some(A_LOOK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_says_why_a_screen_is_kept() {
        for kept in [KeptScreen::Different, KeptScreen::Marked] {
            assert_eq!(KeptScreen::of_verb(kept.verb()), Some(kept));
        }
        assert_eq!(KeptScreen::of_verb("see"), None);
    }
}
