//! The target of an image: a virtual machine, or a board.

use vm::MachineSpec;
use vm::board::BoardSpec;
use vm::image::ImageFile;

/// The virtual machine or the board that an image is run on.
#[derive(Debug, Clone)]
pub(crate) enum Target {
    /// A virtual machine with the image among its disks.
    Virtual(Box<MachineSpec>),
    /// A board.
    Board(Box<BoardTarget>),
}

/// A board and the image that is written to it.
#[derive(Debug, Clone)]
pub(crate) struct BoardTarget {
    /// The board.
    pub spec: BoardSpec,
    /// The image.
    pub image: ImageFile,
}

impl Target {
    /// Returns the virtual machine; none if it is a board.
    pub(crate) fn virtual_machine(&self) -> Option<&MachineSpec> {
        match self {
            Self::Virtual(spec) => Some(spec),
            Self::Board(_) => None,
        }
    }
}
