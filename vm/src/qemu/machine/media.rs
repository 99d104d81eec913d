//! Changes what is in the drive for CDs, and the disk that the machine starts from: while it runs, and for the next
//! time that it is switched on.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{QemuMachine, blueprint::Blueprint, run_files::medium_file};
use crate::{
    DiskSource,
    image::ImageFile,
    machine::{Capability, DriveError, Lack},
    qemu::{
        command_line::{DiskFile, disk_node},
        qmp::Sensitivity,
    },
    spec::{device_id, node_name},
};

impl QemuMachine {
    /// See [`Machine::eject`](crate::Machine::eject).
    pub(crate) async fn eject(&mut self) -> Result<(), DriveError> {
        let place = self.drive()?;
        if self.lives() {
            let id = device_id(place);
            let open = json!({"id": id, "force": true});
            self.ask("open the drive", "blockdev-open-tray", open)
                .await?;
            let action = "take the medium out of the drive";
            self.ask(action, "blockdev-remove-medium", json!({"id": id}))
                .await?;
            if self.blueprint.files.disks()[place].is_some() {
                let node = json!({"node-name": node_name(place)});
                self.ask("let go of the medium", "blockdev-del", node)
                    .await?;
            }
        }
        self.set_medium(place, DiskSource::EmptyDrive, None);
        Ok(())
    }

    /// See [`Machine::insert`](crate::Machine::insert).
    pub(crate) async fn insert(&mut self, image: ImageFile) -> Result<(), DriveError> {
        let place = self.drive()?;
        let medium = medium_file(&image).map_err(DriveError::Medium)?;
        self.eject().await?;
        if self.lives() {
            let id = device_id(place);
            let action = "open the medium";
            self.ask(action, "blockdev-add", disk_node(place, &medium, true))
                .await?;
            let insert = json!({"id": id, "node-name": node_name(place)});
            let action = "put the medium into the drive";
            self.ask(action, "blockdev-insert-medium", insert).await?;
            let close = json!({"id": id});
            self.ask("close the drive", "blockdev-close-tray", close)
                .await?;
        }
        self.set_medium(place, DiskSource::Cdrom(image), Some(medium));
        Ok(())
    }

    /// See [`Machine::boot_from`](crate::Machine::boot_from).
    pub(crate) async fn boot_from(&mut self, place: usize) -> Result<(), DriveError> {
        let count = self.spec().disks.len();
        if place >= count {
            return Err(DriveError::NoDisk { place, count });
        }
        let mut blueprint = Blueprint::clone(&self.blueprint);
        blueprint.spec.boot_first = Some(place);
        if self.lives() {
            // No two may have one number, not even for a moment: at first none has any.
            for disk in 0..count {
                self.set_turn(disk, None).await?;
            }
            for disk in 0..count {
                self.set_turn(disk, Some(blueprint.spec.boot_index(disk)))
                    .await?;
            }
        }
        self.blueprint = Arc::new(blueprint);
        Ok(())
    }

    async fn set_turn(&self, disk: usize, turn: Option<usize>) -> Result<(), DriveError> {
        let value = turn.map_or(json!(-1), |turn| json!(turn));
        let path = format!("/machine/peripheral/{}", device_id(disk));
        let set = json!({"path": path, "property": "bootindex", "value": value});
        self.ask("set the boot order", "qom-set", set).await
    }

    fn drive(&self) -> Result<usize, DriveError> {
        let lack = Lack::without_remedy(Capability::ChangeMedium);
        Ok(self.spec().cd_drive().ok_or(lack)?)
    }

    fn set_medium(&mut self, place: usize, source: DiskSource, file: Option<DiskFile>) {
        let mut blueprint = Blueprint::clone(&self.blueprint);
        blueprint.spec.disks[place].source = source;
        blueprint.files.set_medium(place, file);
        self.blueprint = Arc::new(blueprint);
    }

    async fn ask(
        &self,
        action: &'static str,
        command: &str,
        arguments: Value,
    ) -> Result<(), DriveError> {
        let asked = self.qmp.raw(command, arguments, Sensitivity::Open).await;
        asked.map(drop).map_err(|error| DriveError::Control {
            action,
            source: error.into(),
        })
    }
}
