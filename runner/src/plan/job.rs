//! A planned job: a scenario to judge, with its stages. The last of three types: draft, checked, planned. It is built
//! once and never changed.

use std::sync::Arc;

use scenarios::{Keyboard, Machine, PlannedStep, Scenario, StepId, Vars, Watch};
use vm::checkpoint::CheckpointKey;

use super::media::Media;
use super::put_files::PutFiles;
use super::request::Stay;
use super::subject::{JobImage, MissingImage, Target};
use crate::host::HostLack;

/// A scenario to judge, with the stages from power-on to its end.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// The name of the scenario in the run. In a matrix, it also names image and machine.
    pub name: String,
    /// The number of its cell. The jobs of a cell run on the same image and machine with the same variables, and share
    /// stages.
    pub cell: usize,
    /// The stages from power-on to the end of the scenario. Never empty.
    pub stages: Vec<Stage>,
    /// The image under test.
    pub image: JobImage,
    /// The machine that it runs on.
    pub machine: Machine,
    /// The virtual machine or the board that the image is run on; an error if the image is missing.
    pub target: Result<Target, MissingImage>,
    /// The media that its steps insert.
    pub media: Media,
    /// The files that its steps copy into the guest.
    pub put_files: PutFiles,
    /// The key of the machine with the image at power-on; none if something about it is unknown.
    pub base: Option<CheckpointKey>,
    /// The differences of a run in which a person inspects the scenario.
    pub inspection: Inspection,
    /// The files that decide what it does, for reports.
    pub inputs: Vec<reports::InputFile>,
    /// Remarks of the planner, for reports.
    pub remarks: Vec<String>,
    /// The capability that its machine lacks for a scenario of its chain; the job is skipped then.
    pub missing: Option<String>,
    /// The board whose health it checks; none if it is a scenario of the run.
    pub health_of: Option<String>,
    /// The thing that this host lacks for its machine; the verdict is an error then, and nothing is run.
    pub host_lack: Option<HostLack>,
}

/// A run of steps of one scenario, from one checkpoint to the next.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    /// The scenario.
    pub scenario: Arc<Scenario>,
    /// Its steps, expanded.
    pub steps: Vec<PlannedStep>,
    /// Its variables at its start.
    pub vars: Vars,
    /// The keyboard layout for its steps.
    pub keyboard: Keyboard,
    /// The names of hopelessness rules that are switched off.
    pub off: Vec<String>,
    /// The watches while it runs.
    pub watches: Vec<Watch>,
    /// The checkpoint key of its end, over everything that can change the machine's state there; none if something of
    /// that is unknown.
    pub key: Option<CheckpointKey>,
    /// True if other stages or scenarios start where it ends.
    pub shared: bool,
}

/// The differences of a run in which a person inspects a scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Inspection {
    /// The step of the judged scenario that is announced when it is reached.
    pub from: Option<StepId>,
    /// The reason why the machine is left running after the last step; none if it is not left running.
    pub stays: Option<Stay>,
    /// The name of the part that runs, for reports; none for the whole scenario.
    pub part: Option<String>,
    /// The key of the machine that was kept after a failure; no step runs then.
    pub kept: Option<CheckpointKey>,
}

impl Job {
    /// Returns the scenario that is judged.
    pub(crate) fn scenario(&self) -> &Scenario {
        match self.stages.last() {
            Some(stage) => &stage.scenario,
            // The chain has at least the scenario itself, which has at least one stage.
            None => unreachable!("a job has at least one stage"),
        }
    }

    /// Returns the name of the scenario in the run.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns the own name of the scenario that is judged.
    pub(crate) fn own_name(&self) -> &str {
        &self.scenario().name
    }

    /// Returns true if nothing that is known before the run keeps its machine from starting.
    pub(crate) fn can_start(&self) -> bool {
        self.missing.is_none() && self.host_lack.is_none() && self.target.is_ok()
    }

    /// Returns the names of the scenarios before it, from power-on.
    pub(crate) fn after(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .stages
            .iter()
            .map(|stage| stage.scenario.name.clone())
            .collect();
        // A scenario may have several stages, one after the other.
        names.dedup();
        names.pop();
        names
    }

    /// Returns the name of the stage before the last one; none if there is only one stage.
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
    /// Makes a job of these stages on an image that does not exist, for tests.
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
            target: Err(missing),
            media: Media::default(),
            put_files: PutFiles::default(),
            base: None,
            inspection: Inspection::default(),
            inputs: Vec::new(),
            remarks: Vec::new(),
            missing: None,
            health_of: None,
            host_lack: None,
        }
    }
}
