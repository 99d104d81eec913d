//! `media` and `boot`.

use reports::CauseKind;
use scenarios::{Boot, Drives, Media};
use vm::{DriveError, LaunchError};

use crate::engine::attempt::Attempt;
use crate::engine::drive_changes::place;
use crate::engine::evidence::Held;
use crate::engine::session::Session;
use crate::engine::stop::Stop;
use crate::failure::chain;

impl Attempt<'_> {
    pub(super) async fn media(&mut self, media: &Media) -> Result<Held, Stop> {
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

    pub(super) async fn boot(&mut self, boot: &Boot) -> Result<Held, Stop> {
        let drives = self.drives();
        let machine = self.changeable().await?.machine_mut();
        let Some(place) = place(boot.from, machine.spec()) else {
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

    /// The machine, whether it is on or off. One that broke until now is no machine to change.
    async fn changeable(&mut self) -> Result<&mut Session, Stop> {
        if !self.session()?.is_over() {
            self.settle().await?;
        }
        self.session()
    }

    async fn drive_changed(&mut self, changed: Result<(), DriveError>) -> Result<Held, Stop> {
        let Err(error) = changed else {
            return Ok(Held::default());
        };
        let message = chain(&error);
        Err(match error {
            DriveError::Medium(LaunchError::Image(_)) => Stop::error(CauseKind::Image, message)
                .hint("paths of media start at the folder of qa.yaml, and outside any project at the current one"),
            DriveError::Medium(_) => Stop::error(CauseKind::Image, message),
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
