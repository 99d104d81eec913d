use std::path::Path;

use tokio::process::Command;

/// Makes a qcow2 file that starts as `backing` (of QEMU's format name `format`) and takes what is written; of another size than that
/// where one is given.
pub(crate) async fn create_overlay(
    overlay: &Path,
    backing: &Path,
    format: &str,
    size_mib: Option<u64>,
) -> Result<(), String> {
    // Made absolute: QEMU reads a relative name from the overlay's own folder.
    let backing = std::path::absolute(backing).map_err(|error| error.to_string())?;
    let mut command = Command::new("qemu-img");
    command
        .args(["create", "-q", "-f", "qcow2", "-F", format, "-b"])
        .arg(backing)
        .arg(overlay)
        .args(size_mib.map(|size| format!("{size}M")));
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

async fn run(mut command: Command) -> Result<(), String> {
    command.kill_on_drop(true);
    match command.output().await {
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
