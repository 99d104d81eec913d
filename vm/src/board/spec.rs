//! The description of a board.

use std::{path::PathBuf, time::Duration};

use super::{
    Concealed,
    command::{KeyCommand, PowerCommands, WriteCommand},
    http::{CaptureDevice, HttpPictureSpec},
    kvmd::KvmdSpec,
    labgrid::LabgridSpec,
    line::LineSpec,
    picture_command::PictureCommand,
    redfish::RedfishSpec,
    signs::SignSet,
    vnc::VncSpec,
};
use crate::{
    Arch,
    machine::{Capabilities, Capability, Stated},
};

/// A board: the services that it is reached through, and which of them gives which part.
#[derive(Debug, Clone)]
pub struct BoardSpec {
    /// Its name, for people.
    pub name: String,
    /// Its architecture.
    pub arch: Arch,
    /// Its place in labgrid, which is acquired for each run.
    pub labgrid: Option<LabgridSpec>,
    /// Its network KVM.
    pub kvmd: Option<KvmdSpec>,
    /// Its VNC server.
    pub vnc: Option<VncSpec>,
    /// Its management controller.
    pub redfish: Option<RedfishSpec>,
    /// The source of its power.
    pub power: PowerFrom,
    /// The source of its serial line.
    pub line: Option<LineFrom>,
    /// The source of its pictures.
    pub screen: Option<ScreenFrom>,
    /// The source of keyboard and pointer.
    pub input: Option<InputFrom>,
    /// The way to write its storage.
    pub storage: Option<StorageFrom>,
    /// The texts on its serial line that tell that it starts.
    pub signs: SignSet,
    /// The folder of this host's locks of boards.
    pub locks: PathBuf,
    /// The longest wait for a board that another run has.
    pub patience: Duration,
    /// The name of the run that wants it.
    pub run: String,
    /// The secrets that no log of it may have.
    pub concealed: Concealed,
}

/// The source of a board's power.
#[derive(Debug, Clone)]
pub enum PowerFrom {
    /// Labgrid.
    Labgrid,
    /// The network KVM.
    Kvmd,
    /// The management controller.
    Redfish,
    /// Commands.
    Commands(Box<PowerCommands>),
}

/// The source of a board's serial line.
#[derive(Debug, Clone)]
pub enum LineFrom {
    /// Labgrid exports it.
    Labgrid,
    /// This host reaches it itself.
    Line(LineSpec),
}

/// The source of a board's pictures.
#[derive(Debug, Clone)]
pub enum ScreenFrom {
    /// The network KVM.
    Kvmd,
    /// The VNC server.
    Vnc,
    /// An HTTP address.
    Http(HttpPictureSpec),
    /// A capture device of this host.
    Capture(CaptureDevice),
    /// A command.
    Command(PictureCommand),
}

/// The source of a board's keyboard and pointer.
#[derive(Debug, Clone)]
pub enum InputFrom {
    /// The network KVM.
    Kvmd,
    /// The VNC server.
    Vnc,
    /// A command.
    Command(KeyCommand),
}

/// The way to write a board's storage.
#[derive(Debug, Clone)]
pub enum StorageFrom {
    /// Labgrid.
    Labgrid,
    /// The virtual medium of the network KVM.
    Kvmd,
    /// A command.
    Command(WriteCommand),
}

impl BoardSpec {
    /// Returns the capabilities of this board. They are known before it is switched on.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        let part = |has: bool, remedy| match has {
            true => Stated::Has,
            false => Stated::LacksUnless(remedy),
        };
        Capabilities::stated(|capability| match capability {
            Capability::Screen => part(
                self.screen.is_some(),
                "give it a `screen:` under `board:` of qa.yaml",
            ),
            Capability::Keyboard | Capability::Pointer => part(
                self.input.is_some(),
                "give it an `input:` under `board:` of qa.yaml",
            ),
            Capability::Serial => part(
                self.line.is_some(),
                "give it a `serial:` under `board:` of qa.yaml",
            ),
            // Restarts are found by what the board says.
            Capability::ResetEvents => part(
                self.line.is_some(),
                "its restarts are found on its serial line: give it a `serial:` under `board:` of qa.yaml",
            ),
            Capability::PowerButton => match &self.power {
                PowerFrom::Kvmd | PowerFrom::Redfish => Stated::Has,
                PowerFrom::Commands(commands) => part(
                    commands.button.is_some(),
                    "give it the command `button:` under `commands:` of qa.yaml",
                ),
                PowerFrom::Labgrid => Stated::Lacks,
            },
            Capability::Reset | Capability::SwitchOn | Capability::PowerCut => Stated::Has,
            // Found by its last words, or by its switch. Many switches of labgrid do not tell.
            Capability::PowerOffEvents => {
                let tells = match &self.power {
                    PowerFrom::Kvmd | PowerFrom::Redfish => true,
                    PowerFrom::Commands(commands) => commands.status.is_some(),
                    PowerFrom::Labgrid => false,
                };
                part(
                    tells || self.line.is_some(),
                    "give it a `serial:` under `board:` of qa.yaml, or the command `status:` under `commands:`",
                )
            }
            Capability::Agent
            | Capability::Pause
            | Capability::ChangeMedium
            | Capability::BootOrder
            | Capability::Save
            | Capability::ProcessorState
            | Capability::ResetCauses => Stated::Lacks,
        })
    }

    /// Returns whether an image can be written to its storage.
    #[must_use]
    pub fn can_be_written(&self) -> bool {
        self.storage.is_some()
    }
}
