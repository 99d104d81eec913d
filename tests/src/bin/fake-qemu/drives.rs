//! The disks' devices and what is on them: which one the firmware starts from, and what is in the drive for CDs.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{commands::Call, disk};

/// Every device with an id that a disk can be on.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Drives {
    devices: BTreeMap<String, Device>,
    /// What there is to put on them.
    nodes: Vec<String>,
    /// True if a kernel's boot ROM has turn 0.
    is_first_taken: bool,
}

#[derive(Debug, Default, PartialEq)]
struct Device {
    /// Whether media can be changed.
    is_drive: bool,
    is_open: bool,
    node: Option<String>,
    /// When it is its turn to be booted from; never where there is none.
    turn: Option<i64>,
}

impl Drives {
    /// Adds a device of the command line. The error is QEMU's sentence.
    pub(crate) fn add(
        &mut self,
        model: &str,
        id: &str,
        node: Option<&str>,
        turn: i64,
    ) -> Result<(), String> {
        self.check_turn(turn)?;
        let is_drive = model.ends_with("-cd");
        if node.is_none() && !is_drive {
            return Err("drive property not set".to_owned());
        }
        let device = Device {
            is_drive,
            is_open: false,
            node: node.map(str::to_owned),
            turn: Some(turn),
        };
        match self.devices.insert(id.to_owned(), device) {
            None => Ok(()),
            Some(_) => Err(format!("Duplicate device ID '{id}'")),
        }
    }

    /// The first turn at boot is that of a kernel's boot ROM.
    pub(crate) fn reserve_first_turn(&mut self) {
        self.is_first_taken = true;
    }

    /// Adds what can be put on a device.
    pub(crate) fn add_node(&mut self, name: &str) -> Result<(), String> {
        if self.nodes.iter().any(|node| node == name) {
            return Err(format!("Duplicate nodes with node-name='{name}'"));
        }
        self.nodes.push(name.to_owned());
        Ok(())
    }

    /// What the firmware starts from.
    pub(crate) fn boots_from(&self) -> Option<&str> {
        let ready = |device: &&Device| device.node.is_some() && !device.is_open;
        let devices = self.devices.values().filter(ready);
        let first = devices.filter(|device| device.turn.is_some());
        first.min_by_key(|device| device.turn)?.node.as_deref()
    }

    /// Carries out a command about drives; none for others. The error is QEMU's sentence.
    pub(crate) fn answer(&mut self, call: &Call) -> Option<Result<(), String>> {
        let text = |name: &str| call.arguments[name].as_str().unwrap_or_default();
        let (id, node) = (text("id"), text("node-name"));
        Some(match call.name.as_str() {
            "blockdev-open-tray" => self.drive(id).map(|drive| drive.is_open = true),
            "blockdev-close-tray" => self.drive(id).map(|drive| drive.is_open = false),
            "blockdev-remove-medium" => self.opened(id).map(|drive| drive.node = None),
            "blockdev-insert-medium" => self.insert(id, node),
            "blockdev-add" => self.open(&call.arguments),
            "blockdev-del" => self.remove_node(node),
            "qom-set" => self.set_turn(&call.arguments),
            _ => return None,
        })
    }

    fn device(&mut self, id: &str) -> Result<&mut Device, String> {
        let device = self.devices.get_mut(id);
        device.ok_or_else(|| format!("Device '{id}' not found"))
    }

    fn drive(&mut self, id: &str) -> Result<&mut Device, String> {
        let device = self.device(id)?;
        if device.is_drive {
            Ok(device)
        } else {
            Err(format!("Device '{id}' is not removable"))
        }
    }

    fn opened(&mut self, id: &str) -> Result<&mut Device, String> {
        let drive = self.drive(id)?;
        if drive.is_open {
            Ok(drive)
        } else {
            Err(format!("Tray of device '{id}' is not open"))
        }
    }

    fn insert(&mut self, id: &str, node: &str) -> Result<(), String> {
        if !self.nodes.iter().any(|known| known == node) {
            return Err(format!("Node '{node}' not found"));
        }
        let drive = self.opened(id)?;
        if drive.node.is_some() {
            return Err(format!("There already is a medium in device '{id}'"));
        }
        drive.node = Some(node.to_owned());
        Ok(())
    }

    fn open(&mut self, node: &Value) -> Result<(), String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if node["read-only"] != true {
            return Err("a medium of a test is never written to".to_owned());
        }
        disk::open(node)?;
        self.add_node(&text(&node["node-name"]))
    }

    fn remove_node(&mut self, node: &str) -> Result<(), String> {
        let has_it = |device: &Device| device.node.as_deref() == Some(node);
        if self.devices.values().any(has_it) {
            return Err(format!("Node {node} is in use"));
        }
        let before = self.nodes.len();
        self.nodes.retain(|known| known != node);
        if self.nodes.len() < before {
            Ok(())
        } else {
            Err(format!("Failed to find node with node-name='{node}'"))
        }
    }

    fn set_turn(&mut self, arguments: &Value) -> Result<(), String> {
        let path = arguments["path"].as_str().unwrap_or_default();
        let id = path
            .strip_prefix("/machine/peripheral/")
            .ok_or_else(|| format!("Device '{path}' not found"))?;
        if arguments["property"] != "bootindex" {
            return Err(format!("Property '{}' not found", arguments["property"]));
        }
        let turn = arguments["value"].as_i64().ok_or("not a whole number")?;
        self.check_turn(turn)?;
        self.device(id)?.turn = (turn >= 0).then_some(turn);
        Ok(())
    }

    fn check_turn(&self, turn: i64) -> Result<(), String> {
        let taken = |device: &Device| device.turn == Some(turn);
        let is_kernels = turn == 0 && self.is_first_taken;
        if is_kernels || turn >= 0 && self.devices.values().any(taken) {
            return Err(format!("The bootindex {turn} has already been used"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drives() -> Drives {
        let mut drives = Drives::default();
        drives.add_node("disk0").unwrap();
        drives.add_node("disk1").unwrap();
        drives.add("ide-cd", "drive0", Some("disk0"), 0).unwrap();
        drives
            .add("virtio-blk-pci", "drive1", Some("disk1"), 1)
            .unwrap();
        drives
    }

    fn ask(drives: &mut Drives, name: &str, arguments: Value) -> Result<(), String> {
        let call = Call {
            name: name.to_owned(),
            arguments,
            id: Value::Null,
        };
        drives.answer(&call).expect("a command about drives")
    }

    #[test]
    fn the_firmware_starts_from_what_is_there_and_first() {
        let mut drives = drives();
        assert_eq!(drives.boots_from(), Some("disk0"));
        ask(&mut drives, "blockdev-open-tray", json!({"id": "drive0"})).unwrap();
        assert_eq!(drives.boots_from(), Some("disk1"));
        ask(
            &mut drives,
            "blockdev-remove-medium",
            json!({"id": "drive0"}),
        )
        .unwrap();
        ask(&mut drives, "blockdev-close-tray", json!({"id": "drive0"})).unwrap();
        assert_eq!(drives.boots_from(), Some("disk1"));
        ask(&mut drives, "blockdev-del", json!({"node-name": "disk0"})).unwrap();
    }

    #[test]
    fn what_qemu_would_refuse_is_refused() {
        let turn = |id: &str, turn: i64| {
            let path = format!("/machine/peripheral/{id}");
            json!({"path": path, "property": "bootindex", "value": turn})
        };
        for (name, arguments, sentence) in [
            (
                "blockdev-open-tray",
                json!({"id": "drive2"}),
                "Device 'drive2' not found",
            ),
            (
                "blockdev-open-tray",
                json!({"id": "drive1"}),
                "Device 'drive1' is not removable",
            ),
            (
                "blockdev-remove-medium",
                json!({"id": "drive0"}),
                "Tray of device 'drive0' is not open",
            ),
            (
                "blockdev-insert-medium",
                json!({"id": "drive0", "node-name": "disk7"}),
                "Node 'disk7' not found",
            ),
            (
                "blockdev-del",
                json!({"node-name": "disk0"}),
                "Node disk0 is in use",
            ),
            (
                "blockdev-del",
                json!({"node-name": "disk7"}),
                "Failed to find node with node-name='disk7'",
            ),
            (
                "qom-set",
                turn("drive0", 1),
                "The bootindex 1 has already been used",
            ),
            ("qom-set", turn("drive7", 5), "Device 'drive7' not found"),
        ] {
            assert_eq!(ask(&mut drives(), name, arguments).unwrap_err(), sentence);
        }
    }
}
