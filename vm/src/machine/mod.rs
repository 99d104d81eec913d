//! A machine of any backend: its handles, events, facts, capabilities and errors.
//!
//! ```text
//!            .-- screen, keyboard, pointer, serial lines, agent, power, processors, starvation
//! Machine ---+-- events: reset, shutdown, panic, end ...
//!            +-- facts, capabilities
//!            '-- backend: QEMU | board | script
//! ```
//!
//! No type in this folder names how a backend works.

mod backend;
mod capability;
mod control_error;
mod drive_error;
mod ending;
mod event;
mod facts;
mod handle;
mod lost;
mod power;
mod processors;
mod run_state;
mod save_error;
pub(crate) mod starvation;

pub(crate) use backend::Backend;
pub(crate) use capability::Stated;
pub use capability::{Capabilities, Capability, Lack};
pub use control_error::{ControlError, ControlErrorKind};
pub use drive_error::DriveError;
pub use ending::Ending;
pub use event::{EventOrigin, MachineEvent, MachineEvents};
pub use facts::{BackendFacts, MachineFacts};
pub use handle::Machine;
pub use lost::Lost;
pub use power::{Power, PowerError};
pub use processors::{ProcessorState, Processors};
pub use run_state::RunState;
pub use save_error::SaveError;
pub use starvation::{Starvation, TimeTaken};
