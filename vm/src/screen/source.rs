//! The seam between a screen and the backend of a machine.

use super::{CaptureError, Frame};

/// Takes pictures of the screen of one machine. Each backend has its own.
pub(crate) trait PictureSource: Send + 'static {
    /// Takes a picture now. `last` is the newest frame. A source that can tell that nothing has changed returns
    /// [`Taken::Same`].
    ///
    /// # Errors
    /// See [`CaptureError`].
    fn take(
        &mut self,
        last: Option<&Frame>,
    ) -> impl Future<Output = Result<Taken<'_>, CaptureError>> + Send;
}

/// The result of taking a picture.
#[derive(Debug)]
pub(crate) enum Taken<'a> {
    /// The screen still shows the newest frame.
    Same,
    /// The screen shows this picture, which may be equal to the newest frame.
    Picture(Picture<'a>),
}

/// A picture of the screen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picture<'a> {
    /// The width in pixels, from 1.
    pub(crate) width: u32,
    /// The height in pixels, from 1.
    pub(crate) height: u32,
    /// `width * height * 3` bytes: rows from the top; red, green, blue.
    pub(crate) rgb: &'a [u8],
}
