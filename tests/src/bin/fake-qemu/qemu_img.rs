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
        [
            "create",
            "-q",
            "-f",
            "qcow2",
            "-F",
            format,
            "-b",
            backing,
            overlay,
        ] => {
            let start = fs::read(backing).map_err(|error| failed(format!("{backing}: {error}")))?;
            if (format == "qcow2") != start.starts_with(b"QFI\xfb") {
                return Err(failed(format!("{backing} is not in the format {format}")));
            }
            make(overlay, Some(backing))
        }
        ["create", "-q", "-f", "qcow2", disk, size] if size.ends_with('M') => make(disk, None),
        _ => Err(failed(format!(
            "the fake does not know these arguments: {}",
            args.join(" ")
        ))),
    }
}

fn make(path: &str, backing: Option<&str>) -> Result<(), Ended> {
    if !Path::new(path).is_absolute() {
        return Err(failed(format!("`{path}` depends on the current folder")));
    }
    fs::write(path, disk::qcow2(backing)).map_err(|error| failed(format!("{path}: {error}")))
}

fn failed(message: String) -> Ended {
    Ended {
        status: 1,
        stderr: format!("qemu-img: {message}\n"),
    }
}
