//! labgrid: places of a lab, reached by its program `labgrid-client`, of 25.0 or newer.
//!
//! ```text
//! check --> acquire, or reserve by tags --> power, SD multiplexer, write, serial line --> release
//!             '-- held by a person: waits, or a fault that says who
//! ```
//!
//! A place that is acquired stays so until it is released: labgrid ends no claim by itself. So a claim carries the
//! process that made it (`Owner`), is released when its value is dropped, and can be told from that of a person.
//!
//! The output of the program is for people. The folder `recordings` has what it really writes.

mod acquire;
mod acquired;
mod client;
mod export;
mod failure;
mod hold;
mod holder;
mod owner;
mod places;
mod program;
mod reservation;
mod spec;
mod version;

#[cfg(test)]
mod fake;
#[cfg(test)]
#[cfg(feature = "real-machines")]
mod real_tests;

pub use holder::{Holder, holders, release_from};
pub use owner::{Owner, OwnerState};
pub use program::{LABGRID_VERSION, default_program, installed_version};
pub use spec::{LabgridSpec, Place};
pub use version::Version;

pub(crate) use acquired::{Labgrid, Mux, WriteMode};
pub(crate) use export::{SerialExport, SerialProtocol};
#[cfg(test)]
pub(super) use fake::Fake;
