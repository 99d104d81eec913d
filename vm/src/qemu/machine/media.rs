//! Changes the medium in the drive for CDs, and the disk that the machine starts from: while it runs, and for its next
//! start.

use std::sync::Arc;

use qapi::qmp;
use serde_json::json;

use super::{QemuMachine, blueprint::Blueprint, run_files::medium_file};
use crate::{
    DiskSource,
    image::ImageFile,
    machine::{Capability, DriveError, Lack},
    qemu::{
        command_line::{DiskFile, disk_node},
        qmp::{QmpError, Sensitivity},
    },
    spec::{device_id, node_name},
};

impl QemuMachine {
    /// See [`Machine::eject`](crate::Machine::eject).
    pub(crate) async fn eject(&mut self) -> Result<(), DriveError> {
        let place = self.drive()?;
        if self.lives() {
            let id = device_id(place);
            self.ask("open the drive", open_tray(id.clone())).await?;
            let remove = qmp::blockdev_remove_medium { id };
            self.ask("take the medium out of the drive", remove).await?;
            if self.blueprint.files.disks()[place].is_some() {
                let node_name = node_name(place);
                let delete = qmp::blockdev_del { node_name };
                self.ask("let go of the medium", delete).await?;
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
            // Raw: the description of a disk is the same JSON here and on the command line.
            let opened = self.qmp.raw(
                "blockdev-add",
                disk_node(place, &medium, true),
                Sensitivity::Open,
            );
            opened.await.map_err(failed("open the medium"))?;
            let insert = qmp::blockdev_insert_medium {
                id: device_id(place),
                node_name: node_name(place),
            };
            self.ask("put the medium into the drive", insert).await?;
            self.ask("close the drive", close_tray(device_id(place)))
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
            // Two disks must never have the same number, not even for a moment. So all numbers are removed first.
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
        let set = qmp::qom_set {
            path,
            property: "bootindex".to_owned(),
            value,
        };
        self.ask("set the boot order", set).await
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

    async fn ask<C: qapi::Command>(
        &self,
        action: &'static str,
        command: C,
    ) -> Result<(), DriveError> {
        let asked = self.qmp.execute(command).await;
        asked.map(drop).map_err(failed(action))
    }
}

fn failed(action: &'static str) -> impl FnOnce(QmpError) -> DriveError {
    move |error| DriveError::Control {
        action,
        source: error.into(),
    }
}

#[expect(
    deprecated,
    reason = "the name by which QEMU's older users call a drive is a field, and left out"
)]
fn open_tray(id: String) -> qmp::blockdev_open_tray {
    qmp::blockdev_open_tray {
        device: None,
        force: Some(true),
        id: Some(id),
    }
}

#[expect(
    deprecated,
    reason = "the name by which QEMU's older users call a drive is a field, and left out"
)]
fn close_tray(id: String) -> qmp::blockdev_close_tray {
    qmp::blockdev_close_tray {
        device: None,
        id: Some(id),
    }
}
