//! From the event log to JUnit XML, the HTML report and the console summary.
//!
//! A report is a pure function of the event log: no machine, no needle, no scenario is known here.

mod event;
mod verdict;

pub use event::{
    AreaFound, Candidate, Cause, CauseKind, CommandResult, Event, Evidence, FORMAT, FrameRef, Host,
    Look, MachineFacts, MachineNews, Record, ScenarioInfo, StartedFrom, StepOutcome, Wanted,
};
pub use verdict::{ExitStatus, Verdict};
