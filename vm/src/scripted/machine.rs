//! The machine of a script.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicU64},
};

use tokio::sync::{broadcast, watch};

use super::{
    Script, ScriptedAgent, ScriptedPower,
    task::{ScriptTask, TaskLinks},
};
use crate::{
    Agent, BackendFacts, Capability, DiskSource, DriveError, Ending, Keyboard, Lack, LaunchError,
    Machine, MachineEvents, MachineFacts, MachineSpec, Pointer, Power, Processors, Screen, Serial,
    Starvation,
    image::ImageFile,
    input::Player,
    machine::Backend,
    screen::{CaptureTask, ScreenNudge},
};

/// The events that a slow receiver may be behind before it misses some.
const EVENTS_KEPT: usize = 1024;

/// The bytes that the serial line holds in each direction until they are read.
const LINE_BUFFER: usize = 64 << 10;

/// The part of a scripted machine that no handle has. Dropping it ends the machine.
#[derive(Debug)]
pub(crate) struct ScriptedMachine {
    script: Arc<Script>,
    spec: MachineSpec,
    folder: PathBuf,
    generations: Arc<AtomicU64>,
    /// True ends the machine.
    cut: watch::Sender<bool>,
    /// Some once the machine has ended.
    ending: watch::Receiver<Option<Ending>>,
}

impl Machine {
    /// Starts a machine of `spec` that follows a script. Its serial log is `serial0.log` in `folder`, which is made if
    /// it does not exist.
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

    pub(crate) async fn relaunch(self) -> Result<(Machine, MachineEvents), LaunchError> {
        self.end().await;
        let (script, generations) = (Arc::clone(&self.script), Arc::clone(&self.generations));
        start(self.spec.clone(), script, &self.folder, generations)
    }

    /// Ends the machine on request, and waits until it has ended. One that has ended already is left so.
    pub(crate) async fn end(&self) -> Ending {
        self.cut.send_replace(true);
        let mut ending = self.ending.clone();
        let ended = ending.wait_for(Option::is_some).await;
        // An error means that the task broke off.
        let told = ended.ok().and_then(|ending| ending.clone());
        told.unwrap_or(Ending {
            status: None,
            stderr_tail: String::new(),
        })
    }

    fn drive(&self) -> Result<usize, DriveError> {
        let lack = Lack::without_remedy(Capability::ChangeMedium);
        Ok(self.spec.cd_drive().ok_or(lack)?)
    }

    pub(crate) fn eject(&mut self) -> Result<(), DriveError> {
        let place = self.drive()?;
        self.spec.disks[place].source = DiskSource::EmptyDrive;
        Ok(())
    }

    pub(crate) fn insert(&mut self, image: ImageFile) -> Result<(), DriveError> {
        let place = self.drive()?;
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
    let (ours, theirs) = tokio::io::duplex(LINE_BUFFER);
    let (read, write) = tokio::io::split(ours);
    let serial = Serial::start(read, write, &log).map_err(failed("open", &log))?;
    let (events, heard) = broadcast::channel(EVENTS_KEPT);
    let (cut, is_cut) = watch::channel(false);
    let (agent_open, agent_seen) = watch::channel(false);
    let capabilities = script.capabilities(&spec);
    let (told, ending) = watch::channel(None);
    let machine_events = events.downgrade();
    let links = TaskLinks {
        serial: theirs,
        events,
        agent: agent_open,
        cut: is_cut,
        ending: told,
        tells_resets: capabilities.has(Capability::ResetEvents),
    };
    let (guest, clock) = ScriptTask::start(Arc::clone(&script), links);
    let nudge = ScreenNudge::default();
    let player = Player::start(guest.clone(), nudge.clone(), Starvation::default());
    let has = |capability| capabilities.require(capability);
    let agent = match has(Capability::Agent) {
        Ok(()) => {
            let (script, seen) = (Arc::clone(&script), agent_seen.clone());
            let agent = ScriptedAgent::new(script, guest.clone(), clock, seen);
            Agent::of_script(agent, agent_seen)
        }
        Err(lack) => Agent::absent(lack),
    };
    let screen = match has(Capability::Screen) {
        Ok(()) => CaptureTask::start(guest.clone(), nudge, Arc::clone(&generations)),
        Err(lack) => Screen::absent(lack),
    };
    let (console, serials) = match has(Capability::Serial) {
        Ok(()) => (serial.clone(), vec![serial]),
        Err(lack) => (Serial::absent(lack), Vec::new()),
    };
    let machine = Machine {
        facts: facts(&spec),
        screen,
        keyboard: Keyboard::new(player.clone(), has(Capability::Keyboard)),
        pointer: Pointer::new(player, has(Capability::Pointer)),
        console,
        serials,
        agent,
        power: Power::of_script(ScriptedPower::new(guest), capabilities.clone()),
        capabilities,
        processors: Processors::unknown(),
        starvation: Starvation::default(),
        events: machine_events,
        backend: Backend::Scripted(Box::new(ScriptedMachine {
            script,
            spec,
            folder: folder.to_owned(),
            generations,
            cut,
            ending,
        })),
    };
    Ok((machine, MachineEvents::new(heard)))
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
