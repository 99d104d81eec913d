//! The event log: everything that happened in a run, in order.
//!
//! These types are the interface between the engine and every report. `events.jsonl` holds one [`Entry`] a line;
//! nothing that a report shows comes from anywhere else.

mod entry;
mod event;
mod evidence;
mod excerpt;
mod film;
mod look;
mod machine;
mod merge;
mod older;
mod read;
mod schema;
mod start;
mod verdict;

pub use entry::{Entry, Envelope, FORMAT};
pub use event::{Arrival, Event, FrameChange};
pub use evidence::{
    AreaFound, Candidate, Cause, CauseKind, ChangedArea, CommandResult, Evidence, FrameRef,
    KeptFile, Look, PointedOut, TextFound, TextResult, Wanted,
};
pub use excerpt::LONGEST_TEXT;
pub use film::{FilmPart, FilmPicture};
pub use look::{A_LOOK, KeptScreen};
pub use machine::{BackendFacts, MachineFacts, MachineNews, ResetKind};
pub use merge::{MergeError, Overlap};
pub use read::{Log, LogError, read_log};
pub use schema::log_schema;
pub use start::{AttemptReason, Host, InputFile, ScenarioInfo, StartedFrom};
pub use verdict::{ExitStatus, FlakyPolicy, Rules, StepOutcome, Verdict};
