//! A run request: the scenarios to run, their image and machine, the number of attempts, and the checkpoints to use. It
//! is checked and complete, and can be handed to another process as JSON.
//!
//! ```text
//! what was typed (`RunArgs`) ----.
//! a failure to look into --------+--> RunRequest --Planner::cells--> cells
//! ```

mod look_limits;
mod numbers;
mod part;
mod stay;

use std::path::PathBuf;
use std::str::FromStr;

use reports::FlakyPolicy;
use serde::{Deserialize, Serialize};

pub(crate) use look_limits::LookLimits;
pub(crate) use numbers::{Count, DeadlineScale};
pub(super) use part::End;
pub(crate) use part::{FailedStep, Part};
pub(crate) use stay::Stay;

use super::format_number::FormatNumber;

/// A run request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRequest {
    /// The format of the request.
    pub format: FormatNumber<1>,
    /// The scenarios, and what they run on.
    pub selection: Selection,
    /// Variables that override those of all other places. A later one overrides an earlier one of the same name. They
    /// may hold secrets, so a stored request must be protected like a secret.
    pub vars: Vec<Setting>,
    /// The part of the scenarios that runs, and the number of attempts.
    pub extent: Extent,
    /// The checkpoints that are used and made.
    pub checkpoints: CheckpointUse,
    /// True if a failure from a checkpoint of an earlier run is tried again from power-on before it counts.
    pub confirm: bool,
    /// The effect of a flaky scenario on the exit status.
    pub flaky: FlakyPolicy,
    /// A factor for every deadline, in addition to the machine's own.
    pub deadline_scale: Option<DeadlineScale>,
    /// The number of machines that may run at once; none for as many as the host has room for.
    pub at_once: Option<Count<1, 1000>>,
}

/// The selected scenarios, and what they run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    /// The scenarios to judge; empty for all.
    pub scenarios: Vec<ScenarioName>,
    /// The set from which they are selected.
    pub among: Among,
    /// An image of the project, or a disk file. For a matrix, selects the combinations with this image.
    pub image: Option<String>,
    /// A machine of the project, or a preset. For a matrix, selects the combinations with this machine.
    pub machine: Option<String>,
}

/// The set from which scenarios are selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Among {
    /// All scenarios of the project. Each runs on its own image and machine, unless the selection names others.
    Project,
    /// The combinations of a matrix.
    Matrix(String),
    /// A result of a matrix: selects a scenario of its chain, on the image and machine of that combination.
    ResultOf {
        /// The matrix.
        matrix: String,
        /// The name of the result.
        label: String,
    },
}

/// A scenario as it is named in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScenarioName {
    /// A scenario of the project, or the name of a result of a matrix.
    Name(String),
    /// A file, relative to the current folder.
    File(PathBuf),
}

/// A variable and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    /// The name of the variable.
    pub name: String,
    /// Its value. It is not rendered as a template.
    pub value: String,
}

/// The part of the scenarios that runs, and the number of attempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Extent {
    /// Every scenario as a whole.
    Whole(Tries),
    /// A part of one scenario, once.
    Part(Part),
}

/// The number of attempts at a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tries {
    /// Until it holds, with at most this many attempts after the first.
    Retry(u32),
    /// This many attempts, regardless of their verdicts.
    Repeat(Count<1, 100_000>),
    /// Until an attempt does not hold, with at most this many attempts.
    UntilFailure(Option<Count<1, 100_000>>),
}

/// The checkpoints that a run uses and makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CheckpointUse {
    /// None: every machine starts from power-on.
    Off,
    /// Checkpoints are used and made.
    On {
        /// The checkpoints that it may start from.
        trust: Trust,
        /// True if the machine of a scenario that fails is kept.
        keep_failed: bool,
    },
}

/// The checkpoints that an attempt may start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trust {
    /// Those of this run and of earlier runs.
    AnyRun,
    /// Only those that this run made.
    ThisRun,
}

impl RunRequest {
    /// Makes a request for a person who waits for the result: all checkpoints are used, and a failure from a checkpoint
    /// is not confirmed from power-on.
    pub(crate) fn for_person(selection: Selection, extent: Extent) -> Self {
        Self {
            format: FormatNumber,
            selection,
            vars: Vec::new(),
            extent,
            checkpoints: CheckpointUse::On {
                trust: Trust::AnyRun,
                keep_failed: false,
            },
            confirm: false,
            flaky: FlakyPolicy::Pass,
            deadline_scale: None,
            at_once: None,
        }
    }

    /// Returns the part that runs; none if whole scenarios run.
    pub(crate) fn part(&self) -> Option<&Part> {
        match &self.extent {
            Extent::Part(part) => Some(part),
            Extent::Whole(_) => None,
        }
    }

    /// Returns the checkpoints that the first attempt may start from.
    pub(crate) fn trust(&self) -> Trust {
        match self.checkpoints {
            CheckpointUse::On { trust, .. } => trust,
            CheckpointUse::Off => Trust::ThisRun,
        }
    }
}

impl Selection {
    /// Returns the files among the scenarios.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let file = |scenario: &ScenarioName| match scenario {
            ScenarioName::File(path) => Some(path.clone()),
            ScenarioName::Name(_) => None,
        };
        self.scenarios.iter().filter_map(file).collect()
    }

    /// Returns the names of the scenarios. A file has the name of its scenario.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |scenario: &ScenarioName| match scenario {
            ScenarioName::Name(name) => name.clone(),
            ScenarioName::File(path) => path
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        };
        self.scenarios.iter().map(name).collect()
    }

    /// Returns whether the selection determines the image of its scenarios.
    pub(crate) fn determines_image(&self) -> bool {
        self.image.is_some() || self.among != Among::Project
    }
}

impl ScenarioName {
    /// Reads a word of the command line. It is a file if it ends with `.yaml` or `.yml`.
    pub(crate) fn of_word(word: &str) -> Self {
        let path = PathBuf::from(word);
        let is_file = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        match is_file {
            true => Self::File(path),
            false => Self::Name(word.to_owned()),
        }
    }
}

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err("write it as NAME=VALUE".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
