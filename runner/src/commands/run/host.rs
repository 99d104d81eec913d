//! Checks of the host before a machine starts: the programs, files and permissions that it needs.

use std::sync::Arc;

use scenarios::{Machine, Network};
use vm::MachineSpec;
use vm::host::{Missing, OsRelease};

use crate::engine::Job;
use crate::failure::{Failure, chain};
use crate::install_hint::install_hint;

/// The first port that a user may listen on who is not root.
fn first_free_port() -> u16 {
    let set = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    set.ok()
        .and_then(|set| set.trim().parse().ok())
        .unwrap_or(1024)
}

/// Refuses machines that want a port of the host which this user may not have: no waiting helps.
pub(super) fn refuse_privileged(jobs: &[Arc<Job>]) -> Result<(), Failure> {
    if rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let first_free = first_free_port();
    let found = jobs
        .iter()
        .find_map(|job| Some((&job.machine.name, privileged(&job.machine, first_free)?)));
    let Some((machine, port)) = found else {
        return Ok(());
    };
    let failure = Failure::usage(format!(
        "machine `{machine}` wants port {port} of the host, which only root may have"
    ));
    Err(failure.hint(format!("forward a port from {first_free} on")))
}

/// A port of the host below the first that anybody may have.
fn privileged(machine: &Machine, first_free: u16) -> Option<u16> {
    let Network::Cards(cards) = &machine.network else {
        return None;
    };
    let forwards = cards.iter().flat_map(|card| &card.forward);
    forwards
        .map(|forward| forward.host_port)
        .find(|port| *port < first_free)
}

/// Refuses a run of which a machine's QEMU or firmware is not installed: nothing of the system under test is to blame,
/// and nothing that comes of waiting. Takes some tens of milliseconds for each kind of machine.
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

#[cfg(test)]
mod tests {
    use scenarios::{Project, Source};

    use super::*;

    #[test]
    fn a_port_that_only_root_may_have_is_found() {
        for (forward, first_free, port) in [
            ("[tcp:2222:22]", 1024, None),
            ("[tcp:2222:22, tcp:80:80]", 1024, Some(80)),
            ("[tcp:80:80]", 0, None),
        ] {
            let text = format!(
                "machines:\n  m: {{ preset: bios-x86_64, network: {{ forward: {forward} }} }}\n"
            );
            let (project, findings) = Project::read(&Source::new("qa.yaml", text));
            assert_eq!(findings, []);
            let project = project.expect("a project");
            let machine = project.machine("m").expect("a machine");
            assert_eq!(privileged(&machine, first_free), port, "{forward}");
        }
    }
}
