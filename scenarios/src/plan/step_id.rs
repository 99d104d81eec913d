//! The numbers of steps.

use std::fmt;
use std::str::FromStr;

/// The number of a step: `3`, or `3.1` for the first step inside step 3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(Vec<u32>);

impl StepId {
    /// Makes the number of a step inside another one. For a scenario's own steps, `inside` is `None`.
    pub(crate) fn new(inside: Option<&Self>, number: u32) -> Self {
        let mut numbers = inside.map_or_else(Vec::new, |outer| outer.0.clone());
        numbers.push(number);
        Self(numbers)
    }

    /// Returns the depth: 1 for a scenario's own steps.
    pub(crate) fn depth(&self) -> usize {
        self.0.len()
    }

    /// Returns true if this step is inside the other one, at any depth.
    pub fn is_inside(&self, outer: &Self) -> bool {
        self.0.len() > outer.0.len() && self.0.starts_with(&outer.0)
    }
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, number) in self.0.iter().enumerate() {
            if depth > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        Ok(())
    }
}

/// The text is not the number of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidStepId;

impl fmt::Display for InvalidStepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("steps are numbered 1, 2, 3, and inside the third one 3.1, 3.2")
    }
}

impl std::error::Error for InvalidStepId {}

impl FromStr for StepId {
    type Err = InvalidStepId;

    fn from_str(text: &str) -> Result<Self, InvalidStepId> {
        let number = |part: &str| match part.parse::<u32>() {
            Ok(number) if number > 0 && part.starts_with(|c: char| c.is_ascii_digit()) => {
                Ok(number)
            }
            Ok(_) | Err(_) => Err(InvalidStepId),
        };
        text.split('.')
            .map(number)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_steps_are_read_as_they_are_shown() {
        for text in ["1", "3.1", "12.4.7"] {
            let id: StepId = text.parse().expect("a number");
            assert_eq!(id.to_string(), text);
        }
        for text in [
            "",
            "0",
            "3.",
            ".1",
            "3.0",
            "a",
            "-1",
            "+1",
            "1 ",
            "99999999999",
        ] {
            assert_eq!(text.parse::<StepId>(), Err(InvalidStepId), "{text}");
        }
    }

    #[test]
    fn a_step_is_inside_those_that_its_number_begins_with() {
        let id = |text: &str| text.parse::<StepId>().expect("a number");
        assert!(id("3.1").is_inside(&id("3")));
        assert!(id("3.1.2").is_inside(&id("3")));
        assert!(!id("3").is_inside(&id("3")));
        assert!(!id("3").is_inside(&id("3.1")));
        assert!(!id("31").is_inside(&id("3")));
    }
}
