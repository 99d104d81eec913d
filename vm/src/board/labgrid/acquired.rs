//! A place of a labgrid lab that was acquired.

use std::{ffi::OsString, path::Path, time::Duration};

use super::{
    LabgridSpec, Owner, SerialExport, Version, acquire,
    client::{Call, Client, not_understood},
    export,
    hold::Hold,
};
use crate::board::{BoardFault, FaultKind};

/// The limit for a switch of power or of a multiplexer.
const SWITCH: Duration = Duration::from_secs(120);

/// The limit for a change of the state of a strategy, which may boot the board several times.
const STRATEGY: Duration = Duration::from_secs(30 * 60);

/// The limit for writing, without the time for each MiB.
const WRITE: Duration = Duration::from_secs(10 * 60);

/// The slowest medium, in bytes a second.
const SLOWEST: u64 = 1 << 20;

/// A place that is acquired. Dropping it releases the place, and waits for that.
#[derive(Debug)]
pub(crate) struct Labgrid {
    client: Client,
    hold: Hold,
    serial: Option<String>,
}

/// The side that has the SD card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mux {
    /// The host of the exporter, which writes it.
    Host,
    /// The board.
    Dut,
}

/// The way to write an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WriteMode {
    /// All of it, with `dd`.
    All,
    /// The blocks that a block map lists, with `bmaptool`.
    Bmap,
}

impl Labgrid {
    /// Checks, without acquiring anything, that a place can be used: the program is there and new enough, the
    /// coordinator answers and knows the place. Takes about a second.
    ///
    /// # Errors
    /// When one of these does not hold.
    pub(crate) async fn check(spec: &LabgridSpec) -> Result<Version, BoardFault> {
        acquire::check(spec).await
    }

    /// Acquires a place. If others hold it, waits at most `patience`, and calls `on_wait` with a sentence that says
    /// who.
    ///
    /// # Errors
    /// [`FaultKind::Held`] if others hold it for longer. Else the faults of [`check`](Self::check), and that of an
    /// exporter that is gone.
    pub(crate) async fn acquire(
        spec: &LabgridSpec,
        owner: &Owner,
        patience: Duration,
        on_wait: impl Fn(&str),
    ) -> Result<Self, BoardFault> {
        let (client, hold) = acquire::acquire(spec, owner, patience, on_wait).await?;
        Ok(Self {
            client,
            hold,
            serial: spec.serial.clone(),
        })
    }

    /// Returns the name of the place.
    pub(crate) fn place(&self) -> &str {
        self.hold.place()
    }

    /// Releases the place. Does nothing to a place that another one has meanwhile.
    ///
    /// # Errors
    /// When the coordinator does not answer. Then dropping tries it once more.
    pub(crate) async fn release(&self) -> Result<(), BoardFault> {
        self.hold.release().await
    }

    /// Switches the board on.
    ///
    /// # Errors
    /// When the place has no power switch, the switch does not answer, or the exporter is gone.
    pub(crate) async fn power_on(&self) -> Result<(), BoardFault> {
        self.run(self.call("switch the power on", ["power", "on"]))
            .await
            .map(drop)
    }

    /// Switches the board off.
    ///
    /// # Errors
    /// Those of [`power_on`](Self::power_on).
    pub(crate) async fn power_off(&self) -> Result<(), BoardFault> {
        self.run(self.call("switch the power off", ["power", "off"]))
            .await
            .map(drop)
    }

    /// Switches the board off and on.
    ///
    /// # Errors
    /// Those of [`power_on`](Self::power_on).
    pub(crate) async fn power_cycle(&self) -> Result<(), BoardFault> {
        self.run(self.call("switch the power off and on", ["power", "cycle"]))
            .await
            .map(drop)
    }

    /// Returns true if the switch says that the board is on. Not every switch can tell.
    ///
    /// # Errors
    /// Those of [`power_on`](Self::power_on).
    pub(crate) async fn is_on(&self) -> Result<bool, BoardFault> {
        let said = self
            .run(self.call("read the power switch", ["power", "get"]))
            .await?;
        match said
            .lines()
            .last()
            .and_then(|line| line.rsplit_once(" is "))
        {
            Some((_, "on")) => Ok(true),
            Some((_, "off")) => Ok(false),
            Some(_) | None => Err(not_understood("the state of the power", &said)),
        }
    }

    /// Gives the SD card to one side.
    ///
    /// # Errors
    /// When the place has no SD multiplexer, or it does not do so.
    pub(crate) async fn sd_mux(&self, side: Mux) -> Result<(), BoardFault> {
        let side = match side {
            Mux::Host => "host",
            Mux::Dut => "dut",
        };
        self.run(self.call("switch the SD multiplexer", ["sd-mux", side]))
            .await
            .map(drop)
    }

    /// Writes an image onto the medium that the host of the exporter has now.
    ///
    /// # Errors
    /// When the place has no medium, or the image does not fit, or cannot be read.
    pub(crate) async fn write_image(
        &self,
        image: &Path,
        mode: WriteMode,
    ) -> Result<(), BoardFault> {
        let limit = limit_for(image).await?;
        let mode = match mode {
            WriteMode::All => "dd",
            WriteMode::Bmap => "bmaptool",
        };
        let words = [
            "write-image".into(),
            "--mode".into(),
            mode.into(),
            image.as_os_str().to_owned(),
        ];
        let call = self.call::<OsString>("write the image", words);
        self.run(Call { limit, ..call }).await.map(drop)
    }

    /// Writes an image into a partition with fastboot.
    ///
    /// # Errors
    /// When the place has no fastboot, or the board refuses the image.
    pub(crate) async fn fastboot_flash(
        &self,
        partition: &str,
        image: &Path,
    ) -> Result<(), BoardFault> {
        let limit = limit_for(image).await?;
        let words = [
            "fastboot".into(),
            "flash".into(),
            partition.into(),
            image.as_os_str().to_owned(),
        ];
        let call = self.call::<OsString>("flash the image with fastboot", words);
        self.run(Call { limit, ..call }).await.map(drop)
    }

    /// Brings the board into a state of the strategy of the site. The strategy uses the serial line: nobody else may
    /// have it open meanwhile.
    ///
    /// # Errors
    /// When there is no such strategy or state, or it is not reached within 30 minutes.
    pub(crate) async fn state(&self, name: &str) -> Result<(), BoardFault> {
        if self.client.environment().is_none() {
            let fault = BoardFault::new(
                FaultKind::Refused,
                "a state of a labgrid strategy needs an environment file",
            );
            return Err(fault.advice("name the file as `environment` of the board"));
        }
        let call = Call {
            state: Some(name.to_owned()),
            limit: STRATEGY,
            ..self.call("reach the state of the strategy", export::WORDS)
        };
        // The program has no command that only changes the state. This one does nothing else.
        export::export(&self.client, &call).await.map(drop)
    }

    /// Returns the address of the serial line, which works as long as the value lives.
    ///
    /// # Errors
    /// When the place has no serial line, has several and none is named, or the exporter is gone.
    pub(crate) async fn export_serial(&self) -> Result<SerialExport, BoardFault> {
        SerialExport::of(&self.client, self.place(), self.serial.as_deref()).await
    }

    fn call<W: Into<OsString>>(
        &self,
        doing: &'static str,
        words: impl IntoIterator<Item = W>,
    ) -> Call {
        Call {
            environment: self.client.environment(),
            limit: SWITCH,
            ..Call::new(doing, self.place(), words)
        }
    }

    async fn run(&self, call: Call) -> Result<String, BoardFault> {
        self.client.run(&call).await
    }
}

/// Returns the longest time for writing an image.
async fn limit_for(image: &Path) -> Result<Duration, BoardFault> {
    let file = tokio::fs::metadata(image).await.map_err(|error| {
        let words = format!("there is no image to write: {}: {error}", image.display());
        BoardFault::new(FaultKind::Refused, words).advice("build the image first")
    })?;
    Ok(WRITE + Duration::from_secs(file.len() / SLOWEST))
}

#[cfg(test)]
#[path = "acquired_tests.rs"]
mod tests;
