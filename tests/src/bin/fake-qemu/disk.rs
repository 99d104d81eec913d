//! Disks: the fake reads nothing of them but the name of what they stand on.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use serde_json::Value;

const MAGIC: &[u8] = b"QFI\xfb";

/// Length of a header of version 3.
const HEADER: u32 = 104;

/// A qcow2 file of a disk of so many bytes that has nothing but a header.
pub(crate) fn qcow2(backing: Option<&str>, bytes: u64) -> Vec<u8> {
    let mut file = MAGIC.to_vec();
    file.extend(3_u32.to_be_bytes());
    let name = backing.unwrap_or_default();
    let at = if name.is_empty() { 0 } else { HEADER };
    file.extend(u64::from(at).to_be_bytes());
    file.extend(u32::try_from(name.len()).unwrap_or(0).to_be_bytes());
    // Clusters of 64 KiB.
    file.extend(16_u32.to_be_bytes());
    file.extend(bytes.to_be_bytes());
    file.resize(HEADER as usize, 0);
    file[96..100].copy_from_slice(&4_u32.to_be_bytes());
    file[100..104].copy_from_slice(&HEADER.to_be_bytes());
    file.extend(name.as_bytes());
    file
}

/// The first bytes of a file.
fn head(path: &Path) -> Result<Vec<u8>, String> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| file.take(4096).read_to_end(&mut head))
        .map_err(|error| format!("Could not open '{}': {error}", path.display()))?;
    Ok(head)
}

/// Opens a disk and all that it stands on, as QEMU does; stricter than QEMU in one thing: whoever starts it must say
/// for each file which one it stands on, as QEMU would else take the name in its header. The error is QEMU's sentence.
pub(crate) fn open(node: &Value) -> Result<(), String> {
    let file = &node["file"];
    if file["driver"] != "file" {
        return Err(format!("a machine of a test has no `{}`", file["driver"]));
    }
    let path = file["filename"].as_str().unwrap_or_default();
    if !Path::new(path).is_absolute() {
        return Err(format!("`{path}` depends on the current folder"));
    }
    let head = head(Path::new(path))?;
    let (driver, mark): (_, &[u8]) = match node["driver"].as_str().unwrap_or_default() {
        "raw" => ("raw", b""),
        "qcow2" => ("qcow2", MAGIC),
        "qed" => ("qed", b"QED\0"),
        "vmdk" => ("vmdk", b"KDMV"),
        "vdi" => ("vdi", b""),
        "vpc" => ("vpc", b""),
        "vhdx" => ("vhdx", b"vhdxfile"),
        driver => return Err(format!("Unknown driver '{driver}'")),
    };
    if !head.starts_with(mark) {
        return Err(format!("Image is not in {driver} format"));
    }
    let below = node.get("backing");
    match driver {
        "qcow2" => match (backing(&head)?, below) {
            (Some(name), None) => Err(format!(
                "nobody says on which file `{path}` stands, and its header says `{}`",
                name.display()
            )),
            (_, Some(below)) if !below.is_null() => {
                if below["read-only"] != true {
                    return Err("what a disk stands on is never written to".to_owned());
                }
                open(below)
            }
            (_, None | Some(_)) => Ok(()),
        },
        "vmdk" | "qed" if below == Some(&Value::Null) => Ok(()),
        _ if below.is_none() => Ok(()),
        _ => Err("Parameter 'backing' is unexpected".to_owned()),
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
    use std::fs;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_disk_opens_only_with_all_that_it_stands_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let on = |name: &str| qcow2(path(name).to_str(), 0);
        let node = |name: &str, driver: &str, below: Value| {
            json!({
                "driver": driver, "read-only": true, "backing": below,
                "file": {"driver": "file", "filename": path(name).to_str().unwrap()},
            })
        };
        let raw = |name: &str| {
            let mut node = node(name, "raw", Value::Null);
            node.as_object_mut().unwrap().remove("backing");
            node
        };
        fs::write(path("image"), "raw").unwrap();
        fs::write(path("first"), on("image")).unwrap();
        fs::write(path("second"), on("first")).unwrap();
        let first = node("first", "qcow2", raw("image"));
        open(&node("second", "qcow2", first.clone())).unwrap();
        let mut silent = node("first", "qcow2", Value::Null);
        open(&silent).unwrap();
        silent.as_object_mut().unwrap().remove("backing");
        let error = open(&silent).unwrap_err();
        assert!(error.contains("nobody says on which file"), "{error}");
        assert!(open(&node("image", "raw", Value::Null)).is_err());
        assert!(open(&node("first", "vmdk", Value::Null)).is_err());
        fs::remove_file(path("image")).unwrap();
        assert!(open(&first).is_err());
    }
}
