//! Tells whether the processors of a QEMU's guest can still run. QMP does not tell (`halted` was removed in QEMU 6.0).
//! The monitor for people does, on `x86_64` only.

use qapi::qmp;

use super::qmp::{Call, Qmp, Trace};
use crate::machine::ProcessorState;

/// The processors of a QEMU. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct QemuProcessors(Qmp);

/// The flag for enabled interrupts.
const INTERRUPT_FLAG: u32 = 1 << 9;

impl QemuProcessors {
    pub(crate) fn new(qmp: Qmp) -> Self {
        Self(qmp)
    }

    /// Returns their state now.
    pub(crate) async fn state(&self) -> ProcessorState {
        let call = Call {
            trace: Trace::Nothing,
            ..Call::default()
        };
        let command = qmp::human_monitor_command {
            cpu_index: None,
            command_line: "info registers -a".to_owned(),
        };
        match self.0.ask::<_, String>(command, call).await {
            Ok(registers) => state_of(&registers),
            Err(_) => ProcessorState::Unknown,
        }
    }
}

/// Reads the output of `info registers -a`, for every processor: `EFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=1`.
fn state_of(registers: &str) -> ProcessorState {
    let lines = registers.lines().filter(|line| line.contains(" HLT="));
    let halted: Option<Vec<bool>> = lines.map(is_halted).collect();
    match halted {
        Some(all) if all.is_empty() => ProcessorState::Unknown,
        Some(all) if all.iter().all(|&halted| halted) => ProcessorState::Halted,
        Some(_) => ProcessorState::Alive,
        None => ProcessorState::Unknown,
    }
}

/// Returns true if a processor has halted with interrupts off. None if the line has another form.
fn is_halted(line: &str) -> Option<bool> {
    let mut words = line.split_whitespace();
    let mut value = |names: &[&str]| {
        words.find_map(|word| {
            let (name, value) = word.split_once('=')?;
            names.contains(&name).then_some(value)
        })
    };
    let flags = u32::from_str_radix(value(&["EFL", "RFL"])?, 16).ok()?;
    let halted = value(&["HLT"])? == "1";
    Some(halted && flags & INTERRUPT_FLAG == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A processor in 16 bits, in the form of QEMU 7.2.
    fn processor(flags: &str, halted: u32) -> String {
        format!(
            "\r\nCPU#0\r\nEAX=00000a0d EBX=0000000a ECX=00000000 EDX=000003fd\r\n\
             EIP=00007c4c EFL={flags} [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT={halted}\r\n\
             ES =b800 000b8000 0000ffff 00009300\r\n"
        )
    }

    #[test]
    fn a_guest_is_halted_when_none_of_its_processors_can_wake_up() {
        for (all, state) in [
            (processor("00000046", 1), ProcessorState::Halted),
            (processor("00000246", 1), ProcessorState::Alive),
            (processor("00000046", 0), ProcessorState::Alive),
            (
                processor("00000002", 1) + &processor("00000046", 1),
                ProcessorState::Halted,
            ),
            (
                // A processor that was never started, and one that is idle.
                processor("00000002", 1) + &processor("00000246", 1),
                ProcessorState::Alive,
            ),
            (
                processor("00000046", 1).replace("EIP=00007c4c EFL=", "RIP=ffffffff81a0b4c2 RFL="),
                ProcessorState::Halted,
            ),
            (processor("?", 1), ProcessorState::Unknown),
            // An ARM processor.
            (
                "CPU#0\r\n PC=0000000040080000 X00=0000000000000000\r\nPSTATE=400003c5 -Z-- EL1h\r\n".to_owned(),
                ProcessorState::Unknown,
            ),
            (String::new(), ProcessorState::Unknown),
        ] {
            assert_eq!(state_of(&all), state, "{all}");
        }
    }
}
