//! What is known before something runs: the host, the scenarios, and where an attempt starts.

use serde::{Deserialize, Serialize};

/// What a report knows of a scenario before it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioInfo {
    /// Its name in this run: what all events about it say, and its folder is called. In a matrix it says on what the
    /// scenario runs, too: `gnome-login@gnome+desktop`.
    pub name: String,
    /// The scenario's own name, where `name` says more.
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
    /// The part of it that is run, such as `up to step 3`; none for all of it. The result of a part says
    /// nothing about the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
}

impl ScenarioInfo {
    /// The scenario's own name: that of its last stage.
    pub fn own_name(&self) -> &str {
        self.scenario.as_deref().unwrap_or(&self.name)
    }
}

/// The host of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Where an attempt's machine comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
        /// Whether it was made in this very run.
        this_run: bool,
    },
}

/// The reason why a scenario is tried after another attempt at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttemptReason {
    /// It failed from a checkpoint of an earlier run: the failure is to be confirmed from power-on.
    FailedFromCheckpoint,
    /// It broke off from a checkpoint of an earlier run, by no fault of the system under test.
    BrokeOffFromCheckpoint,
    /// The attempt that was to confirm a failure broke off.
    ConfirmationBrokeOff,
    /// It held from power-on after it had failed from a checkpoint: does it fail from there again?
    HeldFromPowerOn,
    /// It failed from the checkpoint again: does it hold from power-on again?
    FailedFromCheckpointAgain,
    /// It did not hold, and the user allows more tries.
    Retry,
}
