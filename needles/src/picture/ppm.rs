use super::{Picture, PictureError};

impl Picture {
    /// Reads a binary PPM (`P6`, 255 levels), as QEMU writes.
    ///
    /// # Errors
    /// Not such a PPM, larger than [`Picture::MAX_SIDE`], or not exactly as long as its head says.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self, PictureError> {
        let _ = bytes;
        todo!()
    }
}
