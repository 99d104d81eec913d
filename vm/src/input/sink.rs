//! The seam between input and the backend of a machine.

use super::{InputError, KeyName, PointerButton, ScrollDirection, Secrecy};

/// Sends input to one machine. Each backend has its own. What is said of the queue fits a backend that cannot tell what
/// the guest has taken.
pub(crate) trait InputSink: Send + 'static {
    /// Sends these events at once, in order.
    ///
    /// # Errors
    /// See [`InputError`].
    fn send(
        &mut self,
        events: &[InputEvent],
        secrecy: Secrecy,
    ) -> impl Future<Output = Result<(), InputError>> + Send;

    /// Returns the state of the keyboard's queue. None if the backend cannot tell.
    ///
    /// # Errors
    /// See [`InputError`].
    fn queue(&mut self) -> impl Future<Output = Result<Option<Queue>, InputError>> + Send {
        std::future::ready(Ok(None))
    }

    /// Returns the room that these keys take in the queue when they are pressed or released, in units of the queue.
    fn cost(&self, keys: &[KeyName]) -> u32 {
        u32::try_from(keys.len()).unwrap_or(u32::MAX)
    }

    /// Returns true if keys may be sent only when the guest has taken all earlier ones.
    fn takes_one_after_the_other(&self) -> bool {
        false
    }

    /// Returns the number of keys that the guest has lost since the last call, in units of the queue.
    fn lost(&mut self) -> u32 {
        0
    }

    /// Stops waiting for the keys that are in the queue now.
    fn give_up(&mut self) {}
}

/// One event of an input device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputEvent {
    /// A key is pressed or released.
    Key { key: KeyName, down: bool },
    /// A button is pressed or released.
    Button { button: Button, down: bool },
    /// The pointer moves to this place, in units of the axes: 0 to 0x7fff from the left, and from the top.
    Move { x: u32, y: u32 },
}

/// A button of the pointer. A turn of the wheel counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    Pointer(PointerButton),
    Wheel(ScrollDirection),
}

/// The state of a keyboard's queue for the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queue {
    /// The part that the guest has not taken yet, in units of the device.
    pub(crate) waiting: u32,
    /// The room that is left, in units of the device.
    pub(crate) room: u32,
}
