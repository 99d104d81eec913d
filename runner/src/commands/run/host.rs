//! What must be installed before a machine can start.

use std::sync::Arc;

use scenarios::Machine;
use vm::MachineSpec;
use vm::host::{Missing, OsRelease};

use crate::engine::Job;
use crate::failure::{Failure, chain};
use crate::install_hint::install_hint;

/// Refuses a run of which a machine's QEMU or firmware is not installed: nothing of the system under test is to blame, and
/// nothing that comes of waiting. Takes some tens of milliseconds for each kind of machine.
pub(super) fn refuse_missing(jobs: &[Arc<Job>]) -> Result<(), Failure> {
    let os = OsRelease::of_host();
    let mut looked_at: Vec<MachineSpec> = Vec::new();
    let mut lacking: Vec<(&Machine, String, Missing)> = Vec::new();
    // A scenario that the machine cannot run at all is skipped, whatever the host has.
    for job in jobs.iter().filter(|job| job.missing().is_none()) {
        let Some(mut spec) = job.spec() else { continue };
        // Images do not count here.
        spec.disks.clear();
        if looked_at.contains(&spec) {
            continue;
        }
        if let Err(error) = spec.check_host()
            && let Some(missing) = Missing::of(&error, &os)
            && !lacking.iter().any(|(_, _, known)| *known == missing)
        {
            lacking.push((&job.machine, chain(&error), missing));
        }
        looked_at.push(spec);
    }
    if lacking.is_empty() {
        return Ok(());
    }
    let why: Vec<String> = lacking
        .iter()
        .map(|(machine, error, _)| format!("machine `{}` cannot start here: {error}", machine.name))
        .collect();
    let failure = Failure::usage(why.join("\n"));
    Err(failure.hint(install_hint(
        &os,
        lacking.iter().map(|(_, _, missing)| missing),
    )))
}
