//! A planned job: a scenario to be judged, with the stages of its way. The last of three: draft, checked, planned. It
//! is built once and never changed.

use std::sync::Arc;

use scenarios::{Keyboard, Machine, PlannedStep, Scenario, StepId, Vars, Watch};
use vm::MachineSpec;
use vm::checkpoint::CheckpointKey;

use super::media::Media;
use super::subject::{JobImage, MissingImage};
use crate::host::HostLack;

/// A scenario to be judged, with the way to it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// What it is called in the run. In a matrix that is more than the scenario's own name.
    pub name: String,
    /// The number of its cell. The jobs of a cell run on the same image and machine with the same variables, and share
    /// stages.
    pub cell: usize,
    /// From power-on to the scenario itself, which is the last. Never empty.
    pub stages: Vec<Stage>,
    /// The image under test.
    pub image: JobImage,
    /// The machine that it runs on.
    pub machine: Machine,
    /// The machine with the image in it, as `vm` builds it; an error when the image is not there.
    pub spec: Result<MachineSpec, MissingImage>,
    /// What its steps put into the drive.
    pub media: Media,
    /// Stands for the machine with the image in it as it is switched on; none where that is not known.
    pub base: Option<CheckpointKey>,
    /// What is different where a person looks into it.
    pub inspection: Inspection,
    /// Remarks from before it ran, for its reports.
    pub remarks: Vec<String>,
    /// What its machine lacks for a scenario of its way: it is skipped then.
    pub missing: Option<String>,
    /// What this host lacks for its machine, where that is known before: it is an error then, and nothing is tried.
    pub host_lack: Option<HostLack>,
}

/// A scenario of the way, or a piece of one.
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
    /// Stands for everything that can change what the machine is at its end; none where that is not known.
    pub key: Option<CheckpointKey>,
    /// Whether others start where it ends.
    pub shared: bool,
}

/// What is different where a person looks into a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Inspection {
    /// The step of the judged scenario that is told when it is reached.
    pub from: Option<StepId>,
    /// Why the machine is left running after the last step; none where it is not.
    pub stays: Option<String>,
    /// Which part of the scenario is run, for reports; none for all of it.
    pub part: Option<String>,
    /// The machine that was kept where the scenario failed: nothing is run then.
    pub kept: Option<CheckpointKey>,
}

impl Job {
    /// Returns the scenario that is judged.
    pub(crate) fn scenario(&self) -> &Scenario {
        match self.stages.last() {
            Some(stage) => &stage.scenario,
            // A way has at least the scenario itself, and every scenario at least one piece.
            None => unreachable!("a job has at least one stage"),
        }
    }

    /// Returns what it is called in the run.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the scenario that is judged: that of its last stage.
    pub(crate) fn own_name(&self) -> &str {
        &self.scenario().name
    }

    /// Returns the scenarios before it, from power-on.
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

    /// Returns the name of the scenario it starts after.
    pub(crate) fn parent(&self) -> Option<&str> {
        let parent = self.stages.len().checked_sub(2)?;
        self.stages
            .get(parent)
            .map(|stage| stage.scenario.name.as_str())
    }
}

#[cfg(test)]
impl Stage {
    /// Makes a stage of a scenario that does nothing, for tests.
    pub(crate) fn sample(name: &str) -> Self {
        let source = scenarios::Source::new(format!("{name}.yaml"), "steps: [{ note: x }]\n");
        let (scenario, findings) = Scenario::read(&source);
        assert_eq!(findings, []);
        Self {
            scenario: Arc::new(scenario.expect("a scenario")),
            steps: Vec::new(),
            vars: Vars::new(),
            keyboard: Keyboard::default(),
            off: Vec::new(),
            watches: Vec::new(),
            key: None,
            shared: false,
        }
    }
}

#[cfg(test)]
impl Job {
    /// Makes a job of these stages on an image that is not there, for tests.
    pub(crate) fn sample(name: &str, stages: Vec<Stage>) -> Self {
        let missing = MissingImage {
            message: "there is no disk".to_owned(),
            hint: "make one".to_owned(),
        };
        Self {
            name: name.to_owned(),
            cell: 0,
            stages,
            image: JobImage {
                disk: Err(missing.clone()),
                ..JobImage::without_disk("disk")
            },
            machine: Machine::preset("bios-x86_64").expect("a preset"),
            spec: Err(missing),
            media: Media::default(),
            base: None,
            inspection: Inspection::default(),
            remarks: Vec::new(),
            missing: None,
            host_lack: None,
        }
    }
}
