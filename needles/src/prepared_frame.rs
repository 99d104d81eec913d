use crate::Picture;

/// A frame with what matching needs of it (gray, blur and so on), computed at most once, when first needed.
///
/// Make one a frame and share it between all searches, also between threads.
#[derive(Debug)]
pub struct PreparedFrame {
    picture: Picture,
}

impl PreparedFrame {
    /// Computes nothing yet.
    pub fn new(picture: Picture) -> Self {
        Self { picture }
    }

    /// The frame itself.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }
}
