//! This host: how many machines it can run, which parts only one machine can use, and what it lacks.

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
