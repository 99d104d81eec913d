//! The part of one scenario that runs for a person who inspects it: `--from`, `--until`, `qa resume` and `qa look`.

use std::fmt::Display;
use std::str::FromStr;

use scenarios::StepId;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::look_limits::LookLimits;
use super::stay::Stay;

/// The part of one scenario that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// From this step on. The machine starts at the nearest checkpoint before the step.
    From(#[serde(with = "as_text")] StepId),
    /// To this step, with it. The machine is left running then.
    Until(#[serde(with = "as_text")] StepId),
    /// Both of these.
    Between(Steps),
    /// To the step at which a run failed, without it. The machine is left running then.
    BeforeFailure(Box<FailedStep>),
    /// All of it. Then the machine is looked at: every screen is kept.
    Look(LookLimits),
}

/// The first and the last step of a part. The last one does not come before the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedSteps")]
pub(crate) struct Steps {
    #[serde(with = "as_text")]
    from: StepId,
    #[serde(with = "as_text")]
    until: StepId,
}

/// A step that did not hold in a run, from the event log of that run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailedStep {
    /// The name of the run.
    pub run: String,
    /// The time at which the run began, as its log writes it.
    pub started: String,
    /// The name of the scenario in the run.
    pub scenario: String,
    /// The number of the attempt.
    pub attempt: u32,
    /// The name of the scenario that has the step.
    pub stage: String,
    /// The number of the step.
    #[serde(with = "as_text")]
    pub step: StepId,
    /// Its verb.
    pub verb: String,
    /// Its file, line and column in that run.
    pub place: String,
    /// Its line.
    pub text: String,
    /// The reason why it did not hold.
    pub why: Option<String>,
}

impl Part {
    /// Makes the part between two steps. One of them may be missing. Returns none if both are missing.
    ///
    /// # Errors
    /// The end comes before the beginning: a message for people.
    pub(crate) fn of_steps(
        from: Option<StepId>,
        until: Option<StepId>,
    ) -> Result<Option<Self>, String> {
        Ok(match (from, until) {
            (None, None) => None,
            (Some(from), None) => Some(Self::From(from)),
            (None, Some(until)) => Some(Self::Until(until)),
            (Some(from), Some(until)) => Some(Self::Between(Steps::new(from, until)?)),
        })
    }

    /// Returns the option of `qa run` for this part; none for a part of `qa resume`.
    pub(crate) fn option(&self) -> Option<&'static str> {
        match self {
            Self::From(_) | Self::Between(_) => Some("--from"),
            Self::Until(_) => Some("--until"),
            Self::BeforeFailure(_) | Self::Look(_) => None,
        }
    }

    /// Returns the first step that a person wants to see; none if the part has no `--from`.
    pub(crate) fn from(&self) -> Option<&StepId> {
        match self {
            Self::From(from) => Some(from),
            Self::Between(steps) => Some(&steps.from),
            Self::Until(_) | Self::BeforeFailure(_) | Self::Look(_) => None,
        }
    }

    /// Returns the step before which the scenario is cut, for a checkpoint there; none if it is not cut.
    pub(crate) fn cut_before(&self) -> Option<&StepId> {
        match self {
            Self::BeforeFailure(failed) => Some(&failed.step),
            Self::From(_) | Self::Until(_) | Self::Between(_) | Self::Look(_) => self.from(),
        }
    }

    /// Returns the steps that it names.
    pub(crate) fn steps(&self) -> Vec<&StepId> {
        match self {
            Self::From(step) | Self::Until(step) => vec![step],
            Self::Between(steps) => vec![&steps.from, &steps.until],
            Self::BeforeFailure(failed) => vec![&failed.step],
            Self::Look(_) => Vec::new(),
        }
    }

    /// Returns the end of the part; none if it is the end of the scenario.
    pub(in crate::plan) fn end(&self) -> Option<End<'_>> {
        match self {
            Self::From(_) | Self::Look(_) => None,
            Self::Until(until) => Some(End::After(until)),
            Self::Between(steps) => Some(End::After(&steps.until)),
            Self::BeforeFailure(failed) => Some(End::Before(&failed.step)),
        }
    }

    /// Returns the name of the part in reports; none if it goes to the end of the scenario.
    pub(crate) fn words(&self) -> Option<String> {
        match (self, self.end()) {
            (Self::Look(_), _) => Some(reports::A_LOOK.to_owned()),
            (_, Some(End::After(until))) => Some(format!("up to step {until}")),
            (_, Some(End::Before(step))) => Some(format!("up to before step {step}")),
            (_, None) => None,
        }
    }

    /// Returns the reason why the machine is left running at the end; none if it is not left running.
    pub(crate) fn stays(&self) -> Option<Stay> {
        match self {
            Self::From(_) => None,
            Self::Until(until) => Some(Stay::Person(format!("step {until} is done"))),
            Self::Between(steps) => Some(Stay::Person(format!("step {} is done", steps.until))),
            Self::BeforeFailure(failed) => Some(Stay::Person(failed.words())),
            Self::Look(limits) => Some(Stay::Look(*limits)),
        }
    }
}

/// The end of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::plan) enum End<'s> {
    /// This step is the last.
    After(&'s StepId),
    /// The step before this one is the last.
    Before(&'s StepId),
}

impl Steps {
    fn new(from: StepId, until: StepId) -> Result<Self, String> {
        if until < from && !from.is_inside(&until) {
            return Err(format!(
                "`--until {until}` ends before `--from {from}` begins"
            ));
        }
        Ok(Self { from, until })
    }
}

/// Two steps as they are stored.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedSteps {
    #[serde(with = "as_text")]
    from: StepId,
    #[serde(with = "as_text")]
    until: StepId,
}

impl TryFrom<UncheckedSteps> for Steps {
    type Error = String;

    fn try_from(steps: UncheckedSteps) -> Result<Self, String> {
        Self::new(steps.from, steps.until)
    }
}

impl FailedStep {
    /// Describes the failure, for the person who inspects it.
    fn words(&self) -> String {
        let why = self.why.as_ref();
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        format!(
            "in run {}, step {} `{}` of `{}` failed here{why}",
            self.run, self.step, self.text, self.stage
        )
    }
}

/// Stores a value as the text that people write.
mod as_text {
    use super::*;

    pub(super) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr<Err: Display>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> StepId {
        text.parse().expect("a step")
    }

    fn between(from: &str, until: &str) -> Result<Option<Part>, String> {
        Part::of_steps(Some(id(from)), Some(id(until)))
    }

    #[test]
    fn a_part_does_not_end_before_it_begins() {
        assert_eq!(Part::of_steps(None, None), Ok(None));
        for (from, until, good) in [
            ("2", "3", true),
            ("2", "2", true),
            ("2", "2.1", true),
            // The end of a group is after the steps in it.
            ("2.3", "2", true),
            ("3", "2", false),
            ("2.3", "2.1", false),
        ] {
            assert_eq!(between(from, until).is_ok(), good, "{from} {until}");
        }
        assert_eq!(
            between("3", "2").expect_err("no part"),
            "`--until 2` ends before `--from 3` begins"
        );
        let stored = r#"{"between":{"from":"3","until":"2"}}"#;
        assert!(serde_json::from_str::<Part>(stored).is_err());
    }

    #[test]
    fn each_part_knows_where_it_begins_and_ends() {
        let failed = FailedStep {
            run: "20260101-000000".to_owned(),
            started: "2026-01-01T00:00:00Z".to_owned(),
            scenario: "calc@gnome+pc".to_owned(),
            attempt: 1,
            stage: "login".to_owned(),
            step: id("4"),
            verb: "see".to_owned(),
            place: "login.yaml:9:5".to_owned(),
            text: "see desktop".to_owned(),
            why: Some("no needle matched".to_owned()),
        };
        let rows = [
            (Part::From(id("2")), Some("2"), Some("2"), None),
            (
                Part::Until(id("3")),
                None,
                None,
                Some(("up to step 3", "step 3 is done")),
            ),
            (
                between("2", "3").expect("a part").expect("a part"),
                Some("2"),
                Some("2"),
                Some(("up to step 3", "step 3 is done")),
            ),
            (
                Part::BeforeFailure(Box::new(failed)),
                None,
                Some("4"),
                Some((
                    "up to before step 4",
                    "in run 20260101-000000, step 4 `see desktop` of `login` failed here: no needle matched",
                )),
            ),
        ];
        for (part, from, cut, end) in rows {
            let text = |step: Option<&StepId>| step.map(ToString::to_string);
            assert_eq!(text(part.from()).as_deref(), from, "{part:?}");
            assert_eq!(text(part.cut_before()).as_deref(), cut, "{part:?}");
            let words = part.words().zip(part.stays());
            let words = words.as_ref().map(|(words, why)| match why {
                Stay::Person(why) => (words.as_str(), why.as_str()),
                Stay::Look(_) => (words.as_str(), "a look"),
            });
            assert_eq!(words, end);
            assert_eq!(part.end().is_some(), end.is_some());
            let json = serde_json::to_string(&part).expect("JSON");
            assert_eq!(serde_json::from_str::<Part>(&json).expect("a part"), part);
        }
    }
}
