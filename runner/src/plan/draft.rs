//! A draft of a job: a scenario with its chain, image, machine and variables. The first of three types: draft, checked,
//! planned.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use scenarios::{
    Chain, Image, Keyboard, Library, PlannedStep, Project, Render, Scenario, Spanned, Value,
    VarSources, Vars, Watch, WrittenValue,
};

use super::cell::Judged;
use super::request::Setting;
use super::subject::Subject;
use crate::failure::Failure;

/// A scenario on its image and machine.
#[derive(Debug)]
pub(super) struct DraftJob {
    /// The name of the scenario in the run.
    pub name: String,
    /// The index of the scenario in the run.
    pub place: usize,
    /// The board whose health it checks; none if it is a scenario of the run.
    pub health_of: Option<String>,
    /// The number of its cell.
    pub cell: usize,
    /// The image and the machine.
    pub subject: Arc<Subject>,
    /// The chain from power-on to the scenario itself, which is the last. Never empty.
    pub stages: Vec<WholeStage>,
    /// The names of all variables that its scenarios have without the command line.
    pub known_vars: BTreeSet<String>,
    /// The values of its secrets.
    pub secrets: Vec<String>,
}

/// A scenario of a chain, before it is cut into stages.
#[derive(Debug)]
pub(super) struct WholeStage {
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
    /// True if other scenarios start where it ends.
    pub shared: bool,
}

impl DraftJob {
    /// Returns the name of the scenario that is judged: the last one.
    pub(super) fn own_name(&self) -> &str {
        let last = self.stages.last();
        last.map_or("", |stage| stage.scenario.name.as_str())
    }
}

/// The inputs that all drafts of a cell share.
#[derive(Debug)]
pub(super) struct DraftSources<'c> {
    /// The project.
    pub project: &'c crate::project::Project,
    /// Its scenarios.
    pub library: &'c Library,
    /// The number of the cell.
    pub cell: usize,
    /// The image and the machine.
    pub subject: Arc<Subject>,
    /// The variables that a matrix sets.
    pub matrix: BTreeMap<String, Spanned<WrittenValue>>,
    /// The variables that the call sets.
    pub settings: Vec<Setting>,
}

impl DraftSources<'_> {
    /// Makes the draft of a scenario's job.
    ///
    /// # Errors
    /// A variable or a secret without a value, a value that does not fit its place, and an `include` or `each` that
    /// cannot be expanded.
    pub(super) fn draft(&self, judged: &Judged, chain: &Chain) -> Result<DraftJob, Failure> {
        let mut job = DraftJob {
            name: judged.name.clone(),
            place: judged.place,
            health_of: judged.health_of.clone(),
            cell: self.cell,
            subject: Arc::clone(&self.subject),
            stages: Vec::new(),
            known_vars: BTreeSet::new(),
            secrets: Vec::new(),
        };
        for scenario in &chain.stages {
            let variables = self.variables(scenario)?;
            let stage = self.stage(scenario, variables.vars)?;
            job.stages.push(stage);
            job.known_vars.extend(variables.known);
            job.secrets.extend(variables.secrets);
        }
        Ok(job)
    }

    fn file(&self) -> Option<&Project> {
        self.project.file.as_ref()
    }

    /// Returns the image as the project declares it; none if the image is a file that the user named.
    fn declared_image(&self) -> Option<&Image> {
        self.file()?.images.get(&self.subject.image.name)
    }

    fn variables(&self, scenario: &Scenario) -> Result<Variables, Failure> {
        let declared = self.file().into_iter().flat_map(|file| &file.secrets);
        let values = self.project.secrets(declared.chain(&scenario.secrets))?;
        let built_in = built_in(scenario, &self.subject);
        let settings = self.settings.iter();
        let settings: Vec<(String, String)> = settings
            .map(|setting| (setting.name.clone(), setting.value.clone()))
            .collect();
        let mut sources = VarSources {
            project: self.file(),
            image: self.declared_image().map(|image| image.name.as_str()),
            machine: Some(&self.subject.machine.name),
            scenario,
            matrix: Some(&self.matrix),
            command_line: &[],
            secrets: &values,
            built_in: &built_in,
        };
        // A variable that needs a value from the command line is reported below.
        let known = sources.resolve().ok();
        let known = known.iter().flat_map(Vars::names).map(str::to_owned);
        let known = known.collect();
        sources.command_line = &settings;
        let vars = sources.resolve().map_err(Failure::of_findings)?;
        // A secret whose value comes from the command line is still a secret.
        let replaced = vars.iter().filter_map(|(_, value)| match value {
            Value::Text(text) if text.is_secret() => Some(text.reveal().to_owned()),
            Value::Text(_) | Value::List(_) => None,
        });
        let secrets = values.values().cloned().chain(replaced);
        let secrets = secrets.filter(|value| !value.is_empty()).collect();
        Ok(Variables {
            vars,
            known,
            secrets,
        })
    }

    fn stage(&self, scenario: &Arc<Scenario>, mut vars: Vars) -> Result<WholeStage, Failure> {
        let steps = scenarios::expand(scenario, self.library, &vars);
        let steps = steps.map_err(Failure::of_findings)?;
        let watches = scenarios::watches(self.file(), scenario)
            .into_iter()
            .map(|watch| watch.render(&vars))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| Failure::of_findings(vec![error]))?;
        let image = self.declared_image();
        // Lists and watches are the same for all attempts. The attempt number of the judged scenario is set when it
        // begins.
        vars.set_attempt(1);
        Ok(WholeStage {
            scenario: Arc::clone(scenario),
            steps,
            vars,
            keyboard: Keyboard::of(self.file(), image, Some(&self.subject.machine), scenario),
            off: scenarios::switched_off(self.file(), image, scenario),
            watches,
            shared: self.library.scenarios().any(|other| {
                other
                    .after
                    .as_ref()
                    .is_some_and(|after| after.value == scenario.name)
            }),
        })
    }
}

/// The variables of a scenario.
struct Variables {
    vars: Vars,
    /// The names of those that exist without the command line.
    known: BTreeSet<String>,
    /// The values of secrets among them.
    secrets: Vec<String>,
}

/// Returns the built-in variables that every scenario has.
fn built_in(scenario: &Scenario, subject: &Subject) -> [(&'static str, String); 6] {
    let Subject { image, machine, .. } = subject;
    let accel = match machine.accel {
        scenarios::Accel::Auto => "auto",
        scenarios::Accel::Kvm => "kvm",
        scenarios::Accel::Tcg => "tcg",
    };
    [
        ("arch", machine.arch.name().to_owned()),
        ("machine", machine.name.clone()),
        ("image", image.name.clone()),
        ("firmware", machine.firmware.name().to_owned()),
        ("accel", accel.to_owned()),
        ("scenario", scenario.name.clone()),
    ]
}
