//! Machines of a matrix that this host cannot run: what is to run on them is an error, and the rest runs.

use std::collections::BTreeMap;

use vm::{LaunchError, MachineSpec};

use crate::engine::{HostLack, Job};
use crate::failure::chain;
use crate::install_hint::launch_hint;

/// Notes in jobs what this host lacks for their machines. Takes some tens of milliseconds for each kind of machine.
pub(super) fn note_lacks(jobs: &mut [Job]) {
    let mut known: BTreeMap<String, Option<HostLack>> = BTreeMap::new();
    // What the machine itself lacks for a scenario is a skip, whatever the host has.
    for job in jobs.iter_mut().filter(|job| job.missing().is_none()) {
        let Some(spec) = job.spec() else { continue };
        let lack = known
            .entry(format!("{spec:?}"))
            .or_insert_with(|| lack(&spec, &job.machine.name));
        job.unfit.clone_from(lack);
    }
}

fn lack(spec: &MachineSpec, name: &str) -> Option<HostLack> {
    match spec.check_host() {
        Err(
            error @ (LaunchError::Program(_)
            | LaunchError::Firmware(_)
            | LaunchError::Accel(_)
            | LaunchError::Tool(_)),
        ) => Some(HostLack {
            message: format!(
                "machine `{name}` cannot start on this host: {}",
                chain(&error)
            ),
            hint: launch_hint(&error),
        }),
        // Anything else is told by the machine when it starts.
        Ok(()) | Err(_) => None,
    }
}
