//! The keyboard and the pointer of a board, by a kvmd.
//!
//! Events go over the WebSocket only. It keeps their order, takes many at once, and tells that they were taken.
//! Requests would be slower by a round trip for each key, so that the board could take a key for one that is held. When
//! the WebSocket is closed, kvmd lets all keys go, so keys of both ways would not add up.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    api::Api,
    keys,
    socket::{Line, Socket},
    states::States,
};
use crate::{
    KeyName, ScrollDirection, Secrecy,
    board::{BoardFault, FaultKind},
    input::{Button, InputError, InputEvent, InputSink},
    own_gaps,
};

/// The largest value of an axis of ours.
const LARGEST: u32 = 0x7fff;

/// The keyboard and the pointer of a board.
#[derive(Debug)]
pub(crate) struct KvmdInput {
    api: Api,
    socket: Arc<Socket>,
}

/// The device that an event needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    Keyboard,
    Mouse,
}

impl Device {
    fn of(event: &InputEvent) -> Self {
        match event {
            InputEvent::Key { .. } => Self::Keyboard,
            InputEvent::Button { .. } | InputEvent::Move { .. } => Self::Mouse,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Keyboard => "keyboard",
            Self::Mouse => "mouse",
        }
    }

    fn is_there(self, states: &States) -> bool {
        match self {
            Self::Keyboard => states.has_keyboard(),
            Self::Mouse => states.has_mouse(),
        }
    }
}

impl KvmdInput {
    pub(super) fn new(api: Api, socket: Arc<Socket>) -> Self {
        Self { api, socket }
    }

    async fn deliver(&self, events: &[InputEvent]) -> Result<(), BoardFault> {
        let messages = messages(events).map_err(|key| {
            let words = format!("{} has no key `{key}`", self.api.name());
            BoardFault::new(FaultKind::Refused, words)
        })?;
        if messages.is_empty() {
            return Ok(());
        }
        let limit = self.api.limits.input;
        let work = async {
            self.socket.open().await;
            for event in events {
                self.wait_for(Device::of(event)).await?;
            }
            self.socket.send(messages).await
        };
        match own_gaps::within(limit, work).await {
            Some(sent) => sent,
            None => Err(self.late(events)),
        }
    }

    /// Waits until a device is connected to the board. Connects it anew once, since some KVMs lose it when the board
    /// restarts.
    async fn wait_for(&self, device: Device) -> Result<(), BoardFault> {
        let mut states = self.socket.states();
        let mut known = states.borrow().clone();
        if !known.has_told_hid() {
            // A socket tells the states some time after it was opened. Until then, keys could be lost without a word.
            known.take("hid", &self.api.get("/api/hid", &[]).await?);
        }
        if !device.is_there(&known) {
            let limit = self.api.limits.http.answer;
            self.api.post("/api/hid/reset", &[], limit).await?;
            let is_back = |states: &States| states.has_told_hid() && device.is_there(states);
            // The task that tells the states ends with the socket only.
            if let Ok(states) = states.wait_for(is_back).await {
                known.clone_from(&states);
            }
        }
        if device == Device::Mouse && known.is_mouse_relative() {
            let words = format!(
                "the mouse of {} cannot be moved to a place",
                self.api.name()
            );
            return Err(BoardFault::new(FaultKind::Refused, words)
                .advice("set its mouse to absolute mode in the web interface of the KVM"));
        }
        Ok(())
    }

    /// Returns the reason why events were not taken in time.
    fn late(&self, events: &[InputEvent]) -> BoardFault {
        let (name, limit) = (self.api.name(), self.api.limits.input);
        if let Line::Closed(fault) = self.socket.line() {
            let words = format!("no input for {limit:?}: {fault}");
            return BoardFault { words, ..fault };
        }
        let states = self.socket.states();
        let states = states.borrow();
        let mut devices = events.iter().map(Device::of);
        match devices.find(|device| !device.is_there(&states)) {
            Some(device) => {
                let device = device.name();
                let words = format!("the {device} of {name} is not connected to the board");
                BoardFault::new(FaultKind::Refused, words)
                    .advice("check that the board is on, and the USB cable between it and the KVM")
            }
            None => {
                let words = format!("{name} took no input for {limit:?}");
                BoardFault::new(FaultKind::TimedOut, words)
            }
        }
    }
}

impl InputSink for KvmdInput {
    async fn send(&mut self, events: &[InputEvent], _secrecy: Secrecy) -> Result<(), InputError> {
        Ok(self.deliver(events).await?)
    }
}

/// Returns the messages for events. The error is the key that kvmd does not have.
fn messages(events: &[InputEvent]) -> Result<Vec<Value>, KeyName> {
    let mut messages = Vec::with_capacity(events.len());
    for event in events {
        messages.extend(match *event {
            InputEvent::Key { key, down } => {
                let code = keys::code(key).ok_or(key)?;
                Some(message("key", json!({"key": code, "state": down})))
            }
            InputEvent::Button {
                button: Button::Pointer(button),
                down,
            } => {
                let button = keys::button(button);
                let event = json!({"button": button, "state": down});
                Some(message("mouse_button", event))
            }
            // A turn is done when the wheel goes down. There is no way back.
            InputEvent::Button {
                button: Button::Wheel(direction),
                down,
            } => down.then(|| {
                let y = match direction {
                    ScrollDirection::Up => 1,
                    ScrollDirection::Down => -1,
                };
                message("mouse_wheel", json!({"delta": {"x": 0, "y": y}}))
            }),
            InputEvent::Move { x, y } => {
                let to = json!({"to": {"x": place(x), "y": place(y)}});
                Some(message("mouse_move", to))
            }
        });
    }
    Ok(messages)
}

fn message(kind: &str, event: Value) -> Value {
    json!({"event_type": kind, "event": event})
}

/// Returns the place on kvmd's axis, which has its origin in the middle: -32768 to 32767.
fn place(value: u32) -> i32 {
    let range = i64::from(LARGEST);
    let value = i64::from(value.min(LARGEST));
    let scaled = (value * 65_535 + range / 2) / range - 32_768;
    i32::try_from(scaled).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::PointerButton;

    #[test]
    fn the_axes_begin_and_end_with_the_screen() {
        assert_eq!(
            [0, 0x3fff, 0x4000, 0x7fff, 0x8000].map(place),
            [-32_768, -2, 1, 32_767, 32_767]
        );
    }

    #[test]
    fn each_event_has_its_message() {
        let down = true;
        let events = [
            InputEvent::Key {
                key: "enter".parse().unwrap(),
                down,
            },
            InputEvent::Button {
                button: Button::Pointer(PointerButton::Right),
                down,
            },
            InputEvent::Button {
                button: Button::Wheel(ScrollDirection::Down),
                down,
            },
            InputEvent::Button {
                button: Button::Wheel(ScrollDirection::Down),
                down: false,
            },
            InputEvent::Move { x: 0, y: 0x7fff },
        ];
        let messages = messages(&events).unwrap();
        let expected = [
            json!({"event_type": "key", "event": {"key": "Enter", "state": true}}),
            json!({"event_type": "mouse_button", "event": {"button": "right", "state": true}}),
            json!({"event_type": "mouse_wheel", "event": {"delta": {"x": 0, "y": -1}}}),
            json!({"event_type": "mouse_move", "event": {"to": {"x": -32768, "y": 32767}}}),
        ];
        assert_eq!(messages, expected);
    }
}
