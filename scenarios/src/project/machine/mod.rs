//! Machines as a project file describes them.

mod accel;
mod architecture;
mod credential;
mod disk;
mod display;
mod firmware;
mod fitness;
mod input;
mod machine;
mod network;
mod read;
mod secrets;

pub use accel::Accel;
pub use architecture::Architecture;
pub use credential::{Credential, CredentialValue};
pub use disk::{Disk, DiskBus, ImageDisk};
pub use display::{Display, DisplayDevice};
pub use firmware::Firmware;
pub use input::Input;
pub use machine::Machine;
pub use network::{Forward, Network, Nic, NicModel, Protocol};
