//! This host: how many machines it holds, what only one of them can have, what it lacks, and how to install it.

mod budget;
mod exclusive;
mod install_hint;
mod lacks;
mod memory;

pub(crate) use budget::Budget;
pub(crate) use exclusive::Exclusive;
pub(crate) use install_hint::launch_hint;
pub(crate) use lacks::{HostCheck, HostLack};
pub(crate) use memory::HostMemory;
