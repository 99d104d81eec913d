//! One line of the event log: the envelope, and what happened.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::Event;

/// Version of the stored format. A reader refuses a newer one and names both versions.
///
/// It must be raised if an older reader would misread a log: if a field or an event is removed or renamed or changes
/// its meaning, or if a verdict needs something that the older reader does not know. It is not raised if something is
/// only added: a field that may be absent, another event, another kind of cause. An older reader that finds an unknown
/// event or cause names the line, and judges nothing.
///
/// | format | new |
/// | --- | --- |
/// | 1 | |
/// | 2 | attempts at one scenario may run side by side, each line names its attempt; the rules of judging are stored |
/// | 3 | host, scenario, attempt and machine stand in the envelope of every line; a log may be of several hosts |
pub const FORMAT: u32 = 3;

/// One line of `events.jsonl`: something that happened in a run, and what it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// Time and place.
    #[serde(flatten)]
    pub envelope: Envelope,
    /// The event itself.
    #[serde(flatten)]
    pub event: Event,
}

/// When and where something happened, and what it is about: the same fields for every kind of event.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// Position in the log, from 0, without gaps.
    pub seq: u64,
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// Name of the host that wrote it.
    pub host: String,
    /// Name of the scenario in this run, as in [`ScenarioInfo::name`](crate::ScenarioInfo::name). None for events about
    /// the whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// Number of the attempt at the scenario, from 1. Several may run side by side. None for events about no single
    /// attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The name by which the scenario knows the machine. None where the scenario has only one machine, and for events
    /// about no single machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
}

impl Entry {
    /// Returns the name of the scenario that it is about; none where it is about the whole run.
    pub fn scenario(&self) -> Option<&str> {
        self.envelope.scenario.as_deref()
    }
}
