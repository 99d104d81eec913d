//! Computes how many machines this host can run at once.

use scenarios::Machine;

/// The memory that machines do not get: it is for the host and for `qa` itself.
const RESERVED_MIB: u64 = 1024;

/// The processors and the memory that the host has for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Logical processors.
    cores: u64,
    /// Memory that is available without swapping.
    memory_mib: u64,
}

impl Budget {
    /// Reads the budget of this host.
    pub(crate) fn of_host() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            cores,
            // If the host does not tell, it runs one machine.
            memory_mib: available_mib(&meminfo).unwrap_or(0),
        }
    }

    /// Returns the number of machines that fit, at least one. All count as the largest of them. An emulated processor
    /// keeps a whole core of the host busy, and so does a processor of a busy guest. So each core is counted once.
    pub(crate) fn slots<'m>(self, machines: impl IntoIterator<Item = &'m Machine>) -> usize {
        let (mut cpus, mut memory) = (1, 1);
        for machine in machines {
            cpus = cpus.max(u64::from(machine.cpus));
            memory = memory.max(u64::from(machine.memory_mib));
        }
        let by_cores = self.cores / cpus;
        let by_memory = self.memory_mib.saturating_sub(RESERVED_MIB) / memory;
        usize::try_from(by_cores.min(by_memory).max(1)).unwrap_or(1)
    }
}

/// Returns `MemAvailable` of `/proc/meminfo`, in MiB.
fn available_mib(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib >> 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(cpus: u32, memory_mib: u32) -> Machine {
        let mut machine = Machine::preset("uefi-x86_64").expect("a preset");
        machine.cpus = cpus;
        machine.memory_mib = memory_mib;
        machine
    }

    #[test]
    fn the_largest_machine_decides() {
        let host = Budget {
            cores: 16,
            memory_mib: 32 << 10,
        };
        let slots = |machines: &[Machine]| host.slots(machines);
        assert_eq!(slots(&[machine(2, 3072)]), 8);
        assert_eq!(slots(&[machine(1, 512), machine(2, 8192)]), 3);
        assert_eq!(slots(&[machine(32, 512)]), 1);
        assert_eq!(slots(&[]), 16);
        let small = Budget {
            cores: 2,
            memory_mib: 0,
        };
        assert_eq!(small.slots(&[machine(1, 512)]), 1);
    }

    #[test]
    fn memory_is_read_as_the_kernel_writes_it() {
        let text = "MemTotal:       24683656 kB\nMemAvailable:   22000000 kB\n";
        assert_eq!(available_mib(text), Some(21484));
        assert_eq!(available_mib("MemTotal: 1 kB\n"), None);
        assert_eq!(available_mib("MemAvailable: many\n"), None);
    }
}
