//! Disks: the fake reads nothing of them but the name of what they stand on.

use std::{
    fs,
    path::{Path, PathBuf},
};

const MAGIC: &[u8] = b"QFI\xfb";

/// Length of a header of version 3.
const HEADER: u32 = 104;

/// A qcow2 file that has nothing but a header.
pub(crate) fn qcow2(backing: Option<&str>) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend(3_u32.to_be_bytes());
    let name = backing.unwrap_or_default();
    let at = if name.is_empty() { 0 } else { HEADER };
    file.extend(u64::from(at).to_be_bytes());
    file.extend(u32::try_from(name.len()).unwrap_or(0).to_be_bytes());
    file.resize(HEADER as usize, 0);
    file.extend(name.as_bytes());
    file
}

/// Opens a disk and all that it stands on, as QEMU does. The error is its sentence.
pub(crate) fn open(path: &Path, format: &str) -> Result<(), String> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| format!("could not open `{shown}`: {error}"))?;
    match format {
        "raw" => Ok(()),
        "qcow2" if bytes.starts_with(MAGIC) => match backing(&bytes)? {
            Some(backing) => {
                let start = fs::read(&backing).map_err(|error| {
                    format!(
                        "could not open backing file `{}`: {error}",
                        backing.display()
                    )
                })?;
                let format = if start.starts_with(MAGIC) {
                    "qcow2"
                } else {
                    "raw"
                };
                open(&backing, format)
            }
            None => Ok(()),
        },
        "qcow2" => Err("image is not in qcow2 format".to_owned()),
        driver => Err(format!("unknown driver `{driver}`")),
    }
}

fn backing(file: &[u8]) -> Result<Option<PathBuf>, String> {
    let bytes = |at: usize, length: usize| {
        file.get(at..at + length)
            .ok_or_else(|| "the header is cut short".to_owned())
    };
    let number = |at, length| -> Result<usize, String> {
        Ok(bytes(at, length)?
            .iter()
            .fold(0, |number, byte| number << 8 | usize::from(*byte)))
    };
    let (at, length) = (number(8, 8)?, number(16, 4)?);
    if at == 0 {
        return Ok(None);
    }
    let name = std::str::from_utf8(bytes(at, length)?).map_err(|error| error.to_string())?;
    Ok(Some(PathBuf::from(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_opens_only_with_all_that_it_stands_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let on = |name: &str| qcow2(path(name).to_str());
        fs::write(path("image"), "raw").unwrap();
        fs::write(path("first"), on("image")).unwrap();
        fs::write(path("second"), on("first")).unwrap();
        open(&path("second"), "qcow2").unwrap();
        fs::remove_file(path("image")).unwrap();
        let error = open(&path("second"), "qcow2").unwrap_err();
        assert!(error.contains("backing file"), "{error}");
        assert!(open(&path("first"), "vmdk").is_err());
        fs::write(path("first"), "QFI").unwrap();
        assert!(open(&path("first"), "qcow2").is_err());
    }
}
