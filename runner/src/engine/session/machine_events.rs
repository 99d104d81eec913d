//! Judges the events of the machine: expected, a failure of the system under test, or an error of the machine.

use std::time::Duration;
use tokio::time::Instant;

use reports::{CauseKind, Event, MachineNews};
use rustix::process::Signal;
use scenarios::ResetKind;
use vm::{Ending, EventOrigin, MachineEvent};

use super::resets::{Counted, reported};
use super::{Session, Wake};
use crate::engine::stop::Stop;
use crate::host::HostMemory;
use crate::millis::millis;

/// The time after a reset in which a silent guest's resets are SeaBIOS's own. SeaBIOS resets a machine that it has
/// booted before, to begin in a known state: twice, 55 ms later, under QEMU 7.2 on a host with two cores. No guest
/// starts and resets itself in that time.
const ECHO: Duration = Duration::from_secs(2);

impl Session {
    /// Records an event of the machine and judges it. Returns the reason to wake a step; none if no step needs to know.
    ///
    /// # Errors
    /// The event is a failure or an error.
    pub(super) fn judge_event(&mut self, event: MachineEvent) -> Result<Option<Wake>, Stop> {
        match event {
            MachineEvent::Reset { by, reason, at } => self.reset(by, &reason, at),
            MachineEvent::Shutdown { by, reason } => self.shutdown(by, &reason),
            MachineEvent::Panicked => {
                let expected = self.ledger.expects_panic();
                self.record_machine(MachineNews::Panicked { expected });
                if expected {
                    self.go_on_panicking();
                    return Ok(None);
                }
                let stop = Stop::failed(CauseKind::Panic, "the guest's kernel panicked")
                    .hint("the serial console has the panic's text")
                    .hint(
                        "if the step is meant to cause it, and the kernel restarts the machine, add \
                        `resets: { panic: 1 }`",
                    );
                Err(self.mark_broken(stop))
            }
            MachineEvent::InternalError { advice } => {
                self.record_machine(MachineNews::InternalError);
                let stop = Stop::error(
                    CauseKind::InternalError,
                    "QEMU stopped the machine with an internal error: the accelerator failed",
                )
                .hint(advice);
                Err(self.mark_broken(stop))
            }
            MachineEvent::BlockError {
                device,
                no_space,
                reason,
            } => {
                self.record_machine(MachineNews::DiskError { no_space });
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
                Err(self.mark_broken(stop))
            }
            MachineEvent::Broken(lost) => Err(self.lose(lost)),
            MachineEvent::Exited { ending, expected } => {
                self.record_machine(MachineNews::Exited {
                    status: ending.to_string(),
                    stderr: ending.stderr_tail.lines().map(str::to_owned).collect(),
                });
                if expected {
                    return Ok(None);
                }
                if self.is_silent_power_off(&ending) {
                    return self.shutdown(EventOrigin::Guest, "guest-shutdown");
                }
                let mut stop = Stop::error(CauseKind::MachineExited, self.how_ended(&ending));
                if !ending.stderr_tail.is_empty() {
                    stop = stop.hint(format!("its last words: {}", ending.stderr_tail.trim_end()));
                }
                Err(self.mark_broken(stop))
            }
            MachineEvent::Watchdog { action } => {
                if action == "reset" {
                    self.ledger.announce(ResetKind::Watchdog);
                }
                self.record_machine(MachineNews::Watchdog { action });
                Ok(None)
            }
            MachineEvent::AgentConnected => {
                self.watches.agent_came();
                Ok(Some(Wake::Agent))
            }
            MachineEvent::AgentDisconnected => Ok(Some(Wake::Agent)),
            MachineEvent::Suspended => {
                self.record_machine(MachineNews::Other {
                    name: "SUSPEND".to_owned(),
                });
                Ok(None)
            }
            MachineEvent::WokeUp => {
                self.record_machine(MachineNews::Other {
                    name: "WAKEUP".to_owned(),
                });
                Ok(None)
            }
            // A reset or a panic may be among the lost events, so no verdict is possible.
            MachineEvent::Missed(count) => {
                let stop = Stop::error(
                    CauseKind::Harness,
                    format!("{count} events of the machine were lost, because they came too fast"),
                )
                .hint(match self.machine.facts().qemu() {
                    Some(_) => "`qmp.log` has all of them",
                    None => "`board.log` has all of them",
                });
                Err(self.mark_broken(stop))
            }
            MachineEvent::SerialLost { why } => {
                self.note(format!(
                    "the serial line is lost ({why}): nothing of it is watched, also no restart"
                ));
                Ok(None)
            }
            MachineEvent::SerialBack => {
                self.note("the serial line is back".to_owned());
                Ok(None)
            }
            // Consequences of events above, or of our own commands.
            MachineEvent::PowerButton | MachineEvent::Stopped | MachineEvent::Resumed => Ok(None),
        }
    }

    /// Returns whether QEMU has ended because the guest powered itself off, as a step expects. QEMU 7.2 ends then for
    /// a guest of riscv64, and does not tell that before.
    fn is_silent_power_off(&self, ending: &Ending) -> bool {
        let is_riscv64 = self.machine.facts().arch == vm::Arch::Riscv64;
        let is_expected =
            self.power.power_off_requested().is_some() || self.ledger.expects_power_off();
        is_riscv64 && is_expected && ending.status.is_some_and(|status| status.success())
    }

    fn note(&self, text: String) {
        self.recorder.record(Event::Note { text });
    }

    /// Describes the unexpected end of QEMU. A SIGKILL often comes from the host's kernel when memory runs out, so the
    /// host's memory is described as well.
    fn how_ended(&self, ending: &Ending) -> String {
        if ending.signal() != Some(Signal::KILL.as_raw()) {
            return format!("QEMU ended by itself ({ending})");
        }
        let guest = self.machine.facts().memory_mib;
        let why = HostMemory::now().why_killed(self.memory, guest);
        format!("QEMU was killed ({ending}); {why}")
    }

    /// Counts a reset and judges it. `at`: the position on the console at which the new boot begins.
    fn reset(
        &mut self,
        by: EventOrigin,
        reason: &str,
        at: Option<u64>,
    ) -> Result<Option<Wake>, Stop> {
        // A guest that has printed something runs, so its reset is its own, even if it comes soon.
        let is_silent = self.machine.serial().position() == self.serial_at_reset;
        if by == EventOrigin::Guest && self.power.echoes() && is_silent {
            self.record_machine(MachineNews::Reset {
                expected: true,
                kind: reports::ResetKind::Firmware,
                after_ms: None,
            });
            return Ok(None);
        }
        self.serial_at_reset = at.unwrap_or_else(|| self.machine.serial().position());
        let kind = self.ledger.kind_of(by);
        // A requested restart comes from the guest or the host. A watchdog's reset never counts as requested.
        let asked = match kind {
            ResetKind::Guest | ResetKind::Host => self.power.restart_requested(),
            ResetKind::Watchdog | ResetKind::Panic | ResetKind::PowerCut => None,
        };
        let counted = self.ledger.count(kind);
        let (expected, since) = match &counted {
            Counted::TooMany(_) => (false, None),
            Counted::Expected(since) => (true, Some(*since)),
            Counted::NotMentioned => (asked.is_some() || self.watches.allows_resets(), None),
        };
        self.record_machine(MachineNews::Reset {
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
            // What the guest said on its way down is no text of the new boot.
            if let Some(at) = at.filter(|_| asked.is_some()) {
                self.serial_from = self.serial_from.max(at);
            }
            return Ok(Some(Wake::Reset));
        }
        let message = match kind {
            ResetKind::Watchdog => {
                "the machine's watchdog reset it, and no step had expected it".to_owned()
            }
            ResetKind::Guest | ResetKind::Panic | ResetKind::Host | ResetKind::PowerCut => {
                format!("the machine was reset ({reason}), and no step had asked for it")
            }
        };
        let hint = match kind {
            ResetKind::Guest | ResetKind::Host => {
                "if this is intended, use a `reboot` step, or add `resets: 1` to the step in which it happens"
                    .to_owned()
            }
            ResetKind::Watchdog | ResetKind::Panic | ResetKind::PowerCut => format!(
                "if this is intended, add `resets: {{ {}: 1 }}` to the step",
                kind.name()
            ),
        };
        Err(Stop::failed(CauseKind::UnexpectedReset, message).hint(hint))
    }

    /// Lets the machine run on after an expected panic, for which QEMU has paused it, so that the kernel can reset it.
    fn go_on_panicking(&mut self) {
        self.ledger.announce(ResetKind::Panic);
        let power = self.machine.power().clone();
        // The result is not awaited: if it fails, the reset that the step waits for does not come, and `qmp.log` shows
        // why.
        tokio::spawn(async move { drop(power.resume().await) });
    }

    /// Counts a power cut by a step, and records it.
    ///
    /// # Errors
    /// A running step expects fewer power cuts.
    pub(super) fn count_cut(&mut self) -> Result<(), Stop> {
        let counted = self.ledger.count(ResetKind::PowerCut);
        self.record_machine(MachineNews::Reset {
            expected: !matches!(counted, Counted::TooMany(_)),
            kind: reports::ResetKind::PowerCut,
            after_ms: None,
        });
        match counted {
            Counted::TooMany(message) => Err(Stop::failed(CauseKind::Resets, message)),
            Counted::Expected(_) | Counted::NotMentioned => Ok(()),
        }
    }

    /// Counts a power-off and judges it.
    fn shutdown(&mut self, by: EventOrigin, reason: &str) -> Result<Option<Wake>, Stop> {
        let off_after = match by {
            EventOrigin::Guest => self.ledger.power_off(),
            EventOrigin::Host => None,
        };
        let asked = self.power.power_off_requested();
        let expected = asked.is_some() || off_after.is_some() || by == EventOrigin::Host;
        self.record_machine(MachineNews::Shutdown {
            expected,
            after_ms: asked.map(|asked| asked.elapsed()).or(off_after).map(millis),
        });
        if expected {
            self.power.powered_off();
            return Ok(Some(Wake::Shutdown));
        }
        let stop = Stop::failed(
            CauseKind::UnexpectedShutdown,
            format!("the guest powered itself off ({reason}), and no step had asked for it"),
        )
        .hint("if this is intended, use a `shutdown` step, or add `powers_off: true` to the step in which it happens");
        Err(self.mark_broken(stop))
    }
}
