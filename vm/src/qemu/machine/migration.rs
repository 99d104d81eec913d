//! QEMU's migration, used to write down and to read back the state of a machine's devices. The main memory stays out of
//! the stream (`x-ignore-shared`): it is a file of its own.

use std::{
    io,
    os::{fd::OwnedFd, unix::net::UnixStream as StdUnixStream},
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    fs::File,
    io::{AsyncWriteExt, copy},
    net::UnixStream,
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use crate::qemu::qmp::{Qmp, QmpError, RawEvent, Sensitivity};

/// How long a migration of some megabytes may take: a tenth of a second as a rule.
const LIMIT: Duration = Duration::from_secs(120);

/// QEMU's name of our end of the stream.
const STREAM: &str = "devices";

/// Why the state did not get across.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrationError {
    /// QEMU refused a command or is gone.
    #[error(transparent)]
    Qmp(#[from] QmpError),
    /// QEMU broke off.
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
    // Some megabytes in one go: the machine stands still meanwhile.
    let unlimited = json!({"max-bandwidth": 1_u64 << 40, "downtime-limit": 2_000_000});
    run(qmp, "migrate-set-parameters", unlimited).await?;
    qmp.pass_fd(STREAM, theirs).await?;
    run(qmp, "migrate", json!({"uri": format!("fd:{STREAM}")})).await?;
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

/// Reads the state of a machine that waits for it from the file at `path`. QEMU that cannot read it ends.
pub(super) async fn read_devices(qmp: &Qmp, path: &Path) -> Result<(), MigrationError> {
    let (mut ours, theirs) = stream()?;
    let mut file = File::open(path).await?;
    let mut events = prepare(qmp).await?;
    qmp.pass_fd(STREAM, theirs).await?;
    let uri = json!({"uri": format!("fd:{STREAM}")});
    run(qmp, "migrate-incoming", uri).await?;
    let sent = async {
        // QEMU tells itself why it stopped reading.
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

/// Leaves the main memory out, and has QEMU tell how it goes.
async fn prepare(qmp: &Qmp) -> Result<Receiver<RawEvent>, QmpError> {
    let on = |capability: &str| json!({"capability": capability, "state": true});
    let both = json!({"capabilities": [on("x-ignore-shared"), on("events")]});
    let events = qmp.events();
    run(qmp, "migrate-set-capabilities", both).await?;
    Ok(events)
}

async fn run(qmp: &Qmp, command: &str, arguments: Value) -> Result<Value, QmpError> {
    qmp.raw(command, arguments, Sensitivity::Open).await
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
            let told = run(qmp, "query-migrate", Value::Null).await?;
            let why = told["error-desc"].as_str().unwrap_or("it does not say why");
            Err(MigrationError::Failed(why.to_owned()))
        }
        Err(_) => Err(MigrationError::TimedOut),
    }
}

/// Why the machine cannot be saved; empty when it can.
pub(super) async fn blockers(qmp: &Qmp) -> Result<Vec<String>, QmpError> {
    let told = run(qmp, "query-migrate", Value::Null).await?;
    let reasons = told["blocked-reasons"].as_array();
    Ok(reasons
        .into_iter()
        .flatten()
        .filter_map(|reason| reason.as_str().map(str::to_owned))
        .collect())
}
