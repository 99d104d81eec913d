//! The facts of a machine.

use serde::Serialize;

use crate::log::BackendFacts;
use crate::run::StartedMachine;

/// A machine that was started for an attempt.
#[derive(Debug, Serialize)]
pub(super) struct MachineTold<'r> {
    /// Absent where the scenario has only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'r str>,
    machine: &'r str,
    arch: &'r str,
    firmware: &'r str,
    cpu: &'r str,
    cpus: u32,
    memory_mib: u64,
    deadline_factor: f64,
    backend: BackendTold<'r>,
}

/// The facts that only one kind of machine has.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
enum BackendTold<'r> {
    Qemu {
        version: &'r str,
        accel: &'r str,
        accel_reason: &'r str,
    },
    Board {
        sources: &'r str,
    },
    Scripted,
}

impl<'r> MachineTold<'r> {
    /// Returns the facts of a machine.
    pub(super) fn of(machine: &'r StartedMachine) -> Self {
        let facts = &machine.facts;
        Self {
            name: machine.name.as_deref(),
            machine: &facts.name,
            arch: &facts.arch,
            firmware: &facts.firmware,
            cpu: &facts.cpu,
            cpus: facts.cpus,
            memory_mib: facts.memory_mib,
            deadline_factor: facts.deadline_factor,
            backend: match &facts.backend {
                BackendFacts::Qemu {
                    version,
                    accel,
                    accel_reason,
                } => BackendTold::Qemu {
                    version,
                    accel,
                    accel_reason,
                },
                BackendFacts::Board { sources } => BackendTold::Board { sources },
                BackendFacts::Scripted => BackendTold::Scripted,
            },
        }
    }
}
