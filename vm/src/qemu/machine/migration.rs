//! Writes and reads the state of a machine's devices by QEMU's migration. The main memory is not in the stream
//! (`x-ignore-shared`), because it is a file of its own.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdUnixStream},
    path::Path,
    time::Duration,
};

use qapi::qmp::{self, MigrationCapability};
use serde::Deserialize;
use tokio::{
    fs::File,
    io::{AsyncWriteExt, copy},
    net::UnixStream,
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use crate::qemu::qmp::{Call, Qmp, QmpError, RawEvent};

/// The longest time of a migration of some megabytes. It normally takes a tenth of a second.
const LIMIT: Duration = Duration::from_secs(120);

/// QEMU's name of our end of the stream.
const STREAM: &str = "devices";

/// The reason why the state was not transferred.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrationError {
    /// QEMU refused a command or is gone.
    #[error(transparent)]
    Qmp(#[from] QmpError),
    /// QEMU gave up.
    #[error("QEMU broke off: {0}")]
    Failed(String),
    /// It took too long.
    #[error("QEMU did not finish within {} s", LIMIT.as_secs())]
    TimedOut,
    /// The file cannot be written or read.
    #[error("the file of the device state: {0}")]
    File(#[from] io::Error),
}

/// Writes the state of a stopped machine to the new file at `path`.
pub(super) async fn write_devices(qmp: &Qmp, path: &Path) -> Result<(), MigrationError> {
    let (ours, theirs) = stream()?;
    let mut file = File::create_new(path).await?;
    let mut events = prepare(qmp).await?;
    // All of it at once: the machine is stopped meanwhile.
    let unlimited = qmp::MigrateSetParameters {
        max_bandwidth: Some(1 << 40),
        downtime_limit: Some(2_000_000),
        ..Default::default()
    };
    qmp.execute(qmp::migrate_set_parameters(unlimited)).await?;
    qmp.pass_fd(STREAM, theirs).await?;
    let command = qmp::migrate {
        channels: None,
        detach: None,
        resume: None,
        uri: Some(format!("fd:{STREAM}")),
    };
    qmp.execute(command).await?;
    let written = async {
        let mut ours = ours;
        copy(&mut ours, &mut file).await?;
        file.flush().await?;
        file.sync_all().await
    };
    let (ended, written) = tokio::join!(finished(qmp, &mut events), written);
    ended?;
    Ok(written?)
}

/// Reads the state of a machine from the file at `path`. The machine waits for it. A QEMU that cannot read it ends.
pub(super) async fn read_devices(qmp: &Qmp, path: &Path) -> Result<(), MigrationError> {
    let (mut ours, theirs) = stream()?;
    let mut file = File::open(path).await?;
    let mut events = prepare(qmp).await?;
    qmp.pass_fd(STREAM, theirs).await?;
    let command = qmp::migrate_incoming {
        channels: None,
        exit_on_error: None,
        uri: Some(format!("fd:{STREAM}")),
    };
    qmp.execute(command).await?;
    let sent = async {
        // QEMU itself reports why it stopped reading.
        let _ = copy(&mut file, &mut ours).await;
        drop(ours);
    };
    let (ended, ()) = tokio::join!(finished(qmp, &mut events), sent);
    ended
}

fn stream() -> io::Result<(UnixStream, OwnedFd)> {
    let (ours, theirs) = StdUnixStream::pair()?;
    ours.set_nonblocking(true)?;
    Ok((UnixStream::from_std(ours)?, theirs.into()))
}

/// Excludes the main memory, and makes QEMU report the progress.
async fn prepare(qmp: &Qmp) -> Result<Receiver<RawEvent>, QmpError> {
    let on = |capability| qmp::MigrationCapabilityStatus {
        capability,
        state: true,
    };
    let capabilities = vec![
        on(MigrationCapability::x_ignore_shared),
        on(MigrationCapability::events),
    ];
    let events = qmp.events();
    let command = qmp::migrate_set_capabilities { capabilities };
    qmp.execute(command).await?;
    Ok(events)
}

/// The part of an answer to `query-migrate` that is used. The type of `qapi` cannot be: its counters of memory are
/// required, and differ between versions of QEMU (`skipped` left with 9.1).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct MigrationState {
    error_desc: Option<String>,
    blocked_reasons: Vec<String>,
}

async fn state(qmp: &Qmp) -> Result<MigrationState, QmpError> {
    qmp.ask(qmp::query_migrate {}, Call::default()).await
}

async fn finished(qmp: &Qmp, events: &mut Receiver<RawEvent>) -> Result<(), MigrationError> {
    let waited = timeout(LIMIT, async {
        loop {
            match events.recv().await {
                Ok(event) if event.name == "MIGRATION" => match event.data["status"].as_str() {
                    Some("completed") => return Ok(()),
                    Some("failed" | "cancelled") => return Err(None),
                    _ => {}
                },
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => {
                    return Err(Some(QmpError::Closed {
                        command: "migrate".to_owned(),
                    }));
                }
            }
        }
    });
    match waited.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Some(gone))) => Err(gone.into()),
        Ok(Err(None)) => {
            let told = state(qmp).await?.error_desc;
            let why = told.unwrap_or_else(|| "it does not say why".to_owned());
            Err(MigrationError::Failed(why))
        }
        Err(_) => Err(MigrationError::TimedOut),
    }
}

/// Returns why the machine cannot be saved. Empty if it can.
pub(super) async fn blockers(qmp: &Qmp) -> Result<Vec<String>, QmpError> {
    Ok(state(qmp).await?.blocked_reasons)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_every_qemu_are_read() {
        let read = |answer: &str| serde_json::from_str::<MigrationState>(answer).unwrap();
        assert_eq!(read("{}").blocked_reasons, [""; 0]);
        let blocked = read(r#"{"blocked-reasons": ["State blocked by non-migratable device"]}"#);
        assert_eq!(
            blocked.blocked_reasons,
            ["State blocked by non-migratable device"]
        );
        // QEMU 7.2.22.
        let old = r#"{"status": "completed", "setup-time": 45, "downtime": 85, "total-time": 326,
            "ram": {"total": 42541056, "postcopy-requests": 0, "dirty-sync-count": 3, "multifd-bytes": 0,
                "pages-per-second": 32272, "downtime-bytes": 695589, "page-size": 4096, "remaining": 0,
                "postcopy-bytes": 0, "mbps": 24.67373665480427, "transferred": 695589,
                "dirty-sync-missed-zero-copy": 0, "precopy-bytes": 0, "duplicate": 10239, "dirty-pages-rate": 0,
                "skipped": 0, "normal-bytes": 602112, "normal": 147}}"#;
        assert_eq!(read(old).error_desc, None);
        // In the form of QEMU 10.0's schema, whose memory has no `skipped`.
        let new = r#"{"status": "failed", "error-desc": "Unable to write to socket: Broken pipe",
            "ram": {"total": 1, "remaining": 0, "transferred": 1, "duplicate": 0, "normal": 0, "normal-bytes": 0,
                "dirty-pages-rate": 0, "mbps": 0.1, "dirty-sync-count": 1, "postcopy-requests": 0,
                "page-size": 4096, "multifd-bytes": 0, "pages-per-second": 0, "precopy-bytes": 0,
                "downtime-bytes": 0, "postcopy-bytes": 0, "dirty-sync-missed-zero-copy": 0}}"#;
        let why = read(new).error_desc;
        assert_eq!(
            why.as_deref(),
            Some("Unable to write to socket: Broken pipe")
        );
    }
}
