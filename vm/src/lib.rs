//! Machines of any backend: screen, input, serial console, agent, power, and the images and firmware they start from.
//!
//! A [`MachineSpec`] says what a machine is made of; [`Machine::launch`] makes it run. From then on the [`Machine`] is
//! a handful of cheap handles and one stream of [`MachineEvent`]s:
//!
//! ```text
//! MachineSpec --launch--> Machine --+-- screen()    frames that changed, and a fresh one on demand
//!                            |      +-- keyboard()  keys, combinations, text of a US layout
//!                            |      +-- pointer()   absolute moves, buttons, wheel
//!                            |      +-- serial()    the serial console: search, tail, write
//!                            |      +-- agent()     commands in the guest
//!                            |      +-- power()     button, reset, pause, run state
//!                            |      +-- starvation() how much time it did not have, and proof that it runs
//!                            +-- MachineEvents: reset, shutdown, panic, internal error, disk error, exit, agent ...
//! ```
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use vm::{Arch, Disk, Machine, MachineSpec};
//!
//! let mut spec = MachineSpec::desktop(Arch::X86_64);
//! spec.disks.push(Disk::overlay("gnome.qcow2"));
//! let (machine, _events) = Machine::launch(&spec, "qa-results/run/gnome-login".as_ref()).await?;
//! let frame = machine.screen().now().await?;
//! println!("{} x {} pixels", frame.width, frame.height);
//! machine.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The crate knows nothing of needles, scenarios or tests, and never prints. Its futures can be dropped at any time: a
//! key that was down is let go, an answer that nobody waits for is dropped, and the machine goes on.

pub mod machine;

pub mod screen;

pub mod input;

pub mod serial;

pub mod agent;

pub mod spec;

pub mod qemu;

pub mod scripted;

pub mod board;

pub mod image;

pub mod host;

pub mod fuzz_targets;

mod capped_log;
mod clean_environment;
mod helper_limit;
mod hex_sum;
mod own_gaps;
mod process_setup;

pub use qemu::{checkpoint, firmware};

pub use agent::{
    Agent, AgentError, Capture, GuestCommand, GuestExit, GuestOutput, LeftRunning, Output, Relay,
};
pub use helper_limit::helper_limit;
pub use hex_sum::{HexSum, ParseSumError, SumOf};
pub use input::{
    Arrival, InputError, KeyName, Keyboard, Pace, Point, Pointer, PointerButton, ScrollDirection,
    Secrecy,
};
pub use machine::{
    BackendFacts, Capabilities, Capability, ControlError, ControlErrorKind, DriveError, Ending,
    EventOrigin, Lack, Lost, Machine, MachineEvent, MachineEvents, MachineFacts, Power, PowerError,
    ProcessorState, Processors, RunState, SaveError, Starvation, TimeTaken,
};
pub use qemu::{
    LaunchError, Offers, QemuFacts, SavedMachine, Saving, VariableStore, clear_killed,
    command_line::FIRMWARE_LOG,
};
pub use screen::{CaptureError, Frame, Placeholder, Rect, Screen, ScreenState};
pub use serial::{How, Looked, Serial, SerialError, SerialMatch, SerialSearch};
pub use spec::{
    Accel, AccelChoice, Arch, Credential, CredentialNameError, Disk, DiskBus, DiskSource, Display,
    DisplayDevice, Firmware, Forward, KernelBoot, KeyboardDevice, MachineSpec, Nic, NicModel,
    PointerDevice, Protocol,
};
