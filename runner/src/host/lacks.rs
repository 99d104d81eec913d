//! Finds what this host lacks for a machine: a program, firmware, an accelerator, or a port that only root may use.
//! This is the only place that finds it before a machine starts.

use vm::host::{Missing, OsRelease};
use vm::{LaunchError, MachineSpec};

use super::install_hint::{install_hint, launch_hint};
use crate::failure::{Failure, chain};

/// Something that a host lacks for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostLack {
    /// The missing thing, in a sentence.
    pub message: String,
    /// The next thing to do.
    pub hint: String,
}

/// Checks if the host has everything that machines need. It checks each kind of machine once, which takes some tens of
/// milliseconds.
#[derive(Debug)]
pub(crate) struct HostCheck {
    look: fn(&MachineSpec) -> Result<(), LaunchError>,
    /// The first port that this user may listen on; none if the user may listen on every port.
    first_free_port: Option<u16>,
    /// The machines that were checked, without their disks, with the result of each.
    known: Vec<(MachineSpec, Result<(), LaunchError>)>,
}

impl HostCheck {
    /// Makes a check of this host.
    pub(crate) fn of_this_host() -> Self {
        Self {
            look: MachineSpec::check_host,
            first_free_port: first_free_port(),
            known: Vec::new(),
        }
    }

    /// Makes a check of a host that has everything.
    #[cfg(test)]
    pub(crate) fn of_host_with_everything() -> Self {
        Self {
            look: |_| Ok(()),
            first_free_port: None,
            known: Vec::new(),
        }
    }

    /// Returns what the host lacks for the machine `name`. Other errors are reported when the machine starts.
    pub(crate) fn lack(&mut self, name: &str, spec: &MachineSpec) -> Option<HostLack> {
        if let Err(
            error @ (LaunchError::Program(_)
            | LaunchError::Firmware(_)
            | LaunchError::Accel(_)
            | LaunchError::Tool(_)),
        ) = self.missing(spec)
        {
            return Some(HostLack {
                message: format!(
                    "machine `{name}` cannot start on this host: {}",
                    chain(error)
                ),
                hint: launch_hint(error),
            });
        }
        self.privileged_port(name, spec)
    }

    /// Refuses machines that need something that can be installed, or a port that only root may use. Waiting does not
    /// help, and the system under test is not to blame.
    ///
    /// # Errors
    /// When something is not installed: all of it, with the command that installs it. Otherwise, the first such port.
    pub(crate) fn refuse<'m>(
        &mut self,
        machines: impl Iterator<Item = (&'m str, &'m MachineSpec)> + Clone,
    ) -> Result<(), Failure> {
        let os = OsRelease::of_host();
        let mut lacking: Vec<(String, Missing)> = Vec::new();
        for (name, spec) in machines.clone() {
            if let Err(error) = self.missing(spec)
                && let Some(missing) = Missing::of(error, &os)
                && !lacking.iter().any(|(_, known)| *known == missing)
            {
                let why = format!("machine `{name}` cannot start here: {}", chain(error));
                lacking.push((why, missing));
            }
        }
        if !lacking.is_empty() {
            let why: Vec<&str> = lacking.iter().map(|(why, _)| why.as_str()).collect();
            let failure = Failure::usage(why.join("\n"));
            let missing = lacking.iter().map(|(_, missing)| missing);
            return Err(failure.hint(install_hint(&os, missing)));
        }
        let mut machines = machines;
        match machines.find_map(|(name, spec)| self.privileged_port(name, spec)) {
            Some(lack) => Err(Failure::usage(lack.message).hint(lack.hint)),
            None => Ok(()),
        }
    }

    fn missing(&mut self, spec: &MachineSpec) -> Result<(), &LaunchError> {
        let mut kind = spec.clone();
        // Images are not part of the host.
        kind.disks.clear();
        let place = self.known.iter().position(|(known, _)| *known == kind);
        let place = place.unwrap_or_else(|| {
            let found = (self.look)(&kind);
            self.known.push((kind, found));
            self.known.len() - 1
        });
        match &self.known[place].1 {
            Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn privileged_port(&self, name: &str, spec: &MachineSpec) -> Option<HostLack> {
        let first_free = self.first_free_port?;
        let forwards = spec.nics.iter().flat_map(|nic| &nic.forwards);
        let mut ports = forwards.map(|forward| forward.host_port);
        let port = ports.find(|port| *port < first_free)?;
        Some(HostLack {
            message: format!(
                "machine `{name}` wants port {port} of the host, which only root may have"
            ),
            hint: format!("forward port {first_free} or a higher one"),
        })
    }
}

/// Returns the first port that a user other than root may listen on; none for root.
fn first_free_port() -> Option<u16> {
    if rustix::process::geteuid().is_root() {
        return None;
    }
    let set = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let first = set.ok().and_then(|set| set.trim().parse().ok());
    Some(first.unwrap_or(1024))
}

#[cfg(test)]
mod tests {
    use vm::host::Tool;
    use vm::{Arch, Disk, Forward, Nic, Protocol};

    use super::*;

    /// A host without swtpm.
    fn without_swtpm(first_free_port: Option<u16>) -> HostCheck {
        HostCheck {
            look: |spec| match spec.tpm {
                true => Err(LaunchError::Tool(Tool::Swtpm)),
                false => Ok(()),
            },
            first_free_port,
            known: Vec::new(),
        }
    }

    fn with_tpm() -> MachineSpec {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.tpm = true;
        spec
    }

    /// A machine to which these ports of the host lead.
    fn forwarding(ports: &[u16]) -> MachineSpec {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        let forward = |port: &u16| Forward {
            protocol: Protocol::Tcp,
            host: [127, 0, 0, 1].into(),
            host_port: *port,
            guest_port: 22,
        };
        spec.nics = vec![Nic {
            forwards: ports.iter().map(forward).collect(),
            ..Nic::default()
        }];
        spec
    }

    #[test]
    fn what_the_host_lacks_is_told_with_the_machine_and_what_to_do() {
        let mut host = without_swtpm(None);
        assert_eq!(host.lack("pc", &forwarding(&[22])), None);
        let lack = host.lack("safe", &with_tpm()).expect("a lack");
        assert!(
            lack.message
                .starts_with("machine `safe` cannot start on this host: "),
            "{lack:?}"
        );
        assert!(!lack.hint.is_empty());
    }

    #[test]
    fn a_run_is_refused_with_everything_that_is_not_installed_once() {
        let (good, bad) = (forwarding(&[]), with_tpm());
        let mut host = without_swtpm(None);
        let machines = [("pc", &good), ("safe", &bad), ("sealed", &bad)];
        let failure = host.refuse(machines.into_iter()).expect_err("a refusal");
        let text = failure.to_string();
        assert!(
            text.starts_with("error: machine `safe` cannot start here: "),
            "{text}"
        );
        assert!(!text.contains("sealed"), "{text}");
        assert!(host.refuse([("pc", &good)].into_iter()).is_ok());
    }

    #[test]
    fn a_port_that_only_root_may_have_is_found() {
        for (ports, first_free, port) in [
            (&[2222][..], Some(1024), None),
            (&[2222, 80], Some(1024), Some(80)),
            (&[80], Some(0), None),
            (&[80], None, None),
        ] {
            let spec = forwarding(ports);
            let lack = without_swtpm(first_free).lack("m", &spec);
            let expected = port.map(|port| HostLack {
                message: format!(
                    "machine `m` wants port {port} of the host, which only root may have"
                ),
                hint: "forward port 1024 or a higher one".to_owned(),
            });
            assert_eq!(lack, expected, "{ports:?} {first_free:?}");
            let refused = without_swtpm(first_free).refuse([("m", &spec)].into_iter());
            assert_eq!(refused.is_err(), port.is_some(), "{ports:?} {first_free:?}");
        }
    }

    #[test]
    fn each_kind_of_machine_is_looked_at_once_whatever_its_disks() {
        let mut host = without_swtpm(None);
        let mut other = with_tpm();
        other.disks.push(Disk::blank(1));
        host.lack("a", &with_tpm());
        host.lack("b", &other);
        assert_eq!(host.known.len(), 1);
    }
}
