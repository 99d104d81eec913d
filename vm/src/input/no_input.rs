//! The input devices of a machine that has none.

use super::{InputError, InputSink, Secrecy, sink::InputEvent};

/// Takes no input. The handles of keyboard and pointer refuse input before it comes here.
#[derive(Debug)]
pub(crate) struct NoInput;

impl InputSink for NoInput {
    async fn send(&mut self, _events: &[InputEvent], _secrecy: Secrecy) -> Result<(), InputError> {
        Err(InputError::Gone)
    }
}
