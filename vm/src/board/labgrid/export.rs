//! The address of the serial line of a place, from `labgrid-client export`.
//!
//! The program lives as long as the address is used: it may have a tunnel through SSH to a host that others cannot
//! reach.

use std::{collections::BTreeMap, io::Write, process::Stdio, time::Duration};

use serde_json::json;
use tokio::{io::AsyncReadExt, net::unix::pipe};

use super::client::{Call, Client, not_understood};
use crate::{
    board::{
        BoardFault, FaultKind,
        command::{Ending, Process, Tail},
    },
    own_gaps,
};

/// The words of the command.
pub(super) const WORDS: [&str; 4] = ["export", "--format", "json", "-"];

/// The limit for the first answer.
const LIMIT: Duration = Duration::from_secs(60);

/// The most bytes of an answer.
const MOST: usize = 64 * 1024;

/// The serial line of a place.
#[derive(Debug)]
pub(crate) struct SerialExport {
    /// The host: a name or an address.
    pub(crate) host: String,
    /// The TCP port.
    pub(crate) port: u16,
    /// The protocol.
    pub(crate) protocol: SerialProtocol,
    /// The speed, in baud.
    pub(crate) speed: u32,
    /// The program that keeps the address.
    process: Process,
}

/// The protocol of a serial line on a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SerialProtocol {
    /// The bytes of the line alone.
    Raw,
    /// Telnet with the settings of the line (RFC 2217).
    Rfc2217,
}

/// The answer of the program, which still runs.
#[derive(Debug)]
pub(super) struct Exported {
    variables: BTreeMap<String, String>,
    process: Process,
}

impl SerialExport {
    /// Asks for the serial line of a place. `resource` names it if there are several.
    pub(super) async fn of(
        client: &Client,
        place: &str,
        resource: Option<&str>,
    ) -> Result<Self, BoardFault> {
        let call = |environment| Call {
            environment,
            limit: LIMIT,
            ..Call::new("reach the serial line", place, WORDS)
        };
        if let (Some(environment), None) = (client.environment(), resource) {
            let exported = export(client, &call(Some(environment))).await?;
            // The site may have left the serial line out of its file.
            if let Some(serial) = Self::in_answer(exported)? {
                return Ok(serial);
            }
        }
        let (file, words) = (
            environment(place, resource),
            "no file could be made for labgrid",
        );
        let file =
            file.map_err(|error| BoardFault::new(FaultKind::Refused, format!("{words}: {error}")))?;
        let exported = export(client, &call(Some(file.path().to_owned()))).await?;
        Self::in_answer(exported)?
            .ok_or_else(|| not_understood("the serial line", "an answer without a serial line"))
    }

    /// Returns the serial line in an answer. None if the answer has none.
    fn in_answer(exported: Exported) -> Result<Option<Self>, BoardFault> {
        let Exported { variables, process } = exported;
        let protocols = || {
            variables
                .iter()
                .filter_map(|(key, value)| Some((key.strip_suffix("_PROTOCOL")?, value)))
        };
        let (prefix, protocol) = match (protocols().next(), protocols().count()) {
            (Some(found), 1) => found,
            (None, _) => return Ok(None),
            (Some(_), _) => {
                let names: Vec<String> = protocols()
                    .map(|(prefix, _)| format!("`{prefix}`"))
                    .collect();
                let words = format!(
                    "the environment file has several serial lines: {}",
                    names.join(", ")
                );
                return Err(BoardFault::new(FaultKind::Refused, words)
                    .advice("name the resource of the console as `serial` of the board"));
            }
        };
        let value = |suffix: &str| {
            variables
                .get(&format!("{prefix}_{suffix}"))
                .map(String::as_str)
        };
        let protocol = match protocol.as_str() {
            "raw" => Some(SerialProtocol::Raw),
            "rfc2217" => Some(SerialProtocol::Rfc2217),
            _ => None,
        };
        let number = |suffix: &str| value(suffix)?.parse().ok();
        let port = value("PORT").and_then(|port| port.parse().ok());
        let host = value("HOST").filter(|host| !host.is_empty());
        match (host, port, protocol, number("SPEED")) {
            (Some(host), Some(port), Some(protocol), Some(speed)) => Ok(Some(Self {
                host: host.to_owned(),
                port,
                protocol,
                speed,
                process,
            })),
            _ => Err(not_understood("the serial line", &format!("{variables:?}"))),
        }
    }

    /// Waits until the program that keeps the address has ended, which it does only by a fault.
    pub(crate) async fn lost(&mut self) -> BoardFault {
        // Whatever the status is: it should run.
        let _ = self.process.ended().await;
        BoardFault::new(
            FaultKind::Unreachable,
            "`labgrid-client export` ended, which keeps the way to the serial line",
        )
        .advice("check the coordinator, and the SSH connection to the host of the exporter")
    }
}

/// Writes an environment file with a driver for the serial line. JSON is YAML.
fn environment(place: &str, resource: Option<&str>) -> std::io::Result<tempfile::NamedTempFile> {
    let driver = match resource {
        Some(resource) => json!({ "SerialDriver": { "bindings": { "port": resource } } }),
        None => json!({ "SerialDriver": {} }),
    };
    let resources = json!({ "RemotePlace": { "name": place } });
    let text = json!({ "targets": { "main": { "resources": resources, "drivers": [driver] } } });
    let mut file = tempfile::Builder::new()
        .prefix("qa-labgrid-")
        .suffix(".yaml")
        .tempfile()?;
    file.write_all(text.to_string().as_bytes())?;
    Ok(file)
}

/// Runs an export, and returns its first answer. The program goes on.
pub(super) async fn export(client: &Client, call: &Call) -> Result<Exported, BoardFault> {
    let mut command = client.command(call);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut said = Tail::default();
    let work = async {
        let failed = |error| client.not_started(&error);
        let mut process = Process::start(command, Ending::Asked)
            .await
            .map_err(failed)?;
        let streams = process.streams().map_err(failed)?;
        let pipes = streams.stdout.zip(streams.stderr);
        let (mut stdout, mut stderr) =
            pipes.ok_or_else(|| client.not_started(&std::io::Error::other("no pipes")))?;
        let (mut answer, mut buffer, mut errors) = (Vec::new(), vec![0; 4096], vec![0; 4096]);
        let mut has_errors = true;
        loop {
            tokio::select! {
                read = stdout.read(&mut buffer) => {
                    let length = read.unwrap_or(0);
                    if length == 0 {
                        break;
                    }
                    answer.extend_from_slice(&buffer[..length]);
                    if let Some(variables) = answer_in(&answer) {
                        // Nobody reads its log from here on. It must never wait for a reader.
                        tokio::spawn(drain(stdout, stderr));
                        return Ok(Exported { variables, process });
                    }
                    if answer.len() > MOST {
                        return Err(not_understood("an export", &String::from_utf8_lossy(&answer)));
                    }
                }
                read = stderr.read(&mut errors), if has_errors => match read {
                    Ok(length @ 1..) => said.push(&errors[..length]),
                    Ok(0) | Err(_) => has_errors = false,
                },
            }
        }
        while let (true, Ok(length @ 1..)) = (has_errors, stderr.read(&mut errors).await) {
            said.push(&errors[..length]);
        }
        let stderr = said.text();
        Err(match answer.as_slice() {
            [_, ..] if stderr.trim().is_empty() => {
                not_understood("an export", &String::from_utf8_lossy(&answer))
            }
            _ => client.fault(&stderr, call),
        })
    };
    own_gaps::within(call.limit, Box::pin(work))
        .await
        .unwrap_or_else(|| {
            let words = format!(
                "`labgrid-client` did not {} within {:?}",
                call.doing, call.limit
            );
            Err(BoardFault::new(FaultKind::TimedOut, words)
                .advice("check the exporter of the place"))
        })
}

/// Reads and forgets, until both have ended.
async fn drain(mut stdout: pipe::Receiver, mut stderr: pipe::Receiver) {
    let forget = async |pipe: &mut pipe::Receiver| {
        let mut buffer = [0; 1024];
        while matches!(pipe.read(&mut buffer).await, Ok(1..)) {}
    };
    tokio::join!(forget(&mut stdout), forget(&mut stderr));
}

/// Returns the variables, once all of them have come. The program writes messages before, and no line end behind.
fn answer_in(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes).ok()?;
    text.match_indices('{')
        .find_map(|(start, _)| serde_json::from_str(&text[start..]).ok())
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
