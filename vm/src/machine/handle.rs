use std::{
    net::SocketAddr,
    path::Path,
    process::ExitStatus,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use rustix::process::Signal;
use serde_json::Value;
use tokio::{sync::broadcast, time::timeout};

use super::{
    LaunchError, MachineEvents, MachineFacts, Offers, Power, Processors, RunState, SavedMachine,
    driver::Driven, shared_memory::SharedMemory, start::Blueprint, vnc,
};
use crate::{
    Agent, Keyboard, MachineSpec, Pointer, Screen, Serial, Starvation,
    qemu::Killer,
    qmp::{Call, Qmp, QmpError, Sensitivity, Trace},
};

/// The longest time that QEMU may take to end when asked by QMP, and again when told by SIGTERM. It ends in
/// milliseconds unless its host is stuck.
const GRACE: Duration = Duration::from_secs(3);

/// A running machine. One task of its own drives it; this handle and the handles it gives out only send requests.
///
/// End it with [`shutdown`](Self::shutdown). Dropping it kills QEMU as a safety net.
#[derive(Debug)]
pub struct Machine {
    pub(super) facts: MachineFacts,
    pub(super) screen: Screen,
    pub(super) keyboard: Keyboard,
    pub(super) pointer: Pointer,
    /// At least one.
    pub(super) serials: Vec<Serial>,
    pub(super) agent: Agent,
    pub(super) power: Power,
    pub(super) starvation: Starvation,
    pub(super) qmp: Qmp,
    /// Its main memory, where it can be saved.
    pub(super) memory: Option<Arc<SharedMemory>>,
    pub(super) driven: Driven,
    pub(super) killer: Killer,
    // The last one that has it removes the files of the run, after the process has gone.
    pub(super) blueprint: Arc<Blueprint>,
}

/// How a machine's QEMU ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Its exit status; none when it could not be learnt.
    pub status: Option<ExitStatus>,
    /// The end of what it wrote to stderr.
    pub stderr_tail: String,
}

impl Machine {
    /// Returns why its logs are not whole, as lowercase fragments; none where they are.
    #[must_use]
    pub fn lost_logs(&self) -> Vec<String> {
        let serials = self.serials.iter().filter_map(Serial::lost_log);
        serials.chain(self.qmp.lost_log()).collect()
    }

    /// Builds the machine of `spec` and starts it. `folder` (made if not there) gets `serial0.log`, `qmp.log` and
    /// `qemu.args` (and `swtpm.log` where there is a TPM); overlays, firmware variables and TPM state of the run are
    /// kept in it until the machine is shut down.
    ///
    /// The events begin before the machine's first instruction. Dropping the future ends what was started.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running.
    pub async fn launch(
        spec: &MachineSpec,
        folder: &Path,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        Self::launch_with(spec, folder, Offers::default()).await
    }

    /// As [`launch`](Self::launch), so that more can be done with the machine.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running.
    pub async fn launch_with(
        spec: &MachineSpec,
        folder: &Path,
        offers: Offers,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let blueprint = Blueprint::draw(spec, folder.to_owned(), offers, None).await?;
        Arc::new(blueprint).start(None).await
    }

    /// Lets a saved machine go on, in a QEMU of its own; `spec` is that of the saved one, with the medium and the boot
    /// order that it had when it was saved. One that was off stays off. What it writes stays its own. One that offers
    /// to be saved begins with a copy of the saved memory, which takes some tenths of a second; any other starts at
    /// once and shares what it does not write with all machines that were started from the same.
    ///
    /// # Errors
    /// See [`LaunchError`]; nothing is left running. [`LaunchError::Saved`] tells that the saved state is to blame.
    pub async fn restore(
        spec: &MachineSpec,
        folder: &Path,
        saved: &SavedMachine,
        offers: Offers,
    ) -> Result<(Self, MachineEvents), LaunchError> {
        let blueprint = Blueprint::draw(spec, folder.to_owned(), offers, Some(saved)).await?;
        Arc::new(blueprint).start(Some(saved)).await
    }

    /// Ends this machine if it still runs, as by pulling the plug, and starts it again from its disks and firmware
    /// variables as they are. Logs are continued; the handles of the old machine are dead.
    ///
    /// # Errors
    /// See [`LaunchError`].
    pub async fn relaunch(self) -> Result<(Self, MachineEvents), LaunchError> {
        self.cut().await;
        let blueprint = Arc::clone(&self.blueprint);
        drop(self);
        blueprint.start(None).await
    }

    /// What the machine is built of, with the medium that is in its drive now and its boot order as it is now.
    #[must_use]
    pub fn spec(&self) -> &MachineSpec {
        &self.blueprint.spec
    }

    /// What the machine is.
    #[must_use]
    pub fn facts(&self) -> &MachineFacts {
        &self.facts
    }

    /// Its events from now on.
    #[must_use]
    pub fn events(&self) -> MachineEvents {
        MachineEvents::new(match self.driven.events.upgrade() {
            Some(events) => events.subscribe(),
            // Its sender is dropped at once: the receiver sees a closed channel.
            None => broadcast::channel(1).1,
        })
    }

    /// Its screen.
    #[must_use]
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Its keyboard.
    #[must_use]
    pub fn keyboard(&self) -> &Keyboard {
        &self.keyboard
    }

    /// Its pointer.
    #[must_use]
    pub fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// Its first serial line, the console.
    #[must_use]
    pub fn serial(&self) -> &Serial {
        // The check of its spec asks for one.
        &self.serials[0]
    }

    /// All of its serial lines.
    #[must_use]
    pub fn serials(&self) -> &[Serial] {
        &self.serials
    }

    /// Its guest agent.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// Its power.
    #[must_use]
    pub fn power(&self) -> &Power {
        &self.power
    }

    /// How long the host has kept its processors waiting.
    #[must_use]
    pub fn starvation(&self) -> &Starvation {
        &self.starvation
    }

    /// Returns the guest's processors.
    #[must_use]
    pub fn processors(&self) -> Processors {
        Processors::new(self.qmp.clone())
    }

    /// QEMU itself, for what the other handles do not offer.
    #[must_use]
    pub fn qmp(&self) -> &Qmp {
        &self.qmp
    }

    /// Where a VNC viewer reaches its screen, keyboard and pointer; none where it does not [offer](Offers) that.
    ///
    /// # Errors
    /// When QEMU does not say.
    pub async fn vnc(&self) -> Result<Option<SocketAddr>, QmpError> {
        let answer = self
            .qmp
            .raw("query-vnc", Value::Null, Sensitivity::Open)
            .await?;
        vnc::address(&answer)
    }

    /// Pulls the plug: QEMU is killed, and nothing is flushed on the way. What the guest flushed is on its disks: it is
    /// in files, or in the host's page cache, which outlives QEMU. Of what it wrote without a flush, places that were
    /// never written before are lost, since QEMU alone knew where they lie; the overlay stays whole. The events end
    /// with [`Exited`](crate::MachineEvent::Exited), expected.
    pub async fn cut(&self) -> Ending {
        self.driven.expected.store(true, Ordering::Release);
        self.killer.signal(Signal::KILL);
        self.ended().await
    }

    /// Ends QEMU (it is asked, then told, then killed; one that does not answer is killed at once), waits until the
    /// process is gone, and removes what the run needed. Takes milliseconds as a rule and some seconds at most.
    pub async fn shutdown(self) -> Ending {
        self.driven.expected.store(true, Ordering::Release);
        if self.starvation.is_lost() {
            return self.cut().await;
        }
        let quit = async {
            let call = Call {
                limit: GRACE,
                trace: Trace::Full,
                ..Call::default()
            };
            // Refused or too late, the next means follows.
            let _ = self.qmp.call("quit", Value::Null, call).await;
            self.ended().await
        };
        if let Ok(ending) = timeout(GRACE, quit).await {
            return ending;
        }
        self.killer.signal(Signal::TERM);
        if let Ok(ending) = timeout(GRACE, self.ended()).await {
            return ending;
        }
        self.cut().await
    }

    /// Whether the guest has powered itself off. QEMU is still there.
    pub(super) async fn is_off(&self) -> Result<bool, QmpError> {
        let status = self.power.status().await;
        status
            .map(|state| state == RunState::Shutdown)
            .map_err(|error| error.source)
    }

    /// Whether QEMU is still there.
    pub(super) fn lives(&self) -> bool {
        self.driven.ending.borrow().is_none()
    }

    async fn ended(&self) -> Ending {
        let mut ending = self.driven.ending.clone();
        let ended = ending.wait_for(Option::is_some).await;
        match ended.as_deref() {
            Ok(Some(ending)) => ending.clone(),
            // The task is gone only when the runtime is; the process goes with it.
            Ok(None) | Err(_) => Ending {
                status: None,
                stderr_tail: String::new(),
            },
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.driven.expected.store(true, Ordering::Release);
        // Blocks for the milliseconds a killed process takes; nothing to do where it has ended.
        self.killer.kill_and_reap();
    }
}
