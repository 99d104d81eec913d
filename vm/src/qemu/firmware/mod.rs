//! UEFI firmware, found by the descriptors of QEMU's interoperability specification (`docs/interop/firmware.json`).

mod built_in;
mod descriptor;
mod error;
mod files;
mod needs;
mod search;

pub use descriptor::{Descriptor, DescriptorError};
pub use error::{FirmwareError, TooNew};
pub(crate) use files::VARIABLES_COPY;
pub use files::{FirmwareFiles, FirmwareMapping, FlashChips, FlashFormat};
pub use needs::FirmwareNeeds;
pub use search::FirmwareFolders;
pub(crate) use search::package;
