//! Makes disk images with `qemu-img`.

use std::{path::Path, time::Duration};

use tokio::process::Command;

use super::brief_program::output;
use crate::{helper_limit, image::FileFormat};

/// The longest time for making an empty image. Normally milliseconds, seconds if the disk is busy.
const LIMIT: Duration = Duration::from_secs(60);

/// Makes a qcow2 file with the backing file `backing` of this format. Its disk has `bytes`, or the size of the backing
/// file's disk if none are given. Then `qemu-img` opens the backing file, which must not name other files.
pub(crate) async fn create_overlay(
    overlay: &Path,
    backing: &Path,
    format: FileFormat,
    bytes: Option<u64>,
) -> Result<(), String> {
    // Absolute, since QEMU resolves a relative name from the overlay's own folder.
    let backing = std::path::absolute(backing).map_err(|error| error.to_string())?;
    let mut command = Command::new("qemu-img");
    command.args(["create", "-q"]);
    if bytes.is_some() {
        // The backing file is not even opened.
        command.arg("-u");
    }
    command
        .args(["-f", "qcow2", "-F", format.driver(), "-b"])
        .arg(backing)
        .arg(overlay)
        .args(bytes.map(|bytes| bytes.to_string()));
    run(command).await
}

/// Makes an empty qcow2 file of that size.
pub(crate) async fn create_blank(path: &Path, size_mib: u64) -> Result<(), String> {
    let mut command = Command::new("qemu-img");
    command
        .args(["create", "-q", "-f", "qcow2"])
        .arg(path)
        .arg(format!("{size_mib}M"));
    run(command).await
}

/// The longest time for writing an image anew. A desktop of 8 GiB takes about a minute on a slow disk.
const CONVERT_LIMIT: Duration = Duration::from_secs(30 * 60);

/// Writes the disk in `image`, which has this format, to `raw`, without a format. Zeros take no place in the file.
pub(crate) async fn convert_to_raw(
    image: &Path,
    format: FileFormat,
    raw: &Path,
) -> Result<(), String> {
    let mut command = Command::new("qemu-img");
    command
        .args(["convert", "-q", "-f", format.driver(), "-O", "raw"])
        .arg(image)
        .arg(raw);
    run_within(command, CONVERT_LIMIT).await
}

async fn run(command: Command) -> Result<(), String> {
    run_within(command, LIMIT).await
}

async fn run_within(command: Command, limit: Duration) -> Result<(), String> {
    match output(command, helper_limit(limit)).await {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(said.trim().trim_start_matches("qemu-img: ").to_owned())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(
            "there is no `qemu-img` in PATH; install the package `qemu-utils`, or run `qa doctor --install`".to_owned(),
        ),
        Err(error) => Err(error.to_string()),
    }
}
