//! Translates the events of QEMU into events of a machine.

use serde_json::Value;

use crate::{
    AccelChoice, EventOrigin, MachineEvent, RunState,
    qemu::{command_line::AGENT_PORT, qmp::RawEvent},
};

/// The meaning of an event of QEMU.
#[derive(Debug, PartialEq)]
pub(super) enum Translation {
    /// An event of the machine.
    Event(MachineEvent),
    /// The machine stopped. Its run state tells why.
    Stop,
    /// The machine continues.
    Resume,
    /// The agent's channel was opened (`true`) or closed in the guest.
    Agent(bool),
    /// No event for this program. `qmp.log` has it.
    Nothing,
}

/// Translates an event of QEMU. Missing data, or data of another form, is replaced by the harmless value: an event is
/// never lost.
pub(super) fn translate(raw: &RawEvent) -> Translation {
    let data = &raw.data;
    Translation::Event(match raw.name.as_str() {
        "STOP" => return Translation::Stop,
        "RESUME" => return Translation::Resume,
        "VSERPORT_CHANGE" if data["id"] == AGENT_PORT => {
            return Translation::Agent(flag(data, "open"));
        }
        "RESET" => MachineEvent::Reset {
            by: origin(data),
            reason: text(data, "reason"),
            at: None,
        },
        "SHUTDOWN" => MachineEvent::Shutdown {
            by: origin(data),
            reason: text(data, "reason"),
        },
        "POWERDOWN" => MachineEvent::PowerButton,
        "GUEST_PANICKED" => MachineEvent::Panicked,
        "SUSPEND" => MachineEvent::Suspended,
        "WAKEUP" => MachineEvent::WokeUp,
        "WATCHDOG" => MachineEvent::Watchdog {
            action: text(data, "action"),
        },
        "BLOCK_IO_ERROR" => MachineEvent::BlockError {
            device: disk(data),
            no_space: flag(data, "nospace"),
            reason: text(data, "reason"),
        },
        _ => return Translation::Nothing,
    })
}

/// Returns the event of a stop in a run state. None if another event has reported it.
pub(super) fn stop_event(state: &RunState, accel: &AccelChoice) -> Option<MachineEvent> {
    match state {
        RunState::InternalError => Some(MachineEvent::InternalError {
            advice: advice(accel),
        }),
        // SHUTDOWN, GUEST_PANICKED and BLOCK_IO_ERROR come with these states, SUSPEND before.
        RunState::Shutdown | RunState::Panicked | RunState::IoError | RunState::Suspended => None,
        // It continues already, which RESUME reports.
        RunState::Running | RunState::Paused | RunState::Other(_) => Some(MachineEvent::Stopped),
    }
}

fn advice(accel: &AccelChoice) -> String {
    match accel {
        AccelChoice::Kvm => "KVM cannot run this guest on this host, although /dev/kvm opens (nested or partial \
            virtualisation is the usual cause): say `accel: tcg` for the machine, or use another host; \
            the end of `qmp.log` has QEMU's own words"
            .to_owned(),
        AccelChoice::Tcg { .. } => {
            "emulation met what it cannot do: another `cpu` for the machine or a newer QEMU may help; \
            the end of `qmp.log` has QEMU's own words"
                .to_owned()
        }
    }
}

fn origin(data: &Value) -> EventOrigin {
    if flag(data, "guest") {
        EventOrigin::Guest
    } else {
        EventOrigin::Host
    }
}

fn flag(data: &Value, name: &str) -> bool {
    data[name] == true
}

fn text(data: &Value, name: &str) -> String {
    data[name].as_str().unwrap_or_default().to_owned()
}

/// The disk by its name on the command line: `device` is empty for disks of `-blockdev`.
fn disk(data: &Value) -> String {
    ["node-name", "device", "qom-path"]
        .into_iter()
        .map(|name| text(data, name))
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(name: &str, data: Value) -> RawEvent {
        RawEvent {
            name: name.to_owned(),
            data,
        }
    }

    #[test]
    fn each_event_of_qemu_has_its_meaning() {
        let rows = [
            (
                "RESET",
                json!({"guest": true, "reason": "guest-reset"}),
                MachineEvent::Reset {
                    by: EventOrigin::Guest,
                    reason: "guest-reset".to_owned(),
                    at: None,
                },
            ),
            (
                "SHUTDOWN",
                json!({"guest": false, "reason": "host-qmp-quit"}),
                MachineEvent::Shutdown {
                    by: EventOrigin::Host,
                    reason: "host-qmp-quit".to_owned(),
                },
            ),
            ("POWERDOWN", Value::Null, MachineEvent::PowerButton),
            (
                "GUEST_PANICKED",
                json!({"action": "pause"}),
                MachineEvent::Panicked,
            ),
            ("SUSPEND", Value::Null, MachineEvent::Suspended),
            ("WAKEUP", Value::Null, MachineEvent::WokeUp),
            (
                "WATCHDOG",
                json!({"action": "reset"}),
                MachineEvent::Watchdog {
                    action: "reset".to_owned(),
                },
            ),
            (
                "BLOCK_IO_ERROR",
                json!({"device": "", "node-name": "disk0", "operation": "write", "action": "stop", "nospace": true,
                       "reason": "No space left on device"}),
                MachineEvent::BlockError {
                    device: "disk0".to_owned(),
                    no_space: true,
                    reason: "No space left on device".to_owned(),
                },
            ),
            (
                "BLOCK_IO_ERROR",
                json!({"device": "ide0", "operation": "read", "action": "report", "reason": "Input/output error"}),
                MachineEvent::BlockError {
                    device: "ide0".to_owned(),
                    no_space: false,
                    reason: "Input/output error".to_owned(),
                },
            ),
        ];
        for (name, data, expected) in rows {
            assert_eq!(
                translate(&raw(name, data)),
                Translation::Event(expected),
                "{name}"
            );
        }
        for (name, data) in [
            (
                "VSERPORT_CHANGE",
                json!({"id": "someone-elses", "open": true}),
            ),
            ("TELEPORTED", json!({"to": 3})),
        ] {
            assert_eq!(translate(&raw(name, data)), Translation::Nothing, "{name}");
        }
        assert_eq!(translate(&raw("STOP", Value::Null)), Translation::Stop);
        assert_eq!(translate(&raw("RESUME", Value::Null)), Translation::Resume);
        for open in [true, false] {
            let event = raw("VSERPORT_CHANGE", json!({"id": AGENT_PORT, "open": open}));
            assert_eq!(translate(&event), Translation::Agent(open));
        }
    }

    #[test]
    fn data_of_another_shape_loses_no_event() {
        for data in [Value::Null, json!([]), json!({"guest": "yes", "reason": 7})] {
            let expected = MachineEvent::Reset {
                by: EventOrigin::Host,
                reason: String::new(),
                at: None,
            };
            assert_eq!(translate(&raw("RESET", data)), Translation::Event(expected));
        }
    }

    #[test]
    fn a_stop_is_told_once_and_an_internal_error_with_advice() {
        let tcg = AccelChoice::Tcg {
            because: "a test".to_owned(),
        };
        let rows = [
            (RunState::Paused, Some(MachineEvent::Stopped)),
            (
                RunState::Other("watchdog".to_owned()),
                Some(MachineEvent::Stopped),
            ),
            (RunState::Shutdown, None),
            (RunState::Panicked, None),
            (RunState::IoError, None),
        ];
        for (state, expected) in rows {
            assert_eq!(stop_event(&state, &tcg), expected, "{state}");
        }
        for (accel, word) in [(AccelChoice::Kvm, "`accel: tcg`"), (tcg, "newer QEMU")] {
            match stop_event(&RunState::InternalError, &accel) {
                Some(MachineEvent::InternalError { advice }) => {
                    assert!(advice.contains(word), "{advice}");
                }
                event => panic!("{event:?}"),
            }
        }
    }
}
