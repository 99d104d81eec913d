//! Puts a machine on a bench: switches it on, or takes over one that was restored from a checkpoint.

use reports::{CauseKind, Event};
use vm::{BackendFacts, LaunchError, Machine, MachineEvents, MachineSpec, Offers};

use crate::deadline::Scale;
use crate::engine::bench::Bench;
use crate::engine::session::Session;
use crate::engine::stop::Stop;
use crate::engine::watches::Watches;
use crate::failure::chain;
use crate::host::launch_hint;

impl<'e> Bench<'e> {
    /// Returns the description from which `vm` makes the job's machine.
    ///
    /// # Errors
    /// A file of the image or the machine is missing.
    pub(in crate::engine) fn spec(&self) -> Result<&'e MachineSpec, Stop> {
        self.job.spec.as_ref().map_err(|missing| {
            let stop = Stop::error(CauseKind::Image, missing.message.clone());
            stop.hint(missing.hint.clone())
        })
    }

    /// Switches the job's machine on.
    pub(in crate::engine) async fn launch(
        &mut self,
        watches: Watches,
        offers: Offers,
    ) -> Result<(), Stop> {
        let spec = self.spec()?;
        let launch = self.engine.machines.launch(spec, &self.folder, offers);
        let mut cancel = self.engine.cancel.clone();
        let launched = tokio::select! {
            launched = launch => launched,
            () = cancel.requested() => return Err(Stop::cancelled()),
        };
        let (machine, events) = launched.map_err(|error| {
            let kind = match &error {
                LaunchError::Image(_) => CauseKind::Image,
                _ => CauseKind::Launch,
            };
            Stop::error(kind, chain(&error)).hint(launch_hint(&error))
        })?;
        self.adopt(machine, events, watches);
        Ok(())
    }

    /// Takes over a machine that was just launched or restored, and records its facts.
    pub(in crate::engine) fn adopt(
        &mut self,
        machine: Machine,
        events: MachineEvents,
        watches: Watches,
    ) {
        let facts = machine.facts();
        self.scale = Scale::new(facts.is_emulated(), self.engine.deadline_scale);
        self.machine_number += 1;
        self.recorder.record(Event::MachineStarted {
            facts: reports::MachineFacts {
                name: self.job.machine.name.clone(),
                arch: facts.arch.to_string(),
                firmware: facts.firmware.clone(),
                cpu: facts.cpu_model.clone(),
                cpus: facts.cpus,
                memory_mib: u64::from(facts.memory_mib),
                deadline_factor: self.scale.factor(),
                backend: match &facts.backend {
                    BackendFacts::Qemu(qemu) => reports::BackendFacts::Qemu {
                        version: qemu.version.to_string(),
                        accel: qemu.accel.name().to_owned(),
                        accel_reason: qemu.accel.reason().to_owned(),
                    },
                    BackendFacts::Scripted => reports::BackendFacts::Scripted,
                },
            },
        });
        let session = Session::new(
            machine,
            events,
            watches,
            self.engine.cancel.clone(),
            self.recorder.clone(),
        );
        for secret in self.recorder.secrets() {
            session.conceal(&secret);
        }
        self.session = Some(session);
    }
}
