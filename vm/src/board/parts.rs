//! The parts of a board: its sources, connected.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use tokio::sync::broadcast;

use super::{
    BoardFault, BoardLog, BoardNews, BoardSpec, FaultKind, InputFrom, LineFrom, PowerFrom,
    ScreenFrom, StorageFrom,
    kvmd::Kvmd,
    labgrid::{Labgrid, Mux, Owner, SerialExport, SerialProtocol, WriteMode},
    line::LineSpec,
    power::BoardPower,
    power_source::PowerSource,
    redfish::Redfish,
    signs::RestartWatch,
};
use crate::machine::MachineEvent;

/// The services of a board, connected and proven.
#[derive(Debug)]
pub(super) struct Parts {
    labgrid: Option<Arc<Labgrid>>,
    pub(super) kvmd: Option<Arc<Kvmd>>,
    redfish: Option<Arc<Redfish>>,
    storage: Option<StorageFrom>,
    /// The partition that labgrid writes images to with fastboot; none for a medium.
    fastboot: Option<String>,
    /// The state of labgrid's strategy in which the storage is written.
    state: Option<String>,
    pub(super) restarts: Arc<Mutex<RestartWatch>>,
}

/// Acquires the board's place and connects its services. After an error nothing is held. Nothing is done with the
/// board: whoever switches it must be able to give it back.
pub(super) async fn connect(
    spec: &BoardSpec,
    log: &BoardLog,
    news: &(impl Fn(BoardNews) + Send + Sync),
) -> Result<Parts, BoardFault> {
    let kvmd = match &spec.kvmd {
        Some(kvmd) => {
            let kvmd = Kvmd::connect(kvmd).await?;
            log.say(&format!("kvmd {} answers", kvmd.version()));
            Some(Arc::new(kvmd))
        }
        None => None,
    };
    let redfish = match &spec.redfish {
        Some(redfish) => {
            let redfish = Redfish::new(redfish)?;
            // Proves that it answers and takes the password.
            redfish.is_on().await?;
            Some(Arc::new(redfish))
        }
        None => None,
    };
    // Last: everything that can fail before needs no release.
    let labgrid = match &spec.labgrid {
        Some(labgrid) => {
            let owner = Owner::of_this_process(&spec.run).map_err(|error| {
                let words = format!("this process cannot be named to labgrid: {error}");
                BoardFault::new(FaultKind::Refused, words)
            })?;
            let version = Labgrid::check(labgrid).await?;
            log.say(&format!("labgrid {version}"));
            let on_wait = |holder: &str| {
                log.say(&format!("waiting: {holder}"));
                news(BoardNews::Waiting {
                    holder: holder.to_owned(),
                });
            };
            let labgrid = Labgrid::acquire(labgrid, &owner, spec.patience, on_wait).await?;
            log.say(&format!("labgrid: acquired {}", labgrid.place()));
            Some(Arc::new(labgrid))
        }
        None => None,
    };
    news(BoardNews::Acquired);
    Ok(Parts {
        labgrid,
        kvmd,
        redfish,
        storage: spec.storage.clone(),
        fastboot: (spec.labgrid.as_ref()).and_then(|labgrid| labgrid.fastboot.clone()),
        state: (spec.labgrid.as_ref()).and_then(|labgrid| labgrid.state.clone()),
        restarts: Arc::new(Mutex::new(RestartWatch::new(spec.signs.clone()))),
    })
}

impl Parts {
    /// Returns the power of the board.
    pub(super) fn power(
        &self,
        spec: &BoardSpec,
        events: broadcast::Sender<MachineEvent>,
        log: BoardLog,
    ) -> BoardPower {
        let source = match (&spec.power, &self.labgrid, &self.kvmd, &self.redfish) {
            (PowerFrom::Commands(commands), _, _, _) => PowerSource::Commands(commands.clone()),
            (PowerFrom::Labgrid, Some(labgrid), _, _) => PowerSource::Labgrid(Arc::clone(labgrid)),
            (PowerFrom::Kvmd, _, Some(kvmd), _) => PowerSource::Kvmd(Arc::clone(kvmd)),
            (PowerFrom::Redfish, _, _, Some(redfish)) => PowerSource::Redfish(Arc::clone(redfish)),
            (PowerFrom::Labgrid, None, _, _)
            | (PowerFrom::Kvmd, _, None, _)
            | (PowerFrom::Redfish, _, _, None) => PowerSource::Absent,
        };
        let has_input = matches!(spec.input, Some(InputFrom::Kvmd));
        let kvmd = self.kvmd.clone().filter(|_| has_input);
        BoardPower::new(source, Arc::clone(&self.restarts), kvmd, events, log)
    }

    /// Brings the board into the state of labgrid's strategy that its description names. Returns false if it names
    /// none.
    pub(super) async fn reach_state(&self, log: &BoardLog) -> Result<bool, BoardFault> {
        let (Some(state), Some(labgrid)) = (&self.state, &self.labgrid) else {
            return Ok(false);
        };
        let reached = labgrid.state(state).await;
        log.note(&format!("labgrid: state {state}"), &reached);
        reached.map(|()| true)
    }

    /// Gives the board its card if labgrid has a multiplexer for it: a run that was ended while it wrote may have left
    /// the card at the other side.
    pub(super) async fn give_card(&self) -> Result<(), BoardFault> {
        match (&self.storage, &self.labgrid, &self.fastboot) {
            (Some(StorageFrom::Labgrid), Some(labgrid), None) => {
                switch_card(labgrid, Mux::Dut).await.map(drop)
            }
            (
                Some(StorageFrom::Labgrid | StorageFrom::Kvmd | StorageFrom::Command(_)) | None,
                _,
                _,
            ) => Ok(()),
        }
    }

    /// Writes an image to the storage.
    pub(super) async fn write(&self, image: &Path) -> Result<(), BoardFault> {
        match (&self.storage, &self.labgrid, &self.kvmd) {
            (Some(StorageFrom::Command(command)), _, _) => command.write(image, None).await,
            (Some(StorageFrom::Labgrid), Some(labgrid), _) => match &self.fastboot {
                Some(partition) => labgrid.fastboot_flash(partition, image).await,
                None => write_by_labgrid(labgrid, image).await,
            },
            (Some(StorageFrom::Kvmd), _, Some(kvmd)) => {
                let name = image.file_name().and_then(|name| name.to_str());
                kvmd.write_medium(image, name.unwrap_or("qa.img"), false)
                    .await?;
                kvmd.connect_medium(true).await
            }
            (Some(StorageFrom::Labgrid), None, _)
            | (Some(StorageFrom::Kvmd), _, None)
            | (None, _, _) => Err(BoardFault::new(
                FaultKind::Refused,
                "the board has no way to write its storage",
            )
            .advice("give it a `storage:` under `board:` of qa.yaml")),
        }
    }

    /// Returns the serial line's description, and what keeps the way to it open. None if the board has no line.
    pub(super) async fn line(
        &self,
        from: Option<&LineFrom>,
    ) -> Result<Option<(LineSpec, Option<SerialExport>)>, BoardFault> {
        match (from, &self.labgrid) {
            (None, _) => Ok(None),
            (Some(LineFrom::Line(line)), _) => Ok(Some((line.clone(), None))),
            (Some(LineFrom::Labgrid), Some(labgrid)) => {
                let export = labgrid.export_serial().await?;
                Ok(Some((line_of(&export), Some(export))))
            }
            (Some(LineFrom::Labgrid), None) => Err(BoardFault::new(
                FaultKind::Refused,
                "the serial line comes from labgrid, and the board has no place there",
            )),
        }
    }

    /// Releases the place.
    pub(super) async fn release(&self) -> Result<(), BoardFault> {
        match &self.labgrid {
            Some(labgrid) => labgrid.release().await,
            None => Ok(()),
        }
    }
}

/// Writes an image onto the card of a place: the host of the exporter gets the card, writes it, and the board gets it,
/// also if it could not be written.
async fn write_by_labgrid(labgrid: &Labgrid, image: &Path) -> Result<(), BoardFault> {
    let has_mux = switch_card(labgrid, Mux::Host).await?;
    // A block map beside the image lists the blocks that are written.
    let mut map = image.as_os_str().to_owned();
    map.push(".bmap");
    let mode = match Path::new(&map).exists() {
        true => WriteMode::Bmap,
        false => WriteMode::All,
    };
    let written = labgrid.write_image(image, mode).await;
    let given = match has_mux {
        true => labgrid.sd_mux(Mux::Dut).await,
        false => Ok(()),
    };
    written.and(given)
}

/// Gives the card to one side. Returns false if the place has no multiplexer: its storage needs none.
async fn switch_card(labgrid: &Labgrid, side: Mux) -> Result<bool, BoardFault> {
    match labgrid.sd_mux(side).await {
        Ok(()) => Ok(true),
        Err(fault) if fault.kind == FaultKind::NoResource => Ok(false),
        Err(fault) => Err(fault),
    }
}

fn line_of(export: &SerialExport) -> LineSpec {
    let address = format!("{}:{}", export.host, export.port);
    match export.protocol {
        SerialProtocol::Raw => LineSpec::Tcp { address },
        SerialProtocol::Rfc2217 => LineSpec::Rfc2217 {
            address,
            speed: export.speed,
        },
    }
}

impl BoardSpec {
    /// Returns the sources of its parts, for people: `power labgrid, serial labgrid, screen kvmd`.
    pub(super) fn sources(&self) -> String {
        let power = match &self.power {
            PowerFrom::Labgrid => "labgrid",
            PowerFrom::Kvmd => "kvmd",
            PowerFrom::Redfish => "redfish",
            PowerFrom::Commands(_) => "commands",
        };
        let line = self.line.as_ref().map(|line| match line {
            LineFrom::Labgrid => "labgrid",
            LineFrom::Line(LineSpec::Tcp { .. }) => "tcp",
            LineFrom::Line(LineSpec::Rfc2217 { .. }) => "rfc2217",
            LineFrom::Line(LineSpec::Device { .. }) => "device",
            LineFrom::Line(LineSpec::Command { .. }) => "commands",
        });
        let screen = self.screen.as_ref().map(|screen| match screen {
            ScreenFrom::Kvmd => "kvmd",
            ScreenFrom::Vnc => "vnc",
            ScreenFrom::Http(_) => "http",
            ScreenFrom::Capture(_) => "capture",
            ScreenFrom::Command(_) => "commands",
        });
        let input = self.input.as_ref().map(|input| match input {
            InputFrom::Kvmd => "kvmd",
            InputFrom::Vnc => "vnc",
            InputFrom::Command(_) => "commands",
        });
        let storage = self.storage.as_ref().map(|storage| match storage {
            StorageFrom::Labgrid => "labgrid",
            StorageFrom::Kvmd => "kvmd",
            StorageFrom::Command(_) => "commands",
        });
        let parts = [
            ("power", Some(power)),
            ("serial", line),
            ("screen", screen),
            ("input", input),
            ("storage", storage),
        ];
        let parts = parts
            .into_iter()
            .filter_map(|(part, from)| Some(format!("{part} {}", from?)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
