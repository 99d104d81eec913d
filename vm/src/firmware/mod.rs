//! UEFI firmware, found by the descriptors that QEMU's interoperability specification (`docs/interop/firmware.json`) defines.

mod descriptor;
mod search;

pub use descriptor::{Descriptor, DescriptorError};
pub use search::{FirmwareError, FirmwareFiles, FirmwareFolders, FlashFormat};
pub(crate) use search::{VARIABLES_COPY, package};
