use std::path::PathBuf;

/// A program that some part of `qa` runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// Makes overlays.
    QemuImg,
    /// Builds the file trees of images.
    Mmdebstrap,
    /// Reads text on screens.
    Tesseract,
}

/// What there is of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolState {
    /// Which.
    pub tool: Tool,
    /// Where it is and the version it tells; none when it is missing.
    pub found: Option<(PathBuf, String)>,
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 3] = [Self::QemuImg, Self::Mmdebstrap, Self::Tesseract];

    /// The program's name.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::QemuImg => "qemu-img",
            Self::Mmdebstrap => "mmdebstrap",
            Self::Tesseract => "tesseract",
        }
    }

    /// What it is for: completes "needed to ...".
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Self::QemuImg => "keep images unchanged while machines run from them",
            Self::Mmdebstrap => "build reference images",
            Self::Tesseract => "read text on screens",
        }
    }
}
