//! What this host has and lacks for running and building machines, and the command that installs it.

mod facts;
mod install;
mod os_release;
mod tool;

pub use facts::{ArchSupport, HostFacts};
pub use install::{InstallPlan, Missing};
pub use os_release::OsRelease;
pub use tool::{Tool, ToolState};
