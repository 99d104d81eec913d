//! Verdicts, outcomes, and the exit status that follows from them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The final judgement of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every step held.
    Passed,
    /// A known, ticketed defect was met.
    SoftFailed,
    /// The system under test did not do what the scenario says.
    Failed,
    /// It failed or broke off in one attempt, and held in another with the same inputs.
    Flaky,
    /// The harness, the host or the machine broke: never `failed`, never `passed`.
    Error,
    /// A needed capability is missing.
    Skipped,
    /// Stopped by the user.
    Cancelled,
}

impl Verdict {
    /// Every verdict, in the order in which summaries list them.
    pub const ALL: [Self; 7] = [
        Self::Passed,
        Self::SoftFailed,
        Self::Flaky,
        Self::Failed,
        Self::Error,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// Returns the word used in reports and on the terminal.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::SoftFailed => "soft-failed",
            Self::Failed => "failed",
            Self::Flaky => "flaky",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the exit status for a scenario of this verdict. A flaky scenario that gates has the status of its
    /// attempts that did not hold: `has_failed` is true if one of them failed, and not only broke off.
    pub fn exit_status(self, flaky: FlakyPolicy, has_failed: bool) -> ExitStatus {
        match (self, flaky) {
            (Self::Passed | Self::SoftFailed | Self::Skipped, _)
            | (Self::Flaky, FlakyPolicy::Pass) => ExitStatus::Success,
            (Self::Failed, _) => ExitStatus::Failed,
            (Self::Flaky, FlakyPolicy::Fail) if has_failed => ExitStatus::Failed,
            (Self::Error, _) | (Self::Flaky, FlakyPolicy::Fail) => ExitStatus::Error,
            (Self::Cancelled, _) => ExitStatus::Cancelled,
        }
    }

    /// Returns the meaning of the verdict in one sentence, for the documentation.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "Every step held.",
            Self::SoftFailed => "A known defect with a ticket was met.",
            Self::Failed => "The system under test did not do what the scenario says.",
            Self::Flaky => {
                "It failed or broke off in one attempt, and held in another attempt with the same inputs."
            }
            Self::Error => {
                "The harness, the host or the machine broke. This says nothing about the system under test."
            }
            Self::Skipped => {
                "The machine lacks a capability, a watch of the scenario could not look, or only a part of \
                the scenario ran."
            }
            Self::Cancelled => "The user stopped it.",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// The process's exit status: part of the command line's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(into = "u8", try_from = "u8")]
pub enum ExitStatus {
    /// Nothing gates.
    Success,
    /// Some scenario failed.
    Failed,
    /// The call, a scenario or the project file is wrong.
    Usage,
    /// Errors, and no failure.
    Error,
    /// Stopped by the user.
    Cancelled,
}

/// The effect of a flaky scenario on the exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlakyPolicy {
    /// It is shown, and the run succeeds.
    #[default]
    Pass,
    /// It counts as failed.
    Fail,
}

/// The rules for judging several attempts at a scenario. A log without them has the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Rules {
    /// The effect of a flaky scenario on the exit status.
    pub flaky: FlakyPolicy,
    /// True if a failure from a checkpoint of an earlier run must be confirmed from power-on before it counts.
    pub confirm: bool,
    /// True if attempts are repetitions, which do not depend on each other. Otherwise each attempt is made because the
    /// one before did not hold.
    pub repeats: bool,
    /// The number of attempts at each scenario. None where the results decide about it, and in older logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            flaky: FlakyPolicy::default(),
            confirm: true,
            repeats: false,
            attempts: None,
        }
    }
}

impl ExitStatus {
    /// Returns the worst of several statuses; success if there is none.
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Self {
        let worst = statuses.into_iter().max_by_key(|status| status.rank());
        worst.unwrap_or(Self::Success)
    }

    // A stop by the user explains everything after it. A failure must not be hidden by an error.
    fn rank(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Failed => 2,
            Self::Usage => 3,
            Self::Cancelled => 4,
        }
    }

    /// Returns the number for the operating system.
    pub fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Error => 3,
            Self::Cancelled => 130,
        }
    }
}

impl From<ExitStatus> for u8 {
    fn from(status: ExitStatus) -> Self {
        status.code()
    }
}

impl TryFrom<u8> for ExitStatus {
    type Error = String;

    fn try_from(code: u8) -> Result<Self, String> {
        match code {
            0 => Ok(Self::Success),
            1 => Ok(Self::Failed),
            2 => Ok(Self::Usage),
            3 => Ok(Self::Error),
            130 => Ok(Self::Cancelled),
            other => Err(format!("{other} is no exit status of qa")),
        }
    }
}

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// It held.
    Passed,
    /// It did not hold.
    Failed,
    /// It did not hold, and the scenario says that it need not.
    Forgiven,
    /// Its `when` was false.
    Skipped,
    /// The harness, the host or the machine broke.
    Error,
    /// Stopped by the user.
    Cancelled,
}
