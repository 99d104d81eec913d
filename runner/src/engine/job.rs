//! A scenario ready to run: everything that can be wrong before a machine starts has been checked.

use std::path::PathBuf;
use std::sync::Arc;

use scenarios::{Keyboard, Machine, PlannedStep, Scenario, Vars, Watch};
use vm::checkpoint::CheckpointKey;
use vm::image::{DiskContent, ImageFile, ImageStamp};
use vm::{KernelBoot, MachineSpec};

use crate::engine::machine_spec::machine_spec;
use crate::engine::media::Media;
use crate::engine::visit::Visit;

/// A scenario to be judged, with the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// What it is called in the run. In a matrix that is more than the scenario's own name.
    pub name: String,
    /// The cell of a matrix that it is in. The jobs of a cell run on the same image and machine with the same
    /// variables, and share stages.
    pub cell: usize,
    /// From power-on to the scenario itself, which is the last. Never empty.
    pub stages: Vec<Stage>,
    /// What is tested.
    pub image: JobImage,
    /// What it runs on.
    pub machine: Machine,
    /// What its steps put into the drive.
    pub media: Media,
    /// Stands for the machine with the image in it as it is switched on; none where that cannot be told.
    pub base: Option<CheckpointKey>,
    /// What is different where a person comes to look.
    pub visit: Visit,
    /// Remarks from before it ran, for its reports.
    pub remarks: Vec<String>,
    /// What this host lacks for its machine, where that is known before: it is an error then, and nothing is tried.
    pub unfit: Option<HostLack>,
}

/// What a host lacks for a machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostLack {
    /// What is not there.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

/// One scenario of the way.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its steps, expanded.
    pub steps: Vec<PlannedStep>,
    /// Its variables at its start.
    pub vars: Vars,
    /// The keyboard that its steps type on.
    pub keyboard: Keyboard,
    /// States that end no wait here.
    pub off: Vec<String>,
    /// What must hold meanwhile.
    pub watches: Vec<Watch>,
    /// Stands for everything that can change what the machine is at its end; none where that cannot be told.
    pub key: Option<CheckpointKey>,
    /// Whether others start where it ends.
    pub shared: bool,
}

/// The image under test.
#[derive(Debug, Clone)]
pub(crate) struct JobImage {
    /// Its name in the project, or its file.
    pub name: String,
    /// The disk, where it has one; an error when that does not exist (yet), with the reason and what to do.
    pub disk: Result<Option<ImageFile>, MissingImage>,
    /// The kernel that the machine starts with, instead of its firmware.
    pub kernel: Option<KernelBoot>,
    /// `sha256:...`, where it is known.
    pub digest: Option<String>,
    /// Whether it is a CD or DVD.
    pub is_cdrom: bool,
    /// The content of its disk, where that was looked at.
    pub content: Option<DiskContent>,
    /// Its files as they were when it was looked at.
    pub stamp: Option<ImageStamp>,
    /// The file that the variable store of UEFI starts as a copy of, where the image has one of its own.
    pub firmware_vars: Option<PathBuf>,
}

/// Why an image cannot be tested.
#[derive(Debug, Clone)]
pub(crate) struct MissingImage {
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl Job {
    /// The scenario that is judged.
    pub(crate) fn scenario(&self) -> &Scenario {
        // The constructor's caller gives at least the scenario itself.
        match self.stages.last() {
            Some(stage) => &stage.scenario,
            None => unreachable!("a job has at least one stage"),
        }
    }

    /// What it is called in the run.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The name of the scenario that is judged: that of its last stage.
    pub(crate) fn own_name(&self) -> &str {
        &self.scenario().name
    }

    /// The scenarios before it, from power-on.
    pub(crate) fn after(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .stages
            .iter()
            .map(|stage| stage.scenario.name.clone())
            .collect();
        // A scenario may be in several stages, one after the other.
        names.dedup();
        names.pop();
        names
    }

    /// The first scenario of the way that requires something that the machine lacks, and what.
    pub(crate) fn missing(&self) -> Option<String> {
        self.stages.iter().find_map(|stage| {
            let mut required = stage.scenario.requires.iter();
            let lacking = required.find(|capability| !capability.is_had_by(&self.machine))?;
            let (scenario, machine) = (&stage.scenario.name, &self.machine.name);
            let capability = lacking.name();
            Some(format!(
                "`{scenario}` requires `{capability}`, which the machine `{machine}` does not have"
            ))
        })
    }

    /// What `vm` makes its machine of; none where something is wrong with it, which is told when it is started.
    pub(crate) fn spec(&self) -> Option<MachineSpec> {
        machine_spec(&self.machine, &self.image).ok()
    }

    /// The name of the scenario it starts after.
    pub(crate) fn parent(&self) -> Option<&str> {
        let parent = self.stages.len().checked_sub(2)?;
        self.stages
            .get(parent)
            .map(|stage| stage.scenario.name.as_str())
    }
}
