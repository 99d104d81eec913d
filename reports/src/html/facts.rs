//! Facts about hosts and machines, each with its name.

use crate::log::{BackendFacts, Host, MachineFacts};
use crate::plain_text::plain_line;
use crate::run::{Attempt, StartedMachine};
use crate::size::human_size;

/// Name and value.
pub(super) type Fact = (&'static str, String);

/// Returns the facts of the hosts of a run. Of several hosts, it returns the names alone.
pub(super) fn hosts(hosts: &[Host]) -> Vec<Fact> {
    let host = match hosts {
        [] => return Vec::new(),
        [host] => host,
        several => {
            let names = several.iter().map(|host| plain_line(&host.name));
            return vec![("hosts", names.collect::<Vec<_>>().join(", "))];
        }
    };
    let mut facts = vec![("host", plain_line(&host.name))];
    if !host.os.is_empty() {
        facts.push(("system", plain_line(&host.os)));
    }
    facts.push((
        "size",
        format!("{} cores, {}", host.cores, memory(host.memory_mib)),
    ));
    facts
}

/// Returns the facts of the machines of an attempt, as each was started last. Of several machines, it returns one line
/// each.
pub(super) fn machines(attempt: &Attempt) -> Vec<Fact> {
    let last = attempt.last_machines();
    let line = |machine: &&StartedMachine| {
        let name = machine.name.as_deref()?;
        let facts = &machine.facts;
        let text = format!(
            "{name}: {}, {}, {}",
            facts.name,
            facts.arch,
            facts.backend.word()
        );
        Some(("machine", plain_line(&text)))
    };
    match last.iter().map(line).collect() {
        Some(lines) => lines,
        None => last
            .last()
            .map_or_else(Vec::new, |machine| facts(&machine.facts)),
    }
}

fn facts(machine: &MachineFacts) -> Vec<Fact> {
    let mut facts = vec![
        ("machine", plain_line(&machine.name)),
        ("architecture", plain_line(&machine.arch)),
        ("firmware", plain_line(&machine.firmware)),
    ];
    let version = match &machine.backend {
        BackendFacts::Qemu {
            version,
            accel,
            accel_reason,
        } => {
            let accel = match accel_reason.as_str() {
                "" => plain_line(accel),
                reason => format!("{} ({})", plain_line(accel), plain_line(reason)),
            };
            facts.push(("accelerator", accel));
            Some(("QEMU", plain_line(version)))
        }
        BackendFacts::Board { sources } => {
            facts.push(("board", plain_line(sources)));
            None
        }
        BackendFacts::Scripted => {
            facts.push(("backend", machine.backend.word().to_owned()));
            None
        }
    };
    // Nobody tells what a board has inside.
    if !matches!(machine.backend, BackendFacts::Board { .. }) {
        let processors = format!("{} × {}", machine.cpus, plain_line(&machine.cpu));
        facts.push(("processor", processors));
        facts.push(("memory", memory(machine.memory_mib)));
    }
    facts.extend(version);
    if (machine.deadline_factor - 1.0).abs() > f64::EPSILON {
        facts.push(("deadlines", format!("× {}", machine.deadline_factor)));
    }
    facts
}

fn memory(mib: u64) -> String {
    human_size(mib.saturating_mul(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        assert_eq!(memory(7_933), "7.7 GiB");
    }
}
