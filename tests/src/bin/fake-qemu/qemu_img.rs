//! `qemu-img`, as far as `qa` calls it. What it makes has a header and nothing else: the fake QEMU never reads a disk.

use std::{fs, path::Path};

use crate::{Ended, disk};

pub(crate) fn run(args: &[String]) -> Result<(), Ended> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["--version"] => {
            println!("qemu-img version 10.0.2 (fake)");
            Ok(())
        }
        // With `-u` it does not open what the new file stands on.
        [
            "create",
            "-q",
            "-u",
            "-f",
            "qcow2",
            "-F",
            "raw" | "qcow2" | "qed" | "vmdk" | "vdi" | "vhdx",
            "-b",
            backing,
            overlay,
            size,
        ] if Path::new(backing).is_absolute() => make(overlay, Some(backing), bytes(size)?),
        // Else it does, in the format that is named: of files that name no other.
        [
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            "vpc" | "vmdk",
            "-b",
            backing,
            overlay,
        ] if Path::new(backing).is_file() => make(overlay, Some(backing), 1 << 20),
        ["create", "-q", "-f", "qcow2", disk, size] if size.ends_with('M') => {
            make(disk, None, bytes(size.trim_end_matches('M'))? << 20)
        }
        _ => Err(failed(format!(
            "the fake does not know these arguments: {}",
            args.join(" ")
        ))),
    }
}

fn bytes(size: &str) -> Result<u64, Ended> {
    size.parse()
        .map_err(|_| failed(format!("Invalid image size specified: {size}")))
}

fn make(path: &str, backing: Option<&str>, bytes: u64) -> Result<(), Ended> {
    if !Path::new(path).is_absolute() {
        return Err(failed(format!("`{path}` depends on the current folder")));
    }
    fs::write(path, disk::qcow2(backing, bytes)).map_err(|error| failed(format!("{path}: {error}")))
}

fn failed(message: String) -> Ended {
    Ended {
        status: 1,
        stderr: format!("qemu-img: {message}\n"),
    }
}
