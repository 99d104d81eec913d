//! Test modules as scenarios: which steps the calls of openQA's test API become.
//!
//! A call that cannot be told becomes a comment with its place and its source. Nothing is dropped in silence.

mod arguments;
mod assigned;
mod calls;
mod condition;
mod entry;
mod facts;
mod flow;
mod functions;
mod input;
mod look;
mod module;
mod record;
mod scalar;
mod shell;
mod text;
mod writer;

pub(super) use arguments::word;
pub(super) use entry::{Entry, has_step, write};
pub(super) use facts::{Facts, Uses};
pub(super) use module::{Flags, Module, tell};
pub(super) use scalar::{comment, scalar};
