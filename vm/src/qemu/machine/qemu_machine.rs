//! The part of a running machine that only QEMU has: its process, its control connection, its files.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use qapi::qmp;
use rustix::process::Signal;
use tokio::time::timeout;

use super::{LaunchError, blueprint::Blueprint, driver::Driven, shared_memory::SharedMemory, vnc};
use crate::{
    Machine, MachineEvents, MachineSpec,
    machine::{ControlError, Ending, Starvation},
    qemu::{
        process::Killer,
        qmp::{Call, Qmp, Trace},
    },
};

/// The longest time that QEMU may take to end after `quit`, and again after SIGTERM. It ends in milliseconds unless its
/// host is stuck.
const GRACE: Duration = Duration::from_secs(3);

/// A running QEMU. Dropping it kills the process, and that of its TPM.
#[derive(Debug)]
pub(crate) struct QemuMachine {
    pub(super) qmp: Qmp,
    /// Its main memory, if the machine can be saved.
    pub(super) memory: Option<Arc<SharedMemory>>,
    pub(super) driven: Driven,
    pub(super) killer: Killer,
    /// Ends the process of its TPM, if it has one.
    pub(super) tpm_killer: Option<Killer>,
    // The last owner removes the files of the run, after both processes have gone.
    pub(super) blueprint: Arc<Blueprint>,
}

impl QemuMachine {
    pub(crate) fn spec(&self) -> &MachineSpec {
        &self.blueprint.spec
    }

    pub(crate) fn qmp(&self) -> &Qmp {
        &self.qmp
    }

    pub(crate) fn lost_log(&self) -> Option<String> {
        self.qmp.lost_log()
    }

    pub(crate) async fn relaunch(self) -> Result<(Machine, MachineEvents), LaunchError> {
        self.cut().await;
        let blueprint = Arc::clone(&self.blueprint);
        drop(self);
        blueprint.start(None).await
    }

    pub(crate) async fn vnc(&self) -> Result<Option<SocketAddr>, ControlError> {
        let answer = self.qmp.execute(qmp::query_vnc {}).await?;
        Ok(vnc::address(&answer)?)
    }

    pub(crate) async fn cut(&self) -> Ending {
        self.driven.expected.store(true, Ordering::Release);
        self.killer.signal(Signal::KILL);
        self.ended().await
    }

    /// Ends QEMU by `quit`, then by SIGTERM, then by SIGKILL. One that does not answer is killed at once.
    pub(crate) async fn shutdown(&self, starvation: &Starvation) -> Ending {
        self.driven.expected.store(true, Ordering::Release);
        if starvation.is_lost() {
            return self.cut().await;
        }
        let quit = async {
            let call = Call {
                limit: GRACE,
                trace: Trace::Full,
                ..Call::default()
            };
            // If it is refused or too late, the next step follows.
            let _ = self.qmp.ask::<_, qapi::Empty>(qmp::quit {}, call).await;
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

    /// Returns true if QEMU has not ended.
    pub(super) fn lives(&self) -> bool {
        self.driven.ending.borrow().is_none()
    }

    async fn ended(&self) -> Ending {
        let mut ending = self.driven.ending.clone();
        let ended = ending.wait_for(Option::is_some).await;
        match ended.as_deref() {
            Ok(Some(ending)) => ending.clone(),
            // The task is gone only with the runtime, and the process goes with it.
            Ok(None) | Err(_) => Ending {
                status: None,
                stderr_tail: String::new(),
            },
        }
    }
}

impl Drop for QemuMachine {
    fn drop(&mut self) {
        self.driven.expected.store(true, Ordering::Release);
        // Blocks for the milliseconds that a killed process takes. Does nothing if it has ended.
        self.killer.kill_and_reap();
        // The task of the machine would end the TPM a moment later. The files of the run go with this value, so both
        // processes must be gone by then.
        if let Some(tpm) = &self.tpm_killer {
            tpm.kill_and_reap();
        }
    }
}
