//! The files of a project that steps of a job copy into the guest, as far as they are known before it runs.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use reports::human_size;
use scenarios::{
    Action, Assigned, Code, Diagnostic, Machine, PlannedStep, Put, PutContent, Span, Vars, Written,
};
use sha2::{Digest, Sha256};

use super::draft::WholeStage;
use crate::guest_way::GuestWay;

/// The files that steps of a job copy into the guest: their folder, and the digests of their content.
#[derive(Debug, Clone, Default)]
pub(crate) struct PutFiles {
    root: PathBuf,
    digests: BTreeMap<String, String>,
}

/// The reason why a file cannot be copied into the guest. It follows the path of the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PutFileError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(io::Error),
    /// It is a folder.
    #[error("is a folder, and `put` copies one file")]
    Folder,
    /// It is neither a file nor a folder.
    #[error("is no regular file")]
    Special,
    /// It is too large.
    #[error("has {}, and `put` copies at most {} {}", human_size(*size), human_size(way.most()), way.words())]
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The way to the guest.
        way: GuestWay,
    },
    /// It is not the file that the run was planned with.
    #[error("has changed since the run was planned")]
    Changed,
}

impl PutFileError {
    /// Returns what to do next.
    pub(crate) fn help(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::Special => {
                "paths of `put` start at the folder of qa.yaml, and outside any project at the current one"
            }
            Self::Folder => "pack it into one file, and unpack that in the guest: `tar`",
            Self::TooLarge {
                way: GuestWay::Agent,
                ..
            } => {
                "put it on a disk or a CD of the machine, or let the guest fetch it over the network"
            }
            Self::TooLarge {
                way: GuestWay::Serial,
                ..
            } => {
                "give the image qemu-guest-agent, and the machine `agent: true`; or let the guest fetch it over the \
                network"
            }
            Self::Changed => {
                "run it again, and make sure that nothing writes to the file meanwhile"
            }
        }
    }
}

impl PutFiles {
    /// Makes the files of a project in the folder `root`. `digests` has the known digests, by the path in the project.
    pub(crate) fn new(root: PathBuf, digests: BTreeMap<String, String>) -> Self {
        Self { root, digests }
    }

    /// Finds and reads the files of stages that run on `machine`.
    ///
    /// # Errors
    /// A step that certainly runs needs a file that cannot be copied.
    pub(super) fn of_stages(
        root: &Path,
        machine: &Machine,
        stages: &[WholeStage],
    ) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Found {
            files: Self::new(root.to_owned(), BTreeMap::new()),
            machine,
            findings: Vec::new(),
        };
        let mut assigned = Assigned::new();
        for stage in stages {
            for step in &stage.steps {
                // Also notes the variables that inner steps set, because a group may be tried again.
                step.key_material(&stage.vars, &mut assigned);
                found.look(step, &stage.vars, &assigned, false);
            }
        }
        match found.findings.is_empty() {
            true => Ok(found.files),
            false => Err(found.findings),
        }
    }

    /// Reads a file at a path of the project, to copy it this way.
    ///
    /// # Errors
    /// It cannot be copied, or it is not the file that the run was planned with.
    pub(crate) fn read(&self, path: &str, way: GuestWay) -> Result<Vec<u8>, PutFileError> {
        let bytes = read_whole(&self.root.join(path), way)?;
        match self.digest(path) {
            Some(planned) if planned != digest_of(&bytes) => Err(PutFileError::Changed),
            Some(_) | None => Ok(bytes),
        }
    }

    /// Returns the digest of a file; none if it is unknown.
    pub(crate) fn digest(&self, path: &str) -> Option<&str> {
        self.digests.get(path).map(String::as_str)
    }
}

/// The files that were found so far.
struct Found<'m> {
    files: PutFiles,
    machine: &'m Machine,
    findings: Vec<Diagnostic>,
}

impl Found<'_> {
    /// Adds the files of a step and of its inner steps. A step around them may have a condition.
    fn look(&mut self, planned: &PlannedStep, vars: &Vars, assigned: &Assigned, perhaps: bool) {
        let perhaps = perhaps || planned.when().is_some();
        if let Action::Put(put) = &planned.step().action
            && let Some(at) = place_of_file(put)
        {
            let material = planned.key_material(vars, &mut assigned.clone());
            let way = GuestWay::of(put.over, self.machine);
            for path in material.files.into_iter().flatten() {
                match read_whole(&self.files.root.join(&path), way) {
                    Ok(bytes) => {
                        self.files.digests.insert(path, digest_of(&bytes));
                    }
                    // Such a file has no digest, and so no checkpoint is made after its step.
                    Err(_) if perhaps => {}
                    Err(error) => {
                        let message = format!("`{path}` {error}");
                        let finding = Diagnostic::new(Code::InvalidValue, at, message);
                        self.findings.push(finding.with_help(error.help()));
                    }
                }
            }
        }
        for inner in &planned.steps {
            self.look(inner, vars, assigned, perhaps);
        }
    }
}

/// Returns the place of the path of a file; none for a text.
fn place_of_file(put: &Put<Written>) -> Option<&Span> {
    match &put.content {
        PutContent::File(file) => Some(file.at()),
        PutContent::Text(_) => None,
    }
}

fn digest_of(bytes: &[u8]) -> String {
    let sum: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{sum}")
}

/// Reads a file that is copied this way. Opens only regular files: a pipe could wait for a writer without end.
fn read_whole(path: &Path, way: GuestWay) -> Result<Vec<u8>, PutFileError> {
    let found = fs::metadata(path).map_err(PutFileError::Unreadable)?;
    if found.is_dir() {
        return Err(PutFileError::Folder);
    }
    if !found.is_file() {
        return Err(PutFileError::Special);
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(way.most() + 1).read_to_end(&mut bytes))
        .map_err(PutFileError::Unreadable)?;
    let size = bytes.len() as u64;
    match size > way.most() {
        true => Err(PutFileError::TooLarge {
            size: found.len().max(size),
            way,
        }),
        false => Ok(bytes),
    }
}
