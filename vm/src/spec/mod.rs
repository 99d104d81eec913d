//! The description of virtual machines: plain data. Starts no process, opens no file.

mod accel;
mod arch;
mod credential;
mod disk;
mod display;
mod drives;
mod machine_spec;
mod network;

pub use accel::{Accel, AccelChoice, AccelError, KvmFacts};
pub use arch::{Arch, ParseArchError};
pub use credential::{Credential, CredentialNameError};
pub use disk::{Disk, DiskBus, DiskSource};
pub use display::{Display, DisplayDevice};
pub(crate) use drives::{device_id, node_name};
pub use machine_spec::{Firmware, KernelBoot, KeyboardDevice, MachineSpec, PointerDevice};
pub use network::{Forward, Nic, NicModel, Protocol};
