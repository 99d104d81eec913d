//! A `labgrid-client` for tests that answers with what the real one wrote.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{LabgridSpec, Place};

fn recordings() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/board/labgrid/recordings")
}

/// Returns what the real program wrote.
pub(super) fn recording(name: &str) -> String {
    fs::read_to_string(recordings().join(name)).unwrap()
}

/// A link to the fake program, in a folder with its answers.
pub(in crate::board) struct Fake(TempDir);

impl Fake {
    /// Returns a program that answers with this piece of shell, in which `says NAME` and `fails NAME` write a recording
    /// and end, and `once NAME` is true the first time. A link, because a program that was just written cannot always
    /// be started.
    pub(in crate::board) fn new(answers: &str) -> Self {
        let fake = Self(tempfile::tempdir().unwrap());
        symlink(
            recordings().join("labgrid-client"),
            fake.0.path().join("labgrid-client"),
        )
        .unwrap();
        fake.answers(answers);
        fake
    }

    /// Changes the answers.
    pub(in crate::board) fn answers(&self, answers: &str) {
        fs::write(self.0.path().join("answers"), format!("{answers}\n")).unwrap();
    }

    pub(in crate::board) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(in crate::board) fn spec(&self, place: &str) -> LabgridSpec {
        LabgridSpec {
            coordinator: None,
            place: Place::Named(place.to_owned()),
            environment: None,
            state: None,
            serial: None,
            fastboot: None,
            program: self.0.path().join("labgrid-client"),
        }
    }

    /// Returns the arguments of each call until now.
    pub(in crate::board) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.0.path().join("calls")).unwrap_or_default();
        let without_owner = |line: &str| line.split_once(": ").unwrap().1.to_owned();
        calls.lines().map(without_owner).collect()
    }

    /// Returns the owner of each call until now.
    pub(in crate::board) fn owners(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.0.path().join("calls")).unwrap_or_default();
        calls
            .lines()
            .map(|line| line.split_once(": ").unwrap().0.to_owned())
            .collect()
    }
}
