//! A QEMU as a board behind a KVM.
//!
//! The machine is switched on while QEMU runs it. Start QEMU with `-S` for a board that is off, and with
//! `-action shutdown=pause` for one that stays when its system switches it off.

use std::{fs, io, path::Path};

use image::RgbImage;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Board, Input, Press, key_codes::qcode, qmp::Qmp};

/// A QEMU as a board.
#[derive(Debug)]
pub struct QemuBoard {
    qmp: Qmp,
    folder: TempDir,
}

impl QemuBoard {
    /// Connects to a QEMU.
    ///
    /// # Errors
    /// When there is none.
    pub fn connect(qmp_socket: &Path) -> io::Result<Self> {
        Ok(Self {
            qmp: Qmp::connect(qmp_socket)?,
            folder: tempfile::tempdir()?,
        })
    }

    fn send(&mut self, events: &Value) {
        // A QEMU that has gone takes no input, as a board without power.
        let _ = self.qmp.ask("input-send-event", &json!({"events": events}));
    }

    fn run(&mut self, command: &str) {
        // Refused, for instance, when QEMU has ended.
        let _ = self.qmp.ask(command, &json!({}));
    }
}

impl Board for QemuBoard {
    fn picture(&mut self) -> Option<RgbImage> {
        if !self.is_on() {
            return None;
        }
        let file = self.folder.path().join("screen.ppm");
        let arguments = json!({"filename": file});
        self.qmp.ask("screendump", &arguments).ok()?;
        from_ppm(&fs::read(file).ok()?)
    }

    fn input(&mut self, input: &Input) {
        let button =
            |name: &str, down: bool| json!({"type": "btn", "data": {"button": name, "down": down}});
        let axis = |axis: &str, value: i32| {
            // QEMU's axes begin at the edge, and have half as many steps.
            let value = (value + 32_768) / 2;
            json!({"type": "abs", "data": {"axis": axis, "value": value}})
        };
        match input {
            Input::Key { code, down } => {
                let key = json!({"type": "qcode", "data": qcode(code)});
                self.send(&json!([{"type": "key", "data": {"key": key, "down": down}}]));
            }
            Input::Button { name, down } => self.send(&json!([button(name, *down)])),
            Input::Move { x, y } => self.send(&json!([axis("x", *x), axis("y", *y)])),
            Input::Wheel { up } => {
                let name = if *up > 0 { "wheel-up" } else { "wheel-down" };
                for _ in 0..up.abs() {
                    self.send(&json!([button(name, true)]));
                    self.send(&json!([button(name, false)]));
                }
            }
        }
    }

    fn press(&mut self, press: Press) {
        match press {
            Press::Power if self.is_on() => self.run("system_powerdown"),
            Press::Power => {
                // It begins as after a long time without power.
                self.run("system_reset");
                self.run("cont");
            }
            Press::LongPower => self.run("stop"),
            Press::Reset => self.run("system_reset"),
        }
    }

    fn is_on(&mut self) -> bool {
        let status = self.qmp.ask("query-status", &json!({}));
        status.is_ok_and(|status| status["running"] == true)
    }
}

/// Reads a picture as QEMU writes it.
fn from_ppm(bytes: &[u8]) -> Option<RgbImage> {
    let mut rest = bytes;
    let mut word = || {
        let end = rest.iter().position(u8::is_ascii_whitespace)?;
        let word = std::str::from_utf8(&rest[..end]).ok()?;
        rest = &rest[end + 1..];
        Some(word)
    };
    let head = [word()?, word()?, word()?, word()?];
    let ["P6", width, height, "255"] = head else {
        return None;
    };
    RgbImage::from_raw(width.parse().ok()?, height.parse().ok()?, rest.to_vec())
}
