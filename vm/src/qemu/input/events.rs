//! Sends input events to QEMU.

use qapi::{
    Command, Empty, Enum,
    qmp::{self, InputAxis, InputButton, QKeyCode},
};

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
    /// Returns the sink of a QEMU. `intake` tells what the guest has taken from the keyboard.
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
        let command = qmp::input_send_event {
            device: None,
            head: None,
            events: to_qmp(events).map_err(refused)?,
        };
        let sent = self.qmp.ask(command, sensitivity.into()).await;
        sent.map(|Empty {}| ()).map_err(refused)
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

/// Returns the events in QEMU's form.
fn to_qmp(events: &[InputEvent]) -> Result<Vec<qmp::InputEvent>, QmpError> {
    let axis = |axis, value: u32| qmp::InputMoveEvent {
        axis,
        value: value.into(),
    };
    let mut all = Vec::with_capacity(events.len() + 1);
    for event in events {
        match *event {
            InputEvent::Key { key, down } => {
                let key = qmp::KeyValue::qcode(code(key)?.into());
                all.push(qmp::InputKeyEvent { down, key }.into());
            }
            InputEvent::Button { button, down } => {
                let button = button_name(button);
                all.push(qmp::InputBtnEvent { button, down }.into());
            }
            // Both at once: the pointer goes straight there.
            InputEvent::Move { x, y } => all.extend([
                qmp::InputEvent::abs(axis(InputAxis::x, x).into()),
                qmp::InputEvent::abs(axis(InputAxis::y, y).into()),
            ]),
        }
    }
    Ok(all)
}

/// Returns QEMU's code of a key. Every key has one, as a test shows.
fn code(key: KeyName) -> Result<QKeyCode, QmpError> {
    QKeyCode::from_name(key.name()).ok_or_else(|| QmpError::Unsendable {
        command: qmp::input_send_event::NAME.to_owned(),
        reason: format!("QEMU has no key `{}`", key.name()),
    })
}

fn button_name(button: Button) -> InputButton {
    match button {
        Button::Pointer(PointerButton::Left) => InputButton::left,
        Button::Pointer(PointerButton::Middle) => InputButton::middle,
        Button::Pointer(PointerButton::Right) => InputButton::right,
        Button::Wheel(ScrollDirection::Up) => InputButton::wheel_up,
        Button::Wheel(ScrollDirection::Down) => InputButton::wheel_down,
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
