//! The plan: which scenarios run in which order, on which machine, with which variables and steps.
//!
//! ```text
//! Library --Plan--> chains --VarSources--> variables --expand--> planned steps --render--> actions
//! ```

mod bindings;
mod chain;
mod combination;
mod expand;
mod image_and_machine;
mod keyboard;
mod lengths;
mod plan;
mod planned_step;
mod step_id;
mod var_sources;
mod watches;

pub(crate) use bindings::{Bindings, Bound};
pub use chain::Chain;
pub use combination::Combination;
pub use expand::expand;
pub(crate) use expand::expand_all;
pub use plan::{Plan, PlanNode};
pub(crate) use planned_step::no_time;
pub use planned_step::{PlannedStep, RenderedStep};
pub use step_id::{InvalidStepId, StepId};
pub use var_sources::VarSources;
pub(crate) use watches::check_watches;
pub use watches::{switched_off, watches};
