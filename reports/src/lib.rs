//! From the event log to JUnit XML, the HTML report and the console summary.
//!
//! A report is a pure function of the event log: no machine, no needle, no scenario is known here.

pub mod console;
mod duration;
mod event;
mod evidence;
mod excerpt;
mod html;
mod junit;
mod log;
mod number_ranges;
mod plain_text;
mod resets;
mod run;
mod size;
mod verdict;
mod words;

pub use duration::{human_age, human_duration};
pub use event::{
    Arrival, AttemptReason, Event, FORMAT, FrameChange, Host, MachineFacts, MachineNews, Record,
    ResetKind, ScenarioInfo, StartedFrom, StepOutcome,
};
pub use evidence::{
    AreaFound, Candidate, Cause, CauseKind, ChangedArea, CommandResult, Evidence, FrameRef, Look,
    TextFound, TextResult, Wanted,
};
pub use excerpt::LONGEST_TEXT;
pub use html::{HtmlError, html};
pub use junit::{JunitError, junit};
pub use log::{Log, LogError, read_log};
pub use run::{
    Attempt, Comparison, Durations, Entry, Equals, Finding, Remark, Run, RunEnd, Scenario,
    SoftFailure, Spread, Stage, Step, StepName, Unconfirmed, Varied,
};
pub use size::human_size;
pub use verdict::{ExitStatus, FlakyPolicy, Rules, Verdict};
