//! What the machine did by itself: expected, a failure of the system under test, or the machine's own end.

use std::time::Duration;
use tokio::time::Instant;

use reports::{CauseKind, MachineNews};
use rustix::process::Signal;
use scenarios::ResetKind;
use vm::{Ending, EventOrigin, MachineEvent};

use super::resets::{Counted, reported};
use super::{Session, Wake};
use crate::engine::stop::Stop;
use crate::host::HostMemory;
use crate::millis::millis;

/// SeaBIOS answers a reset of a machine that it has booted before with resets of its own, to begin in a known
/// state: with two of them 55 ms later under QEMU 7.2 on a host of two cores. No guest comes so far as to
/// reset itself in that time.
const ECHO: Duration = Duration::from_secs(2);

impl Session {
    /// Judges what the machine did.
    pub(super) fn take(&mut self, event: MachineEvent) -> Result<Option<Wake>, Stop> {
        match event {
            MachineEvent::Reset { by, reason } => self.reset(by, &reason),
            MachineEvent::Shutdown { by, reason } => self.shutdown(by, &reason),
            MachineEvent::Panicked => {
                let expected = self.ledger.foresees_panic();
                self.news(MachineNews::Panicked { expected });
                if expected {
                    self.go_on_panicking();
                    return Ok(None);
                }
                let stop = Stop::failed(CauseKind::Panic, "the guest's kernel panicked")
                    .hint("the serial console has the panic's text")
                    .hint("if it is meant to, and restarts the machine, `resets: { panic: 1 }` at the step says so");
                Err(self.finish(stop))
            }
            MachineEvent::InternalError { advice } => {
                self.news(MachineNews::InternalError);
                let stop = Stop::error(
                    CauseKind::InternalError,
                    "QEMU stopped the machine with an internal error: the accelerator failed",
                )
                .hint(advice);
                Err(self.finish(stop))
            }
            MachineEvent::BlockError {
                device,
                no_space,
                reason,
            } => {
                self.news(MachineNews::DiskError { no_space });
                let stop = if no_space {
                    Stop::error(
                        CauseKind::DiskFull,
                        "the host's disk is full: the machine's overlay cannot grow",
                    )
                    .hint("make room where the results go, or give another folder with --results")
                } else {
                    Stop::error(
                        CauseKind::Harness,
                        format!("disk `{device}` of the machine failed on the host: {reason}"),
                    )
                };
                Err(self.finish(stop))
            }
            MachineEvent::Broken(lost) => Err(self.lose(lost)),
            MachineEvent::Exited { ending, expected } => {
                self.news(MachineNews::Exited {
                    status: ending.to_string(),
                    stderr: ending.stderr_tail.lines().map(str::to_owned).collect(),
                });
                if expected {
                    return Ok(None);
                }
                let mut stop = Stop::error(CauseKind::MachineExited, self.how_ended(&ending));
                if !ending.stderr_tail.is_empty() {
                    stop = stop.hint(format!("its last words: {}", ending.stderr_tail.trim_end()));
                }
                Err(self.finish(stop))
            }
            MachineEvent::Watchdog { action } => {
                if action == "reset" {
                    self.ledger.announce(ResetKind::Watchdog);
                }
                self.news(MachineNews::Watchdog { action });
                Ok(None)
            }
            MachineEvent::AgentConnected => {
                self.watches.agent_came();
                Ok(Some(Wake::Agent))
            }
            MachineEvent::AgentDisconnected => Ok(Some(Wake::Agent)),
            MachineEvent::Suspended => {
                self.news(MachineNews::Other {
                    name: "SUSPEND".to_owned(),
                });
                Ok(None)
            }
            MachineEvent::WokeUp => {
                self.news(MachineNews::Other {
                    name: "WAKEUP".to_owned(),
                });
                Ok(None)
            }
            // A reset or a panic may be among them: a verdict on what was not seen would be a guess.
            MachineEvent::Missed(count) => {
                let stop = Stop::error(
                    CauseKind::Harness,
                    format!("{count} events of the machine came faster than they could be judged"),
                )
                .hint("`qmp.log` has all of them");
                Err(self.finish(stop))
            }
            // Consequences of what is handled above, or of our own commands.
            MachineEvent::PowerButton | MachineEvent::Stopped | MachineEvent::Resumed => Ok(None),
        }
    }

    /// Returns how QEMU ended, although nobody here asked it to. The kernel kills without a word where
    /// there is no memory left.
    fn how_ended(&self, ending: &Ending) -> String {
        if ending.signal() != Some(Signal::KILL.as_raw()) {
            return format!("QEMU ended by itself ({ending})");
        }
        let guest = self.machine.facts().memory_mib;
        let why = HostMemory::now().why_killed(self.memory, guest);
        format!("QEMU was killed ({ending}); {why}")
    }

    fn reset(&mut self, by: EventOrigin, reason: &str) -> Result<Option<Wake>, Stop> {
        // A guest that has said something runs: its reset is its own, however soon it comes.
        let is_silent = self.machine.serial().position() == self.serial_at_reset;
        if by == EventOrigin::Guest && self.power.echoes() && is_silent {
            self.news(MachineNews::Reset {
                expected: true,
                kind: reports::ResetKind::Firmware,
                after_ms: None,
            });
            return Ok(None);
        }
        self.serial_at_reset = self.machine.serial().position();
        let kind = self.ledger.kind_of(by);
        // Who asks for a reboot gets it from the guest or the reset line; a watchdog's reset is none that was asked
        // for.
        let asked = match kind {
            ResetKind::Guest | ResetKind::Host => self.power.restart_asked(),
            ResetKind::Watchdog | ResetKind::Panic | ResetKind::PowerCut => None,
        };
        let counted = self.ledger.count(kind);
        let (expected, since) = match &counted {
            Counted::TooMany(_) => (false, None),
            Counted::Foreseen(since) => (true, Some(*since)),
            Counted::Unnamed => (asked.is_some() || self.watches.allows_resets(), None),
        };
        self.news(MachineNews::Reset {
            expected,
            kind: reported(kind),
            after_ms: asked.map(|asked| asked.elapsed()).or(since).map(millis),
        });
        if let Counted::TooMany(message) = counted {
            return Err(Stop::failed(CauseKind::Resets, message));
        }
        if expected {
            let qemu = self.machine.facts().qemu();
            let is_bios = qemu.is_some_and(|qemu| qemu.firmware.is_none());
            let echo = is_bios.then(|| Instant::now() + ECHO);
            self.power.started_over(asked.is_some(), echo);
            return Ok(Some(Wake::Reset));
        }
        let message = match kind {
            ResetKind::Watchdog => {
                "the machine's watchdog reset it, and no step had said so".to_owned()
            }
            ResetKind::Guest | ResetKind::Panic | ResetKind::Host | ResetKind::PowerCut => {
                format!("the machine was reset ({reason}), and no step had asked for it")
            }
        };
        let hint = match kind {
            ResetKind::Guest | ResetKind::Host => {
                "if it is meant to, a `reboot` step says so, or `resets: 1` at the step in which it happens"
                    .to_owned()
            }
            ResetKind::Watchdog | ResetKind::Panic | ResetKind::PowerCut => format!(
                "if it is meant to, `resets: {{ {}: 1 }}` at the step says so",
                kind.name()
            ),
        };
        Err(Stop::failed(CauseKind::UnexpectedReset, message).hint(hint))
    }

    /// The guest's kernel panicked as a step foresees, and QEMU stopped the machine for it: the kernel
    /// is to come to its reset.
    fn go_on_panicking(&mut self) {
        self.ledger.announce(ResetKind::Panic);
        let power = self.machine.power().clone();
        // Nobody need wait for it: where it fails, the reset that the step waits for does not come, and `qmp.log` says
        // why.
        tokio::spawn(async move { drop(power.resume().await) });
    }

    /// A step cut the machine's power.
    pub(super) fn count_cut(&mut self) -> Result<(), Stop> {
        let counted = self.ledger.count(ResetKind::PowerCut);
        self.news(MachineNews::Reset {
            expected: !matches!(counted, Counted::TooMany(_)),
            kind: reports::ResetKind::PowerCut,
            after_ms: None,
        });
        match counted {
            Counted::TooMany(message) => Err(Stop::failed(CauseKind::Resets, message)),
            Counted::Foreseen(_) | Counted::Unnamed => Ok(()),
        }
    }

    fn shutdown(&mut self, by: EventOrigin, reason: &str) -> Result<Option<Wake>, Stop> {
        let foreseen = match by {
            EventOrigin::Guest => self.ledger.power_off(),
            EventOrigin::Host => None,
        };
        let asked = self.power.power_off_asked();
        let expected = asked.is_some() || foreseen.is_some() || by == EventOrigin::Host;
        self.news(MachineNews::Shutdown {
            expected,
            after_ms: asked.map(|asked| asked.elapsed()).or(foreseen).map(millis),
        });
        if expected {
            self.power.powered_off();
            return Ok(Some(Wake::Shutdown));
        }
        let stop = Stop::failed(
            CauseKind::UnexpectedShutdown,
            format!("the guest powered itself off ({reason}), and no step had asked for it"),
        )
        .hint("if it is meant to, a `shutdown` step says so, or `powers_off: true` at the step in which it happens");
        Err(self.finish(stop))
    }
}
