//! The project file `qa.yaml`: its images, machines and matrices.

pub mod board;
mod capability;
mod folder_name;
mod image;
mod login;
mod machine;
mod matrix;
mod plain_pattern;
mod project;
mod retention;
mod size;

pub use capability::Capability;
pub(crate) use folder_name::is_folder_name;
pub use image::{DiskFormat, Image, ImageSource, KernelBoot};
pub use login::Login;
pub use machine::{
    Accel, Architecture, Credential, CredentialValue, Disk, DiskBus, Display, DisplayDevice,
    Firmware, Forward, ImageDisk, Input, Machine, Network, Nic, NicModel, Protocol,
};
pub use matrix::{Entry, Matrix};
pub use project::Project;
pub use retention::Retention;
