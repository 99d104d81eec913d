//! Checks the ports of the host that a machine takes, before it starts. QEMU reports neither which port is taken nor by
//! which program.

use std::{
    io,
    net::{TcpListener, UdpSocket},
};

use super::LaunchError;
use crate::{Forward, MachineSpec, Protocol, host::PortHolder};

/// Refuses a machine if one of its ports is not free now.
pub(super) fn check(spec: &MachineSpec) -> Result<(), LaunchError> {
    let mut forwards = spec.nics.iter().flat_map(|nic| &nic.forwards);
    forwards.try_for_each(available)
}

fn available(forward: &Forward) -> Result<(), LaunchError> {
    let address = (forward.host, forward.host_port);
    // Closed at once. Packets to a former listener are no obstacle, neither here nor for QEMU.
    let bound = match forward.protocol {
        Protocol::Tcp => TcpListener::bind(address).map(drop),
        Protocol::Udp => UdpSocket::bind(address).map(drop),
    };
    bound.map_err(|error| LaunchError::Port {
        forward: *forward,
        reason: reason(forward, &error),
    })
}

fn reason(forward: &Forward, error: &io::Error) -> String {
    let holder = || PortHolder::of(forward.protocol, forward.host_port);
    match error.kind() {
        io::ErrorKind::AddrInUse => match holder() {
            Some(PortHolder { pid, name }) => format!("`{name}`, process {pid}, has it"),
            None => "another program has it".to_owned(),
        },
        io::ErrorKind::PermissionDenied => "only root may have it".to_owned(),
        io::ErrorKind::AddrNotAvailable => format!("this host has no address {}", forward.host),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::{Arch, Nic};

    fn forwarding(protocol: Protocol, host: Ipv4Addr, host_port: u16) -> MachineSpec {
        let mut spec = MachineSpec::desktop(Arch::X86_64);
        spec.nics = vec![Nic {
            forwards: vec![Forward {
                protocol,
                host,
                host_port,
                guest_port: 22,
            }],
            ..Nic::default()
        }];
        spec
    }

    #[test]
    fn a_port_that_somebody_has_is_told_with_its_number_and_holder() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let spec = forwarding(Protocol::Tcp, Ipv4Addr::LOCALHOST, port);
        let error = check(&spec).unwrap_err().to_string();
        let own = std::process::id();
        assert!(
            error.starts_with(&format!("port {port} (tcp) of 127.0.0.1 cannot be had: `"))
                && error.ends_with(&format!(", process {own}, has it")),
            "{error}"
        );
        drop(taken);
        check(&spec).unwrap();
    }

    #[test]
    fn an_address_of_another_host_is_told() {
        // An address that is reserved for documentation, so no host has it.
        let spec = forwarding(Protocol::Udp, Ipv4Addr::new(192, 0, 2, 1), 18_223);
        assert_eq!(
            check(&spec).unwrap_err().to_string(),
            "port 18223 (udp) of 192.0.2.1 cannot be had: this host has no address 192.0.2.1"
        );
    }
}
