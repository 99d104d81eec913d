//! The variable store of UEFI that comes with an image.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::LaunchError;
use crate::qemu::firmware::{FlashChips, FlashFormat};

/// A file with the variables of UEFI, as EDK2 keeps them in its flash chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VariableStore {
    /// The size of the file.
    bytes: u64,
}

/// The mark of a firmware volume, and its place.
const MARK: (usize, &[u8]) = (40, b"_FVH");
/// EDK2's name of a volume with variables, and its place.
const OF_VARIABLES: (usize, [u8; 16]) = (
    16,
    [
        0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c, 0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f,
        0x50,
    ],
);
/// The place of the volume's length.
const LENGTH: usize = 32;

impl VariableStore {
    /// Checks the file at `path`.
    ///
    /// # Errors
    /// A sentence: when it cannot be read, or is no variable store.
    pub fn open(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => format!("there is no file {shown}"),
            _ => format!("cannot read {shown}: {error}"),
        };
        let is_file = path.metadata().map_err(unreadable)?.is_file();
        if !is_file {
            return Err(format!("{shown} is no file"));
        }
        let file = File::open(path).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        let mut head = Vec::new();
        file.take(64).read_to_end(&mut head).map_err(unreadable)?;
        let has =
            |at: usize, mark: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(mark));
        if !has(MARK.0, MARK.1) || !has(OF_VARIABLES.0, &OF_VARIABLES.1) {
            return Err(format!(
                "{shown} is no variable store of UEFI: it has not the mark of one; it is a copy of a file like \
                OVMF_VARS.fd, raw"
            ));
        }
        let length = head
            .get(LENGTH..LENGTH + 8)
            .and_then(|field| field.try_into().ok());
        let length = length.map_or(0, u64::from_le_bytes);
        if length == 0 || length > bytes {
            return Err(format!(
                "{shown} is cut off: its volume has {length} bytes, and the file has {bytes}"
            ));
        }
        Ok(Self { bytes })
    }

    /// Checks that firmware in these chips can use the store at `path`.
    pub(super) fn check(path: &Path, chips: &FlashChips) -> Result<(), LaunchError> {
        let wrong = |reason| LaunchError::Spec { reason };
        let own = Self::open(path).map_err(wrong)?;
        let template = chips.variables.display();
        let bytes = match chips.variables_format {
            FlashFormat::Raw => chips.variables.metadata().map(|file| file.len()).ok(),
            FlashFormat::Qcow2 => None,
        };
        match bytes {
            Some(bytes) if bytes == own.bytes => Ok(()),
            Some(bytes) => Err(wrong(format!(
                "{} has {} bytes, and the firmware takes a store of {bytes}, as {template} is; make it with the \
                firmware of this machine",
                path.display(),
                own.bytes
            ))),
            None => Err(wrong(format!(
                "the firmware keeps its variables in {template}, which is not raw; no other store can take its place"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Returns a store of 1 KiB whose volume claims this length.
    fn store(length: u64) -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        bytes[OF_VARIABLES.0..][..16].copy_from_slice(&OF_VARIABLES.1);
        bytes[LENGTH..][..8].copy_from_slice(&length.to_le_bytes());
        bytes[MARK.0..][..4].copy_from_slice(MARK.1);
        bytes
    }

    #[test]
    fn a_store_is_known_by_its_mark_and_its_length() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vars.fd");
        fs::write(&path, store(1024)).unwrap();
        assert_eq!(
            VariableStore::open(&path),
            Ok(VariableStore { bytes: 1024 })
        );
        for (bytes, part) in [
            (store(2048), "is cut off"),
            (store(0), "is cut off"),
            (vec![0; 1024], "is no variable store"),
            (Vec::new(), "is no variable store"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = VariableStore::open(&path).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let error = VariableStore::open(&folder.path().join("none")).unwrap_err();
        assert!(error.starts_with("there is no file"), "{error}");
    }

    #[test]
    fn a_store_of_another_size_than_the_firmware_takes_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("own"), store(1024)).unwrap();
        fs::write(path("template"), vec![0; 2048]).unwrap();
        let chips = FlashChips {
            code_format: FlashFormat::Raw,
            variables: path("template"),
            variables_format: FlashFormat::Raw,
            needs_smm: false,
        };
        let error = VariableStore::check(&path("own"), &chips)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("has 1024 bytes, and the firmware takes a store of 2048"),
            "{error}"
        );
        fs::write(path("template"), vec![0; 1024]).unwrap();
        VariableStore::check(&path("own"), &chips).unwrap();
    }
}
