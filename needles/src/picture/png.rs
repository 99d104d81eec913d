use super::{Picture, PictureError};

impl Picture {
    /// Reads a PNG: any colour type, depth and interlacing. Gray and palettes are expanded, 16 bits reduced to 8, and alpha
    /// dropped without blending, as openQA does.
    ///
    /// # Errors
    /// Not a PNG, damaged, truncated, or larger than [`Picture::MAX_SIDE`].
    pub fn from_png(bytes: &[u8]) -> Result<Self, PictureError> {
        let _ = bytes;
        todo!()
    }

    /// Writes a PNG, fast rather than small.
    pub fn to_png(&self) -> Vec<u8> {
        todo!()
    }
}
