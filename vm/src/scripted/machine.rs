//! The machine of a script.

use std::{
    fs, io,
    os::unix::net::UnixStream as StdUnixStream,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
};

use tokio::{
    net::UnixStream,
    sync::{broadcast, watch},
};

use super::{Script, ScriptedAgent, ScriptedPower, guest::Guest};
use crate::{
    Agent, BackendFacts, DiskSource, DriveError, Ending, Keyboard, LaunchError, Machine,
    MachineEvent, MachineEvents, MachineFacts, MachineSpec, Pointer, PointerDevice, Power,
    Processors, Serial, Starvation,
    image::ImageFile,
    input::Player,
    machine::Backend,
    screen::{CaptureTask, ScreenNudge},
};

/// The events that a slow receiver may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;

/// The part of a scripted machine that no handle has. Dropping it ends the machine.
#[derive(Debug)]
pub(crate) struct ScriptedMachine {
    script: Arc<Script>,
    spec: MachineSpec,
    folder: PathBuf,
    generations: Arc<AtomicU64>,
    events: broadcast::Sender<MachineEvent>,
    cut: watch::Sender<bool>,
}

impl Machine {
    /// Starts a machine of `spec` that follows a script. Its serial log is `serial0.log` in `folder`, which is made if
    /// it is not there.
    ///
    /// # Errors
    /// When the folder or the log cannot be made.
    pub fn scripted(
        spec: &MachineSpec,
        script: Arc<Script>,
        folder: &Path,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        start(spec.clone(), script, folder, Arc::default())
    }
}

impl ScriptedMachine {
    pub(crate) fn spec(&self) -> &MachineSpec {
        &self.spec
    }

    pub(crate) fn relaunch(self) -> Result<(Machine, MachineEvents), LaunchError> {
        self.end();
        let (script, generations) = (Arc::clone(&self.script), Arc::clone(&self.generations));
        start(self.spec.clone(), script, &self.folder, generations)
    }

    /// Ends it, as asked.
    pub(crate) fn end(&self) -> Ending {
        let ending = Ending {
            status: None,
            stderr_tail: String::new(),
        };
        if !self.cut.send_replace(true) {
            drop(self.events.send(MachineEvent::Exited {
                ending: ending.clone(),
                expected: true,
            }));
        }
        ending
    }

    pub(crate) fn eject(&mut self) -> Result<(), DriveError> {
        let place = self.spec.cd_drive().ok_or(DriveError::NoDrive)?;
        self.spec.disks[place].source = DiskSource::EmptyDrive;
        Ok(())
    }

    pub(crate) fn insert(&mut self, image: ImageFile) -> Result<(), DriveError> {
        let place = self.spec.cd_drive().ok_or(DriveError::NoDrive)?;
        self.spec.disks[place].source = DiskSource::Cdrom(image);
        Ok(())
    }

    pub(crate) fn boot_from(&mut self, place: usize) -> Result<(), DriveError> {
        let count = self.spec.disks.len();
        if place >= count {
            return Err(DriveError::NoDisk { place, count });
        }
        self.spec.boot_first = Some(place);
        Ok(())
    }
}

fn start(
    spec: MachineSpec,
    script: Arc<Script>,
    folder: &Path,
    generations: Arc<AtomicU64>,
) -> Result<(Machine, MachineEvents), LaunchError> {
    let failed = |action: &'static str, path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| LaunchError::File {
            action,
            path,
            source,
        }
    };
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    let log = folder.join("serial0.log");
    let (ours, theirs) = line().map_err(failed("connect a serial line of", folder))?;
    let serial = Serial::start(ours, &log).map_err(failed("open", &log))?;
    let (events, heard) = broadcast::channel(EVENTS_KEPT);
    let (cut, is_cut) = watch::channel(false);
    let (agent_open, agent_seen) = watch::channel(false);
    let guest = Guest::start(
        Arc::clone(&script),
        theirs,
        events.clone(),
        agent_open,
        is_cut,
    );
    let nudge = ScreenNudge::default();
    let player = Player::start(guest.clone(), nudge.clone(), Starvation::default());
    let agent = if spec.agent {
        let agent = ScriptedAgent::new(Arc::clone(&script), guest.clone(), agent_seen.clone());
        Agent::of_script(agent, agent_seen)
    } else {
        Agent::none()
    };
    let machine = Machine {
        facts: facts(&spec),
        screen: CaptureTask::start(guest.clone(), nudge, Arc::clone(&generations)),
        keyboard: Keyboard::new(player.clone()),
        pointer: Pointer::new(player, spec.pointer != PointerDevice::BuiltIn),
        serials: vec![serial],
        agent,
        power: Power::of_script(ScriptedPower::new(guest)),
        processors: Processors::unknown(),
        starvation: Starvation::default(),
        events: events.downgrade(),
        backend: Backend::Scripted(Box::new(ScriptedMachine {
            script,
            spec,
            folder: folder.to_owned(),
            generations,
            events,
            cut,
        })),
    };
    Ok((machine, MachineEvents::new(heard)))
}

/// Both ends of a serial line.
fn line() -> io::Result<(StdUnixStream, UnixStream)> {
    let (ours, theirs) = StdUnixStream::pair()?;
    theirs.set_nonblocking(true)?;
    Ok((ours, UnixStream::from_std(theirs)?))
}

fn facts(spec: &MachineSpec) -> MachineFacts {
    MachineFacts {
        arch: spec.arch,
        cpu_model: "scripted".to_owned(),
        cpus: spec.cpus,
        memory_mib: spec.memory_mib,
        firmware: "scripted".to_owned(),
        backend: BackendFacts::Scripted,
    }
}
