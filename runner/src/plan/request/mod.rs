//! A run request: what is to be run, where, how often and from which checkpoints. It is checked and complete, and can
//! be handed to another process as JSON.
//!
//! ```text
//! what was typed (`RunArgs`) ----.
//! a failure to look into --------+--> RunRequest --Planner::cells--> cells
//! ```

mod numbers;
mod part;

use std::path::PathBuf;
use std::str::FromStr;

use reports::FlakyPolicy;
use serde::{Deserialize, Serialize};

pub(crate) use numbers::{Count, DeadlineScale};
pub(super) use part::End;
pub(crate) use part::{FailedStep, Part};

use super::format_number::FormatNumber;

/// What is to be run, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunRequest {
    /// The format that it is written in.
    pub format: FormatNumber<1>,
    /// The scenarios, and what they run on.
    pub selection: Selection,
    /// Variables that win over every other place. A later one wins over an earlier one of the same name. Secrets may be
    /// among them: a stored request must be kept like one.
    pub vars: Vec<Setting>,
    /// How much of the scenarios runs, and how often.
    pub extent: Extent,
    /// Which checkpoints are used and made.
    pub checkpoints: CheckpointUse,
    /// Whether a failure from a checkpoint of an earlier run is tried again from power-on before it counts.
    pub confirm: bool,
    /// The effect of a flaky scenario on the exit status.
    pub flaky: FlakyPolicy,
    /// The factor on every deadline, on top of the machine's own.
    pub deadline_scale: Option<DeadlineScale>,
    /// How many machines run at once; none: as many as the host holds.
    pub at_once: Option<Count<1, 1000>>,
}

/// Scenarios, and what they run on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Selection {
    /// The scenarios to judge; none: all that there are.
    pub scenarios: Vec<ScenarioName>,
    /// Where they are chosen from.
    pub among: Among,
    /// A name of the project, or a disk file. Of a matrix: the part that is on this image.
    pub image: Option<String>,
    /// A machine of the project or a preset. Of a matrix: the part that is on this machine.
    pub machine: Option<String>,
}

/// Where scenarios are chosen from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Among {
    /// All scenarios of the project; each runs on what it names itself, unless the selection says more.
    Project,
    /// The combinations of a matrix.
    Matrix(String),
    /// One scenario on the way to a result of a matrix, where the matrix runs it.
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
    /// One of the project, or the name of a result of a matrix.
    Name(String),
    /// A file, as found from the folder of the call.
    File(PathBuf),
}

/// A variable with the value that it is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setting {
    /// The variable.
    pub name: String,
    /// Its value, taken literally.
    pub value: String,
}

/// How much of the scenarios runs, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Extent {
    /// Every scenario as a whole.
    Whole(Tries),
    /// A part of the one scenario, once.
    Part(Part),
}

/// How often a scenario is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tries {
    /// Until it holds, with so many attempts after the first.
    Retry(u32),
    /// So many times, whatever comes of it.
    Repeat(Count<1, 100_000>),
    /// Until an attempt does not hold, with so many attempts at most.
    UntilFailure(Option<Count<1, 100_000>>),
}

/// Which checkpoints a run uses and makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CheckpointUse {
    /// None: every machine starts from power-on.
    Off,
    /// Those that it may start from, and those that it makes.
    On {
        /// Which it may start from.
        trust: Trust,
        /// Whether the machine of a scenario that fails is kept as it is then.
        keep_failed: bool,
    },
}

/// Which checkpoints an attempt may start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Trust {
    /// Those of earlier runs, too.
    AnyRun,
    /// Only those made in this very run.
    ThisRun,
}

impl RunRequest {
    /// Makes a request for a selection that a person waits for: every checkpoint is used, and a failure from one
    /// counts.
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

    /// Returns the part that runs; none where whole scenarios run.
    pub(crate) fn part(&self) -> Option<&Part> {
        match &self.extent {
            Extent::Part(part) => Some(part),
            Extent::Whole(_) => None,
        }
    }

    /// Returns which checkpoints the first attempt may start from.
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

    /// Returns the names of the scenarios. The name of a file is that of its scenario.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = |scenario: &ScenarioName| match scenario {
            ScenarioName::Name(name) => name.clone(),
            ScenarioName::File(path) => path
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
        };
        self.scenarios.iter().map(name).collect()
    }

    /// Returns whether it says on which image the scenarios run.
    pub(crate) fn says_image(&self) -> bool {
        self.image.is_some() || self.among != Among::Project
    }
}

impl ScenarioName {
    /// Reads a word of the command line: a file where it ends like one.
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
