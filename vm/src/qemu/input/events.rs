//! Sends input events to QEMU.

use serde_json::{Value, json};

use super::Intake;
use crate::{
    PointerButton, ScrollDirection,
    input::{Button, InputError, InputEvent, InputSink, KeyName, Queue, Secrecy},
    qemu::qmp::{Qmp, QmpError, Sensitivity},
};

/// The input devices of a QEMU.
#[derive(Debug)]
pub(crate) struct QemuInput {
    qmp: Qmp,
    intake: Intake,
}

impl QemuInput {
    /// Makes the sink of a QEMU whose keyboard tells by `intake` what the guest has taken.
    pub(crate) fn new(qmp: Qmp, intake: Intake) -> Self {
        Self { qmp, intake }
    }
}

impl InputSink for QemuInput {
    async fn send(&mut self, events: &[InputEvent], secrecy: Secrecy) -> Result<(), InputError> {
        let keys: Vec<KeyName> = events.iter().filter_map(key).collect();
        if !keys.is_empty() {
            self.intake.sent(&keys);
        }
        let sensitivity = match secrecy {
            Secrecy::Open => Sensitivity::Open,
            Secrecy::Secret => Sensitivity::Secret,
        };
        let arguments = json!({"events": to_qmp(events)});
        let sent = self.qmp.raw("input-send-event", arguments, sensitivity);
        sent.await.map(drop).map_err(refused)
    }

    async fn queue(&mut self) -> Result<Option<Queue>, InputError> {
        self.intake.queue(&self.qmp).await.map_err(refused)
    }

    fn cost(&self, keys: &[KeyName]) -> u32 {
        self.intake.cost(keys)
    }

    fn takes_one_after_the_other(&self) -> bool {
        match self.intake {
            Intake::Virtio { .. } => true,
            Intake::Silent | Intake::Usb(_) => false,
        }
    }

    fn lost(&mut self) -> u32 {
        self.intake.lost()
    }

    fn give_up(&mut self) {
        self.intake.give_up();
    }
}

fn key(event: &InputEvent) -> Option<KeyName> {
    match event {
        InputEvent::Key { key, .. } => Some(*key),
        InputEvent::Button { .. } | InputEvent::Move { .. } => None,
    }
}

/// Writes events as QEMU's type `InputEvent` has them.
fn to_qmp(events: &[InputEvent]) -> Value {
    let axis =
        |axis: &str, value: u32| json!({"type": "abs", "data": {"axis": axis, "value": value}});
    let all = events.iter().flat_map(|event| match *event {
        InputEvent::Key { key, down } => {
            let name = json!({"type": "qcode", "data": key.name()});
            vec![json!({"type": "key", "data": {"down": down, "key": name}})]
        }
        InputEvent::Button { button, down } => {
            vec![json!({"type": "btn", "data": {"down": down, "button": button_name(button)}})]
        }
        // Both at once: the pointer goes straight there.
        InputEvent::Move { x, y } => vec![axis("x", x), axis("y", y)],
    });
    all.collect()
}

fn button_name(button: Button) -> &'static str {
    match button {
        Button::Pointer(PointerButton::Left) => "left",
        Button::Pointer(PointerButton::Middle) => "middle",
        Button::Pointer(PointerButton::Right) => "right",
        Button::Wheel(ScrollDirection::Up) => "wheel-up",
        Button::Wheel(ScrollDirection::Down) => "wheel-down",
    }
}

fn refused(error: QmpError) -> InputError {
    match error {
        QmpError::Closed { .. } => InputError::Gone,
        error => InputError::Refused(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use qapi::{Enum, qmp::QKeyCode};

    use super::*;

    #[test]
    fn every_key_is_one_of_qemu_and_every_one_of_qemu_is_a_key() {
        let ours: Vec<&str> = KeyName::all().into_iter().map(KeyName::name).collect();
        let all = QKeyCode::VARIANTS.iter();
        // `unmapped` is QEMU's word for no key.
        let theirs: Vec<&str> = all
            .map(Enum::name)
            .filter(|name| *name != "unmapped")
            .collect();
        assert_eq!(ours, theirs);
    }
}
