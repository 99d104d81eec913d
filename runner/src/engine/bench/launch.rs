//! Puts a machine on a bench: switches it on, or takes over one that was restored from a checkpoint.

use reports::{CauseKind, Event};
use vm::board::{BoardNews, Concealed};
use vm::{BackendFacts, Capability, LaunchError, Machine, MachineEvents, MachineSpec, Offers};

use crate::deadline::Scale;
use crate::engine::bench::Bench;
use crate::engine::session::Session;
use crate::engine::stop::Stop;
use crate::engine::watches::Watches;
use crate::failure::chain;
use crate::host::launch_hint;
use crate::plan::{BoardTarget, Target};

impl<'e> Bench<'e> {
    /// Returns what the job's image is run on.
    ///
    /// # Errors
    /// A file of the image or the machine is missing.
    fn target(&self) -> Result<&'e Target, Stop> {
        self.job.target.as_ref().map_err(|missing| {
            let stop = Stop::error(CauseKind::Image, missing.message.clone());
            stop.hint(missing.hint.clone())
        })
    }

    /// Returns the description of the job's virtual machine.
    ///
    /// # Errors
    /// A file of the image or the machine is missing, or the machine is a board.
    pub(in crate::engine) fn spec(&self) -> Result<&'e MachineSpec, Stop> {
        self.target()?
            .virtual_machine()
            .ok_or_else(|| Stop::error(CauseKind::Harness, "a board has no virtual machine"))
    }

    /// Switches the job's machine on.
    pub(in crate::engine) async fn launch(
        &mut self,
        watches: Watches,
        offers: Offers,
    ) -> Result<(), Stop> {
        let target = self.target()?;
        let launch = async {
            match target {
                Target::Virtual(spec) => {
                    self.engine
                        .machines
                        .launch(spec, &self.folder, offers)
                        .await
                }
                Target::Board(board) => self.launch_board(board).await,
            }
        };
        let mut cancel = self.engine.cancel.clone();
        let launched = tokio::select! {
            launched = launch => launched,
            () = cancel.requested() => return Err(Stop::cancelled()),
        };
        let (machine, events) = launched.map_err(|error| self.not_launched(&error))?;
        self.adopt(machine, events, watches);
        Ok(())
    }

    /// Returns the error for a machine that did not start.
    pub(in crate::engine) fn not_launched(&self, error: &LaunchError) -> Stop {
        let kind = match error {
            LaunchError::Image(_) => CauseKind::Image,
            _ => CauseKind::Launch,
        };
        let words = match error {
            LaunchError::Board(fault) => format!("board `{}`: {fault}", self.job.machine.name),
            _ => chain(error),
        };
        Stop::error(kind, words).hint(launch_hint(error))
    }

    /// Takes the job's board, writes the image to it and switches it on.
    async fn launch_board(
        &self,
        board: &BoardTarget,
    ) -> Result<(Machine, MachineEvents), LaunchError> {
        let mut spec = board.spec.clone();
        spec.run = self.engine.folder.name().to_owned();
        spec.concealed = Concealed::new(self.recorder.secrets());
        let recorder = self.recorder.clone();
        let news = move |news: BoardNews| {
            recorder.record(Event::Note {
                text: board_news(&news),
            });
        };
        Machine::board(&spec, Some(&board.image), &self.folder, news).await
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
                    BackendFacts::Board(sources) => reports::BackendFacts::Board {
                        sources: sources.clone(),
                    },
                    BackendFacts::Scripted => reports::BackendFacts::Scripted,
                },
            },
        });
        if let Err(lack) = machine.capabilities().require(Capability::ResetEvents)
            && !watches.allows_resets()
        {
            self.note(&format!("restarts are not watched: {lack}"));
        }
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
        self.roll_film(0);
    }
}

/// Returns the words for a step on the way to a board that is ready.
fn board_news(news: &BoardNews) -> String {
    match news {
        BoardNews::Waiting { holder } => format!("waits for the board: {holder} has it"),
        BoardNews::Acquired => "has the board; its services answer".to_owned(),
        BoardNews::Writing => "writes the image to the board".to_owned(),
        BoardNews::Written { took } => {
            format!(
                "the image is on the board after {:.1} s",
                took.as_secs_f64()
            )
        }
        BoardNews::On => "the board is on".to_owned(),
    }
}
