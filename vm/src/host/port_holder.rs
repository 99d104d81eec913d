//! Finds the program that listens on a port of this host.

use std::{fs, path::Path};

use crate::Protocol;

/// A process of this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortHolder {
    /// The id.
    pub pid: u32,
    /// The name, as the kernel has it.
    pub name: String,
}

impl PortHolder {
    /// Returns the process that listens on a port. None if no process does, or this user may not know it. Looks through
    /// all processes: some milliseconds.
    #[must_use]
    pub fn of(protocol: Protocol, port: u16) -> Option<Self> {
        Self::in_proc(Path::new("/proc"), protocol, port)
    }

    fn in_proc(proc: &Path, protocol: Protocol, port: u16) -> Option<Self> {
        let tables = match protocol {
            Protocol::Tcp => ["net/tcp", "net/tcp6"],
            Protocol::Udp => ["net/udp", "net/udp6"],
        };
        let sockets: Vec<String> = tables
            .iter()
            .filter_map(|table| fs::read_to_string(proc.join(table)).ok())
            .flat_map(|table| listening(&table, protocol, port))
            .map(|inode| format!("socket:[{inode}]"))
            .collect();
        if sockets.is_empty() {
            return None;
        }
        let entries = fs::read_dir(proc).ok()?;
        let mut processes = entries.filter_map(|entry| {
            let entry = entry.ok()?;
            let pid: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((pid, entry.path()))
        });
        let holds = |folder: &Path| {
            let open = fs::read_dir(folder.join("fd")).into_iter().flatten();
            open.flatten().any(|fd| {
                fs::read_link(fd.path())
                    .is_ok_and(|target| sockets.iter().any(|socket| target == Path::new(socket)))
            })
        };
        let (pid, folder) = processes.find(|(_, folder)| holds(folder))?;
        let name = fs::read_to_string(folder.join("comm")).ok()?;
        Some(Self {
            pid,
            name: name.trim().to_owned(),
        })
    }
}

/// Returns the inodes of the sockets in a table of the kernel that receive what arrives at a port.
fn listening(table: &str, protocol: Protocol, port: u16) -> Vec<String> {
    // TCP sockets that listen, and UDP sockets without a peer.
    let state = match protocol {
        Protocol::Tcp => "0A",
        Protocol::Udp => "07",
    };
    let port = format!("{port:04X}");
    let lines = table.lines().skip(1).filter_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let own = words.get(1)?.rsplit_once(':')?.1;
        let is_it = own == port && *words.get(3)? == state;
        is_it.then(|| words.get(9).map(|&inode| inode.to_owned()))?
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, UdpSocket};

    use super::*;

    #[test]
    fn a_table_of_the_kernel_is_read() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
0: 0100007F:472F 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
1: 0100007F:472F 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
";
        assert_eq!(listening(table, Protocol::Tcp, 18_223), ["4711"]);
        assert_eq!(listening(table, Protocol::Tcp, 22), ["4713"]);
        assert_eq!(listening(table, Protocol::Tcp, 23), [""; 0]);
    }

    #[test]
    fn this_process_is_found_by_what_it_listens_on() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let holder = PortHolder::of(Protocol::Tcp, port).unwrap();
        assert_eq!(holder.pid, std::process::id());
        drop(listener);
        assert_eq!(PortHolder::of(Protocol::Tcp, port), None);
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let holder = PortHolder::of(Protocol::Udp, port).unwrap();
        assert_eq!(holder.pid, std::process::id());
    }
}
