//! From the event log to a run as reports see it.
//!
//! [`Fold`] takes entries one at a time. A live view and a report are made by the same code: the report asks when the
//! log has ended, the live view asks before.

mod attempt;
mod comparison;
mod film;
mod fold;
mod judgement;
mod model;
mod scenario;

pub use attempt::{Attempt, Remark, SoftFailure, Stage, StageEntry, StartedMachine, Step};
pub(crate) use comparison::ended_at;
pub use comparison::{Comparison, Durations, Equals, Spread, StepName, Varied};
pub use film::{InputMark, LookMark, SerialMark, Shot};
pub use fold::{Fold, OpenEnd};
pub use model::{Run, RunEnd};
pub(crate) use scenario::Reason;
pub use scenario::{Finding, Scenario, Unconfirmed};
