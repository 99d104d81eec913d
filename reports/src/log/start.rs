//! Facts that are known before something runs: the host, the scenarios, and the origin of an attempt.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The facts of a scenario that are known before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScenarioInfo {
    /// Its name in this run: all events about it have this name, and so has its folder. In a matrix the name includes
    /// image and machine: `gnome-login@gnome+desktop`.
    pub name: String,
    /// The scenario's own name, if `name` says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Its title.
    pub title: String,
    /// Its file, relative to the project.
    pub file: String,
    /// Name of the image under test.
    pub image: String,
    /// `sha256:` digest of the image; none where it is not known yet.
    pub image_digest: Option<String>,
    /// Name of the machine.
    pub machine: String,
    /// The scenarios it starts after, from power-on, without itself.
    pub after: Vec<String>,
    /// The part of it that is run, such as `up to step 3`; none for all of it. The result of a part says nothing about
    /// the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The files that decide what it does: those of its chain of scenarios, and of the needles that its steps look for.
    /// Empty in logs that do not name them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputFile>,
}

impl ScenarioInfo {
    /// Returns the facts of a scenario of which only the name is known.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            scenario: None,
            title: String::new(),
            file: String::new(),
            image: String::new(),
            image_digest: None,
            machine: String::new(),
            after: Vec::new(),
            part: None,
            inputs: Vec::new(),
        }
    }
}

/// A file that decides what a scenario does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputFile {
    /// Its path, relative to the project.
    pub file: String,
    /// The first 12 digits of the SHA-256 of its content.
    pub digest: String,
}

impl ScenarioInfo {
    /// The scenario's own name: that of its last stage.
    pub fn own_name(&self) -> &str {
        self.scenario.as_deref().unwrap_or(&self.name)
    }
}

/// The host of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Host name.
    pub name: String,
    /// Operating system, as it calls itself.
    pub os: String,
    /// Logical processors.
    pub cores: u32,
    /// Main memory.
    pub memory_mib: u64,
}

/// The origin of an attempt's machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StartedFrom {
    /// Switched on for this attempt.
    PowerOn,
    /// The machine that the named scenario just left, in the same run.
    Continued {
        /// The scenario that ran on it before.
        scenario: String,
    },
    /// A saved machine.
    Checkpoint {
        /// The scenario at whose end it was saved.
        scenario: String,
        /// Its key, shortened for people.
        key: String,
        /// When it was saved: RFC 3339, UTC.
        saved: String,
        /// Its age when the attempt began.
        age_ms: u64,
        /// True if it was made in this run.
        this_run: bool,
    },
}

/// The reason for another attempt at a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptReason {
    /// It failed from a checkpoint of an earlier run. The failure must be confirmed from power-on.
    FailedFromCheckpoint,
    /// It broke off from a checkpoint of an earlier run, without a fault of the system under test.
    BrokeOffFromCheckpoint,
    /// The attempt that should confirm a failure broke off.
    ConfirmationBrokeOff,
    /// It held from power-on after it had failed from a checkpoint. This attempt shows if it fails from there again.
    HeldFromPowerOn,
    /// It failed from the checkpoint again. This attempt shows if it holds from power-on again.
    FailedFromCheckpointAgain,
    /// It did not hold, and the user allows more tries.
    Retry,
}
