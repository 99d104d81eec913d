//! A QEMU dressed as a board: the program `board-rig`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A QEMU dressed as a board. It ends with its value.
pub(super) struct Rig {
    child: Child,
    pub(super) ports: Value,
}

impl Rig {
    /// Starts a rig whose card is the file `card` in the folder.
    pub(super) fn start(folder: &Path, arch: &str, more: &[&str]) -> Self {
        let card = folder.join("card");
        fs::create_dir_all(folder).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_board-rig"))
            .arg(folder)
            .arg(arch)
            .arg(card)
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        Self {
            child,
            ports: serde_json::from_str(&line).unwrap(),
        }
    }

    pub(super) fn port(&self, name: &str) -> u64 {
        self.ports[name].as_u64().unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        // The end of its input ends it, and its QEMU.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
