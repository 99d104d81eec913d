//! What the machine did by itself: expected, a failure of the system under test, or the machine's own end.

use std::time::{Duration, Instant};

use reports::{CauseKind, MachineNews};
use vm::{EventOrigin, MachineEvent};

use super::{Session, Wake};
use crate::engine::stop::Stop;

/// SeaBIOS answers a reset of a machine that it has booted before with resets of its own, to begin in a known state: with two of them
/// 55 ms later under QEMU 7.2 on a host of two cores. No guest comes so far as to reset itself in that time.
const ECHO: Duration = Duration::from_secs(2);

impl Session {
    /// Judges what the machine did.
    pub(super) fn take(&mut self, event: MachineEvent) -> Result<Option<Wake>, Stop> {
        match event {
            MachineEvent::Reset { by, reason } => self.reset(by, &reason),
            MachineEvent::Shutdown { by, reason } => self.shutdown(by, &reason),
            MachineEvent::Panicked => {
                self.news(MachineNews::Panicked);
                let stop = Stop::failed(CauseKind::Panic, "the guest's kernel panicked")
                    .hint("the serial console has the panic's text");
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
            MachineEvent::Exited {
                status,
                stderr_tail,
                expected,
            } => {
                self.news(MachineNews::Exited {
                    status: status.to_string(),
                    stderr: stderr_tail.lines().map(str::to_owned).collect(),
                });
                if expected {
                    return Ok(None);
                }
                let mut stop = Stop::error(
                    CauseKind::MachineExited,
                    format!("QEMU ended by itself ({status})"),
                );
                if !stderr_tail.is_empty() {
                    stop = stop.hint(format!("its last words: {}", stderr_tail.trim_end()));
                }
                Err(self.finish(stop))
            }
            MachineEvent::Watchdog { action } => {
                self.news(MachineNews::Other {
                    name: format!("WATCHDOG ({action})"),
                });
                Ok(None)
            }
            MachineEvent::AgentConnected | MachineEvent::AgentDisconnected => Ok(Some(Wake::Agent)),
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
            MachineEvent::PowerButton
            | MachineEvent::Stopped
            | MachineEvent::Resumed
            | MachineEvent::Other(_) => Ok(None),
        }
    }

    fn reset(&mut self, by: EventOrigin, reason: &str) -> Result<Option<Wake>, Stop> {
        let echo =
            by == EventOrigin::Guest && self.echo_until.is_some_and(|until| Instant::now() < until);
        let expected = echo || self.expected.resets > 0 || self.watches.allows_resets();
        self.news(MachineNews::Reset {
            by: by.to_string(),
            expected,
        });
        if echo {
            return Ok(None);
        }
        if expected {
            self.expected.resets = self.expected.resets.saturating_sub(1);
            if self.machine.facts().firmware.is_none() {
                self.echo_until = Some(Instant::now() + ECHO);
            }
            return Ok(Some(Wake::Reset));
        }
        Err(Stop::failed(
            CauseKind::UnexpectedReset,
            format!("the machine was reset ({reason}), and no step had asked for it"),
        )
        .hint("if it is meant to, a `reboot` step says so"))
    }

    fn shutdown(&mut self, by: EventOrigin, reason: &str) -> Result<Option<Wake>, Stop> {
        let expected = self.expected.shutdown || by == EventOrigin::Host;
        self.news(MachineNews::Shutdown { expected });
        if expected {
            self.expected.shutdown = false;
            return Ok(Some(Wake::Shutdown));
        }
        let stop = Stop::failed(
            CauseKind::UnexpectedShutdown,
            format!("the guest powered itself off ({reason}), and no step had asked for it"),
        )
        .hint("if it is meant to, a `shutdown` step says so");
        Err(self.finish(stop))
    }
}
