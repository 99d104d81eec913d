//! From the event log to reports: JUnit XML, the HTML report, the console summary, TAP, JSON, and the logs of CI
//! servers.
//!
//! A report is a pure function of the event log. This crate opens no file, and knows no machine, no needle and no
//! scenario.

mod against;
pub mod console;
mod cut;
mod duration;
mod earlier;
mod github;
mod gitlab;
mod html;
mod job_log;
mod json;
mod json_text;
mod junit;
mod log;
mod notice;
mod number_ranges;
mod plain_text;
mod resets;
mod run;
mod seconds;
mod size;
mod tap;
mod trace;
mod video;
mod words;

pub use against::{
    Against, Baseline, Baselines, Difference, Parting, SlowStep, UsualTime, is_slow,
};
pub use duration::{human_age, human_duration};
pub use earlier::{Earlier, Past, PastResult};
pub use github::{github_annotations, github_summary};
pub use gitlab::gitlab;
pub use html::{HtmlError, html};
pub use json::{SCHEMA, json};
pub use junit::junit;
pub use log::{
    A_LOOK, AreaFound, Arrival, AttemptReason, BackendFacts, Candidate, Cause, CauseKind,
    ChangedArea, CommandResult, Entry, Envelope, Event, Evidence, ExitStatus, FORMAT, FilmPart,
    FilmPicture, FlakyPolicy, FrameChange, FrameRef, Host, InputFile, KeptFile, KeptScreen,
    LONGEST_TEXT, Log, LogError, Look, MachineFacts, MachineNews, MergeError, Overlap, PointedOut,
    ResetKind, Rules, ScenarioInfo, StartedFrom, StepOutcome, TextFound, TextResult, Verdict,
    Wanted, log_schema, read_log,
};
pub use notice::{Notice, NoticeKind};
pub use run::{
    Attempt, Comparison, Durations, Equals, Finding, Fold, InputMark, LookMark, OpenEnd, Remark,
    Run, RunEnd, Scenario, SerialMark, Shot, SoftFailure, Spread, Stage, StageEntry,
    StartedMachine, Step, StepName, Unconfirmed, Varied,
};
pub use size::human_size;
pub use tap::tap;
pub use trace::trace;
pub use video::{Caption, NoVideo, Point, Scene, Screen, Storyboard, storyboard};
pub use words::pixels_away;
