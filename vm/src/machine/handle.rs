//! The handle of a running machine.

use std::{net::SocketAddr, path::Path};

use tokio::sync::broadcast;

use super::{
    Backend, ControlError, DriveError, Ending, MachineEvent, MachineEvents, MachineFacts, Power,
    Processors, SaveError, Starvation,
};
use crate::{
    Agent, Keyboard, LaunchError, MachineSpec, Pointer, Saving, Screen, Serial, image::ImageFile,
};

/// A running machine. Tasks of its own drive it; this handle and the handles it gives out only send requests.
///
/// End it with [`shutdown`](Self::shutdown). Dropping it ends the machine at once, as a safety net.
#[derive(Debug)]
pub struct Machine {
    pub(crate) facts: MachineFacts,
    pub(crate) screen: Screen,
    pub(crate) keyboard: Keyboard,
    pub(crate) pointer: Pointer,
    /// At least one.
    pub(crate) serials: Vec<Serial>,
    pub(crate) agent: Agent,
    pub(crate) power: Power,
    pub(crate) processors: Processors,
    pub(crate) starvation: Starvation,
    pub(crate) events: broadcast::WeakSender<MachineEvent>,
    pub(crate) backend: Backend,
}

impl Machine {
    /// Returns why its logs are not whole, as lowercase fragments; none where they are.
    #[must_use]
    pub fn lost_logs(&self) -> Vec<String> {
        let serials = self.serials.iter().filter_map(Serial::lost_log);
        let backend = match &self.backend {
            Backend::Qemu(qemu) => qemu.lost_log(),
            Backend::Scripted(_) => None,
        };
        serials.chain(backend).collect()
    }

    /// Ends this machine if it still runs, as by pulling the plug, and starts it again from its disks and firmware
    /// variables as they are. Logs are continued; the handles of the old machine are dead.
    ///
    /// # Errors
    /// See [`LaunchError`].
    pub async fn relaunch(self) -> Result<(Self, MachineEvents), LaunchError> {
        match self.backend {
            Backend::Qemu(qemu) => qemu.relaunch().await,
            Backend::Scripted(scripted) => scripted.relaunch().await,
        }
    }

    /// Returns what the machine is built of, with the medium that is in its drive now and its boot order as it is now.
    #[must_use]
    pub fn spec(&self) -> &MachineSpec {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.spec(),
            Backend::Scripted(scripted) => scripted.spec(),
        }
    }

    /// Returns what the machine is.
    #[must_use]
    pub fn facts(&self) -> &MachineFacts {
        &self.facts
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

    /// Returns its first serial line, the console.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        // The check of its spec asks for one.
        &self.serials[0]
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

    /// Returns how long the host has kept its processors waiting.
    #[must_use]
    pub fn starvation(&self) -> &Starvation {
        &self.starvation
    }

    /// Returns the guest's processors.
    #[must_use]
    pub fn processors(&self) -> &Processors {
        &self.processors
    }

    /// Returns where a VNC viewer reaches its screen, keyboard and pointer; none where it does not
    /// [offer](crate::Offers) that.
    ///
    /// # Errors
    /// When the machine does not say.
    pub async fn vnc(&self) -> Result<Option<SocketAddr>, ControlError> {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.vnc().await,
            Backend::Scripted(_) => Ok(None),
        }
    }

    /// Pulls the plug: nothing is flushed on the way. What the guest flushed is on its disks: with QEMU it is in files,
    /// or in the host's page cache, which outlives the process. Of what it wrote without a flush, places that were
    /// never written before are lost, since QEMU alone knew where they lie; the overlay stays whole. The events end
    /// with [`Exited`](crate::MachineEvent::Exited), expected.
    pub async fn cut(&self) -> Ending {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.cut().await,
            Backend::Scripted(scripted) => scripted.end().await,
        }
    }

    /// Ends the machine, waits until it is gone, and removes what the run needed. Takes milliseconds as a rule and some
    /// seconds at most.
    pub async fn shutdown(self) -> Ending {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.shutdown(&self.starvation).await,
            Backend::Scripted(scripted) => scripted.end().await,
        }
    }

    /// Returns why this machine cannot be saved; none when it can. To be asked once it runs: a device that blocks
    /// it does so from its start.
    ///
    /// # Errors
    /// When the machine does not answer.
    pub async fn cannot_be_saved(&self) -> Result<Option<SaveError>, ControlError> {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.cannot_be_saved().await,
            Backend::Scripted(_) => Ok(Some(SaveError::NotSavable)),
        }
    }

    /// Stops the machine and writes all of its state to `folder` (absolute, there, empty of such files). The files of
    /// its disks are moved there: this machine is over then, and only waits to be [shut down](Self::shutdown).
    ///
    /// # Errors
    /// Whatever goes wrong, the machine goes on as if nothing had been.
    pub async fn save(&self, folder: &Path) -> Result<Saving, SaveError> {
        self.save_unless(folder, std::future::pending()).await
    }

    /// As [`save`](Self::save), unless `given_up` comes before the state of the devices is written: the only part of it
    /// that waits for the machine. The machine stands still then.
    ///
    /// # Errors
    /// [`SaveError::GivenUp`] when it was given up. With any other the machine goes on as if nothing had been.
    pub async fn save_unless(
        &self,
        folder: &Path,
        given_up: impl Future<Output = ()>,
    ) -> Result<Saving, SaveError> {
        match &self.backend {
            Backend::Qemu(qemu) => qemu.save_unless(&self.power, folder, given_up).await,
            Backend::Scripted(_) => Err(SaveError::NotSavable),
        }
    }
}

/// Changes of drives hold from now on where the machine runs, and where it is switched on again
/// ([`relaunch`](Machine::relaunch)). Where the machine has ended, they hold from then on. Their futures are to be run
/// to their end: dropped before, the drive may be without its medium.
impl Machine {
    /// Takes the medium out of the drive, with the force that a guest that has locked it needs. The drive stays open. A
    /// drive that is empty stays so.
    ///
    /// # Errors
    /// There is no drive, or the machine does not take the commands.
    pub async fn eject(&mut self) -> Result<(), DriveError> {
        match &mut self.backend {
            Backend::Qemu(qemu) => qemu.eject().await,
            Backend::Scripted(scripted) => scripted.eject(),
        }
    }

    /// Puts the CD or DVD in `image` (it is never written to) into the drive, instead of what is there.
    ///
    /// # Errors
    /// There is no drive, the file is no disk image, or the machine does not take the commands; the drive may be empty
    /// then.
    pub async fn insert(&mut self, image: impl Into<ImageFile>) -> Result<(), DriveError> {
        match &mut self.backend {
            Backend::Qemu(qemu) => qemu.insert(image.into()).await,
            Backend::Scripted(scripted) => scripted.insert(image.into()),
        }
    }

    /// The next time the machine is reset or switched on, its firmware tries the disk at this place of its spec first,
    /// and then the others in their order. A UEFI that remembers an order of its own goes by this one all the same.
    ///
    /// # Errors
    /// There is no such disk, or the machine does not take the commands.
    pub async fn boot_from(&mut self, place: usize) -> Result<(), DriveError> {
        match &mut self.backend {
            Backend::Qemu(qemu) => qemu.boot_from(place).await,
            Backend::Scripted(scripted) => scripted.boot_from(place),
        }
    }
}
