//! The programs, firmware and packages of this host, and the command that installs missing ones.

mod apt;
mod apt_lock;
mod board_tools;
mod facts;
mod install;
mod os_release;
mod package_family;
mod port_holder;
mod tool;
mod wanted;

pub use apt_lock::AptUser;
pub use board_tools::BoardTools;
pub use facts::{ArchSupport, HostFacts};
pub use install::{InstallPlan, Missing};
pub use os_release::OsRelease;
pub use package_family::PackageFamily;
pub use port_holder::PortHolder;
pub use tool::{Tool, ToolState};
pub use wanted::Wanted;
