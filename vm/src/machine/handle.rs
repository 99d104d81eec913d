//! The handle of a running machine.

use std::{net::SocketAddr, path::Path};

use tokio::{sync::broadcast, time::Instant};

use super::{
    Backend, Capabilities, Capability, ControlError, DriveError, Ending, Lack, MachineEvent,
    MachineEvents, MachineFacts, Power, Processors, SaveError, Starvation,
};
use crate::{
    Agent, Keyboard, LaunchError, MachineSpec, Pointer, Saving, Screen, Serial, image::ImageFile,
};

/// A running machine. Tasks of its own control it. This handle and the handles that it returns only send requests.
///
/// It must be ended with [`shutdown`](Self::shutdown). Dropping it ends the machine at once, as a safety net.
#[derive(Debug)]
pub struct Machine {
    pub(crate) facts: MachineFacts,
    pub(crate) capabilities: Capabilities,
    pub(crate) screen: Screen,
    pub(crate) keyboard: Keyboard,
    pub(crate) pointer: Pointer,
    /// The first serial line, or an absent one.
    pub(crate) console: Serial,
    pub(crate) serials: Vec<Serial>,
    pub(crate) agent: Agent,
    pub(crate) power: Power,
    pub(crate) processors: Processors,
    pub(crate) starvation: Starvation,
    pub(crate) events: broadcast::WeakSender<MachineEvent>,
    pub(crate) backend: Backend,
}

impl Machine {
    /// Returns why its logs are not complete, as lowercase fragments. None if they are.
    #[must_use]
    pub fn lost_logs(&self) -> Vec<String> {
        let serials = self.serials.iter().filter_map(Serial::lost_log);
        let backend = match &self.backend {
            Backend::Qemu(qemu) => qemu.lost_log(),
            Backend::Board(board) => board.lost_log(),
            Backend::Scripted(_) => None,
        };
        serials.chain(backend).collect()
    }

    /// Returns why text of the serial line may be missing since a moment, as a sentence without capital. None if the
    /// line was open all the time. Only the line of a board can be lost while the machine runs.
    #[must_use]
    pub fn serial_gap(&self, since: Instant) -> Option<String> {
        match &self.backend {
            Backend::Board(board) => board.serial_gap(since),
            Backend::Qemu(_) | Backend::Scripted(_) => None,
        }
    }

    /// Returns why a power-off of the guest may not have been seen since a moment, as a sentence without capital. None
    /// if the power was asked all the time, or is not asked at all. Only the power of a board is asked.
    #[must_use]
    pub fn power_gap(&self, since: Instant) -> Option<String> {
        match &self.backend {
            Backend::Board(board) => board.power_gap(since),
            Backend::Qemu(_) | Backend::Scripted(_) => None,
        }
    }

    /// Ends this machine if it still runs, as a power cut does, and starts it again from its disks and firmware
    /// variables. The logs are continued. The handles of the old machine are dead.
    ///
    /// # Errors
    /// See [`LaunchError`].
    pub async fn relaunch(self) -> Result<(Self, MachineEvents), LaunchError> {
        match self.backend {
            Backend::Qemu(qemu) => qemu.relaunch().await,
            Backend::Board(board) => board.relaunch().await,
            Backend::Scripted(scripted) => scripted.relaunch().await,
        }
    }

    /// Returns the description of the virtual machine, with the present medium in its drive and the present boot order.
    /// None if it is a board.
    #[must_use]
    pub fn spec(&self) -> Option<&MachineSpec> {
        match &self.backend {
            Backend::Qemu(qemu) => Some(qemu.spec()),
            Backend::Board(_) => None,
            Backend::Scripted(scripted) => Some(scripted.spec()),
        }
    }

    /// Returns the facts of the machine.
    #[must_use]
    pub fn facts(&self) -> &MachineFacts {
        &self.facts
    }

    /// Returns the capabilities of the machine.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Returns its events from now on.
    #[must_use]
    pub fn events(&self) -> MachineEvents {
        MachineEvents::new(match self.events.upgrade() {
            Some(events) => events.subscribe(),
            // Its sender is dropped at once: the receiver sees a closed channel.
            None => broadcast::channel(1).1,
        })
    }

    /// Returns its screen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Returns its keyboard.
    #[must_use]
    pub fn keyboard(&self) -> &Keyboard {
        &self.keyboard
    }

    /// Returns its pointer.
    #[must_use]
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// Returns its first serial line, the console. If it has none, returns one that refuses every write.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        &self.console
    }

    /// Returns all of its serial lines.
    #[must_use]
    pub fn serials(&self) -> &[Serial] {
        &self.serials
    }

    /// Returns its guest agent.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Returns its power.
    #[must_use]
    pub fn power(&self) -> &Power {
        &self.power
    }

    /// Returns the count of time in which the machine could not run.
    #[must_use]
    pub fn starvation(&self) -> &Starvation {
        &self.starvation
    }

    /// Returns the guest's processors.
    #[must_use]
    pub fn processors(&self) -> &Processors {
        &self.processors
    }

    /// Returns the address where a VNC viewer reaches its screen, keyboard and pointer. None if it does not
    /// [offer](crate::Offers) that.
    ///
    /// # Errors
    /// When the machine does not answer.
    pub async fn vnc(&self) -> Result<Option<SocketAddr>, ControlError> {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.vnc().await,
            Backend::Board(_) | Backend::Scripted(_) => Ok(None),
        }
    }

    /// Cuts the power: nothing is flushed. Data that the guest has flushed is on its disks: with QEMU it is in files,
    /// or in the host's page cache, which outlives the process. Of unflushed writes, those to blocks that were never
    /// written before are lost, because only QEMU knew where they are stored. The overlay stays whole. The last event
    /// is [`Exited`](crate::MachineEvent::Exited), expected.
    ///
    /// # Errors
    /// Its power cannot be cut, or the switch of a board did not do so.
    pub async fn cut(&self) -> Result<Ending, ControlError> {
        self.capabilities.require(Capability::PowerCut)?;
        Ok(match &self.backend {
            Backend::Qemu(qemu) => qemu.cut().await,
            Backend::Board(board) => board.cut().await?,
            Backend::Scripted(scripted) => scripted.end().await,
        })
    }

    /// Ends the machine, waits until it is gone, and removes the files of the run. Takes milliseconds as a rule, and
    /// some seconds at most. A board is switched off and given back, which takes as long as its switch and its lab
    /// need: seconds as a rule, and minutes if they do not answer.
    pub async fn shutdown(self) -> Ending {
        match self.backend {
            Backend::Qemu(qemu) => qemu.shutdown(&self.starvation).await,
            Backend::Board(board) => board.shutdown().await,
            Backend::Scripted(scripted) => scripted.end().await,
        }
    }

    /// Returns why this machine cannot be saved. None if it can. It must run already: a device that prevents saving
    /// does so from its start.
    ///
    /// # Errors
    /// When the machine does not answer.
    pub async fn cannot_be_saved(&self) -> Result<Option<SaveError>, ControlError> {
        if let Err(lack) = self.capabilities.require(Capability::Save) {
            return Ok(Some(lack.into()));
        }
        match &self.backend {
            Backend::Qemu(qemu) => qemu.cannot_be_saved().await,
            Backend::Board(_) | Backend::Scripted(_) => {
                Ok(Some(Lack::without_remedy(Capability::Save).into()))
            }
        }
    }

    /// Stops the machine and writes its whole state to `folder`, which must be absolute and must have no such files.
    /// The files of its disks are moved there. After that the machine can only be [shut down](Self::shutdown).
    ///
    /// # Errors
    /// After any error the machine continues as before.
    pub async fn save(&self, folder: &Path) -> Result<Saving, SaveError> {
        self.save_unless(folder, std::future::pending()).await
    }

    /// Saves as [`save`](Self::save) does. Gives up if `given_up` ends before the state of the devices is written,
    /// which is the only part that waits for the machine. The machine is left paused then.
    ///
    /// # Errors
    /// [`SaveError::GivenUp`] if it was given up. After any other error the machine continues as before.
    pub async fn save_unless(
        &self,
        folder: &Path,
        given_up: impl Future<Output = ()>,
    ) -> Result<Saving, SaveError> {
        self.capabilities.require(Capability::Save)?;
        match &self.backend {
            Backend::Qemu(qemu) => qemu.save_unless(&self.power, folder, given_up).await,
            Backend::Board(_) | Backend::Scripted(_) => {
                Err(Lack::without_remedy(Capability::Save).into())
            }
        }
    }
}

/// Changes of drives apply at once if the machine runs, and also after the next start
/// ([`relaunch`](Machine::relaunch)). If the machine has ended, they apply from the next start. The futures must not be
/// dropped before their end: otherwise the drive may be left without its medium.
impl Machine {
    /// Removes the medium from the drive, even if the guest has locked it. The drive stays open. An empty drive stays
    /// empty.
    ///
    /// # Errors
    /// When there is no drive, or the machine refuses the commands.
    pub async fn eject(&mut self) -> Result<(), DriveError> {
        self.capabilities.require(Capability::ChangeMedium)?;
        match &mut self.backend {
            Backend::Qemu(qemu) => qemu.eject().await,
            Backend::Board(_) => Err(Lack::without_remedy(Capability::ChangeMedium).into()),
            Backend::Scripted(scripted) => scripted.eject(),
        }
    }

    /// Puts the CD or DVD in `image` into the drive, and replaces the medium there. The image is never written to.
    ///
    /// # Errors
    /// When there is no drive, the file is no disk image, or the machine refuses the commands. The drive may be empty
    /// then.
    pub async fn insert(&mut self, image: impl Into<ImageFile>) -> Result<(), DriveError> {
        self.capabilities.require(Capability::ChangeMedium)?;
        match &mut self.backend {
            Backend::Qemu(qemu) => qemu.insert(image.into()).await,
            Backend::Board(_) => Err(Lack::without_remedy(Capability::ChangeMedium).into()),
            Backend::Scripted(scripted) => scripted.insert(image.into()),
        }
    }

    /// Sets the disk that the firmware tries first at the next reset or start. The other disks follow in their order. A
    /// UEFI with a remembered order follows this one as well.
    ///
    /// # Errors
    /// When there is no such disk, or the machine refuses the commands.
    pub async fn boot_from(&mut self, place: usize) -> Result<(), DriveError> {
        self.capabilities.require(Capability::BootOrder)?;
        match &mut self.backend {
            Backend::Qemu(qemu) => qemu.boot_from(place).await,
            Backend::Board(_) => Err(Lack::without_remedy(Capability::BootOrder).into()),
            Backend::Scripted(scripted) => scripted.boot_from(place),
        }
    }
}
