//! Checkpoints: saved machines on disk that any number of runs start from, and the store of them.
//!
//! ```text
//! checkpoints/                 mode 0700: memory of guests has their secrets
//!   CACHEDIR.TAG               our marker: without it nothing is ever removed here
//!   .lock                      held for the moment in which names change
//!   <key>/                     a checkpoint: complete, or it would not have this name
//!     checkpoint.json          its note, with the sizes and checksums of all other files
//!     ram, devices, disk0.qcow2, variables.raw ...
//!     .lock                    held by everyone who uses it or a child of it; its time is the last use
//!   .draft-<key>-<random>/     being made; its .lock is held by the maker
//!   .gone-<random>/            being removed
//!
//! begin --> Draft --commit (sums, sync, note, sync, rename)--> Lease <-- find
//!             \-- dropped or killed: it goes away
//! ```
//!
//! Several processes use a store at once. All locks are `flock`s, which end with their holder. A process that is killed
//! at any point leaves at most a draft or a half-removed folder, and the next process that opens the store removes it.
//! Names change only under the store's lock and by `rename`: an entry exists completely, or not at all.
//!
//! The disks of a child are overlays of its parents' disks. So the holder of a checkpoint also holds its ancestors, and
//! a parent is never removed before its children.
//!
//! The store does not interpret the state of a machine: the files have any names, and [`CheckpointFacts::state`] is
//! passed through. All calls block for as long as the disk takes. They must not run on the async threads.

mod blocks;
mod checksum;
mod damage;
#[cfg(test)]
mod damage_tests;
mod draft;
mod entry;
mod error;
mod key;
mod kill_point;
#[cfg(test)]
mod kill_tests;
mod lease;
mod lock;
mod marker;
mod names;
mod note;
mod prune;
mod removal;
mod retention;
mod sparse;
mod store;
#[cfg(test)]
mod store_tests;

pub use checksum::{Checksum, OfFile};
pub use damage::Damage;
pub use draft::Draft;
pub use entry::CheckpointEntry;
pub use error::CheckpointError;
pub use key::{CheckpointKey, OfCheckpoint};
pub use lease::Lease;
pub use note::{CheckpointFacts, CheckpointNote, FileNote, SCHEMA};
pub use prune::{PruneLimits, Pruned};
pub(crate) use sparse::copy_data;
pub use sparse::{SparseCopy, copy_sparse};
pub use store::{CheckpointStore, DEFAULT_LIMIT, Verified};
