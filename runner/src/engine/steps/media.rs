//! `media` and `boot`.

use reports::CauseKind;
use scenarios::{Boot, Drives, Media};
use vm::{Capability, DriveError, LaunchError};

use crate::engine::bench::Bench;
use crate::engine::checkpoint::drive_place;
use crate::engine::session::Session;
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;
use crate::failure::chain;

impl Bench<'_> {
    /// Inserts a medium into the CD drive, or ejects it.
    pub(super) async fn media(&mut self, media: &Media) -> Result<StepOutput, Stop> {
        let file = match media {
            Media::Eject => None,
            Media::Insert { file } => Some(self.job.media.file(file.as_str())),
        };
        let machine = self.changeable().await?.machine_mut();
        let changed = match file {
            None => machine.eject().await,
            Some(file) => machine.insert(&file).await,
        };
        self.drive_changed(changed).await
    }

    /// Sets the disk that the machine boots first.
    pub(super) async fn boot(&mut self, boot: &Boot) -> Result<StepOutput, Stop> {
        let drives = self.drives();
        let machine = self.changeable().await?.machine_mut();
        let Some(spec) = machine.spec() else {
            return Err(Stop::missing(format!(
                "a board has no {}",
                Capability::BootOrder.noun()
            )));
        };
        let Some(place) = drive_place(boot.from, spec) else {
            let stop = Stop::error(CauseKind::Scenario, drives.no_disk(boot.from));
            return Err(stop.hint(drives.what_there_is()));
        };
        let changed = machine.boot_from(place).await;
        self.drive_changed(changed).await
    }

    fn drives(&self) -> Drives {
        let image = &self.job.image;
        Drives::new(&self.job.machine, &image.name, image.is_cdrom)
    }

    /// Returns the session of a machine whose drives may be changed: on or off, but not broken.
    async fn changeable(&mut self) -> Result<&mut Session, Stop> {
        if !self.session()?.is_over() {
            self.settle().await?;
        }
        self.session()
    }

    /// Turns the failure of a drive change into the reason for the step.
    async fn drive_changed(&mut self, changed: Result<(), DriveError>) -> Result<StepOutput, Stop> {
        let Err(error) = changed else {
            return Ok(StepOutput::default());
        };
        let message = chain(&error);
        Err(match error {
            DriveError::Medium(LaunchError::Image(_)) => Stop::error(CauseKind::Image, message)
                .hint("paths of media start at the folder of qa.yaml, and outside any project at the current one"),
            DriveError::Medium(_) => Stop::error(CauseKind::Image, message),
            DriveError::Lacking(lack) if self.job.machine.board.is_some() => {
                Stop::missing(lack.to_string())
            }
            DriveError::Lacking(_) => {
                let drives = self.drives();
                Stop::error(CauseKind::Scenario, drives.no_drive()).hint(drives.how_to_get_one())
            }
            DriveError::NoDisk { .. } => Stop::error(CauseKind::Scenario, message),
            DriveError::Control { .. } => {
                let otherwise = Stop::error(CauseKind::Harness, message);
                self.session()?.explain(otherwise).await
            }
        })
    }
}
