//! A machine that is a board of a lab: power, serial line, screen, input and storage, each from its own source.
//!
//! ```text
//! BoardSpec --+-- power    labgrid, kvmd, Redfish, commands
//!             +-- line     TCP, RFC 2217, a device of this host, labgrid, a command
//!             +-- screen   kvmd, VNC, HTTP pictures, a capture device, a command
//!             +-- input    kvmd, VNC, a command
//!             '-- storage  labgrid, kvmd, a command
//! ```
//!
//! A board is what it has. What it does not have is a [`Lack`](crate::Lack), known before it is switched on. Nothing
//! tells that a board restarts: that is found by what it says on its serial line (`signs`).

pub mod command;
mod concealed;
mod driver;
pub mod fault;
mod gap;
pub mod general_hw;
mod held;
mod hold;
pub mod http;
mod jpeg;
pub mod kvmd;
pub mod labgrid;
mod launch;
pub mod line;
mod log;
mod machine;
mod news;
mod parts;
mod picture;
pub mod picture_command;
mod pixmap;
mod power;
mod power_source;
mod power_watch;
pub mod profiles;
mod raw_image;
pub mod redfish;
mod rested;
mod returns;
pub mod signs;
mod spec;
mod start;
mod tap;
mod underway;
pub mod vnc;

pub use command::{KeyCommand, PowerCommands, Shell, WriteCommand};
pub use concealed::Concealed;
pub use fault::{BoardFault, FaultKind};
pub use general_hw::{GeneralHw, VideoStream};
pub use hold::{Holder, holder};
pub use http::{CaptureDevice, CaptureTool, HttpPictureSpec, Tls};
pub use kvmd::KvmdSpec;
pub use labgrid::{LabgridSpec, Place as LabgridPlace};
pub use line::LineSpec;
pub use log::BOARD_LOG;
use log::BoardLog;
pub(crate) use machine::BoardMachine;
pub use news::BoardNews;
pub use picture_command::PictureCommand;
pub(crate) use power::BoardPower;
pub use profiles::Profile;
pub(crate) use raw_image::RAW_IMAGE;
pub use redfish::RedfishSpec;
pub use signs::SignSet;
pub use spec::{BoardSpec, InputFrom, LineFrom, PowerFrom, ScreenFrom, StorageFrom};
pub use underway::all_returned;
pub use vnc::VncSpec;
