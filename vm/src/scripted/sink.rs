//! The input devices and the screen of a scripted machine.

use super::{guest::Guest, request::Request};
use crate::{
    CaptureError, Frame,
    input::{InputError, InputEvent, InputSink, Queue, Secrecy},
    screen::{PictureSource, Taken},
};

impl InputSink for Guest {
    async fn send(&mut self, events: &[InputEvent], _secrecy: Secrecy) -> Result<(), InputError> {
        for event in events {
            self.request(Request::Input(*event))
                .map_err(|_| InputError::Gone)?;
        }
        Ok(())
    }

    async fn queue(&mut self) -> Result<Option<Queue>, InputError> {
        // It takes everything at once.
        Ok(Some(Queue {
            waiting: 0,
            room: u32::MAX,
        }))
    }
}

impl PictureSource for Guest {
    async fn take(&mut self, last: Option<&Frame>) -> Result<Taken<'_>, CaptureError> {
        let shown = self.picture()?;
        if let Some(last) = last
            && last.width == shown.view().width
            && last.rgb == *shown.rgb()
        {
            return Ok(Taken::Same);
        }
        Ok(Taken::Picture(self.hold(shown).view()))
    }
}
