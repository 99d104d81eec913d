//! Plans a run: makes cells from a request, and jobs from cells.

use std::path::PathBuf;
use std::sync::Arc;

use scenarios::{Chain, Date, Diagnostic, Library, Source};
use vm::MachineSpec;
use vm::image::ImageStore;

use super::cell::{Cell, CellDraft, CellValue, Judged};
use super::checked::CheckedJob;
use super::checked::needle_faults::{NeedleFaults, remarks};
use super::draft::DraftSources;
use super::health::{HealthCheck, no_check};
use super::inputs::input_files;
use super::inspection::{find_steps, inspection, refuse_several};
use super::job::Job;
use super::mistakes::{Elsewhere, Mistakes};
use super::place::Places;
use super::request::{Among, RunRequest, Setting};
use super::selection::{Selected, select};
use super::stages::{Saved, StageSources, stages};
use super::subject::{Subject, Target};
use crate::failure::Failure;
use crate::host::{HostCheck, HostLack};
use crate::needle_store::NeedleStore;
use crate::project::Project;
use crate::talk::Talk;

/// A project with its scenarios and needles, ready to plan runs.
#[derive(Debug)]
pub(crate) struct Planner<'p> {
    project: &'p Project,
    images: &'p ImageStore,
    talk: Talk,
    library: Library,
    store: NeedleStore,
    /// The findings about files that could not be read.
    unread: Vec<Diagnostic>,
    mistakes: Mistakes,
}

/// The inputs of a plan, beside the project and the cells.
pub(crate) struct PlanSources<'s> {
    /// The variables that the user set. They give the secret values that the cells do not have.
    pub settings: &'s [Setting],
    /// Looks up the checkpoints that the run may start from.
    pub saved: Saved<'s>,
    /// Returns the identity of a machine. Two machines have the same identity only if their guests see no difference.
    pub identity: &'s dyn Fn(&MachineSpec) -> Option<String>,
    /// The day of the run; none if the clock does not tell it.
    pub today: Option<Date>,
    /// Finds out what this host lacks.
    pub host: HostCheck,
    /// The reaction to a machine that this host cannot start.
    pub on_lack: OnLack,
}

/// The reaction to a machine that this host cannot start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnLack {
    /// The whole run is refused.
    Refuse,
    /// The jobs of the machine end with an error, and the others run.
    Note,
}

/// Jobs that are ready to run.
#[derive(Debug)]
pub(crate) struct PlannedRun {
    /// The jobs, in the order of the run.
    pub jobs: Vec<Arc<Job>>,
    /// The jobs that check the health of boards.
    pub health: Vec<Arc<Job>>,
    /// The needles.
    pub store: Arc<NeedleStore>,
    /// The values of all secrets, which must not reach a log.
    pub secrets: Vec<String>,
}

impl<'p> Planner<'p> {
    /// Reads a project, and these additional scenario files.
    ///
    /// # Errors
    /// A folder, or one of the files, cannot be read.
    pub(crate) fn open(
        project: &'p Project,
        files: &[PathBuf],
        images: &'p ImageStore,
        talk: Talk,
    ) -> Result<Self, Failure> {
        let (library, unread) = project.library(files)?;
        let folders = project.needle_folders_for(files);
        Ok(Self::with(
            project,
            (library, unread),
            &folders,
            images,
            talk,
        ))
    }

    /// Prepares a project for one scenario that is no file of it, without its needles.
    pub(crate) fn of_source(
        project: &'p Project,
        source: Arc<Source>,
        images: &'p ImageStore,
        talk: Talk,
    ) -> Self {
        Self::with(project, Library::read([source]), &[], images, talk)
    }

    fn with(
        project: &'p Project,
        (library, unread): (Library, Vec<Diagnostic>),
        needles: &[PathBuf],
        images: &'p ImageStore,
        talk: Talk,
    ) -> Self {
        let store = NeedleStore::open(needles);
        Self {
            project,
            images,
            talk,
            mistakes: Mistakes::of(project, &library, &store, &unread),
            library,
            store,
            unread,
        }
    }

    /// Makes the cells of a request.
    ///
    /// # Errors
    /// The request, the project or a scenario that takes part has a mistake.
    pub(crate) fn cells(&self, request: &RunRequest) -> Result<Vec<Cell>, Failure> {
        let (project, selection) = (self.project, &request.selection);
        let selected = select(selection, project, &self.library, &self.unread)?;
        let chains = selected.iter().flat_map(|selected| &selected.chains);
        self.refuse_mistakes(chains.clone(), selection.determines_image())?;
        refuse_several(request.part(), chains.count())?;
        let places = Places::new(project, selection, self.talk)?;
        let mut drafts: Vec<CellDraft<'_>> = Vec::new();
        let mut place = 0;
        for Selected { chains, on } in &selected {
            for chain in chains {
                let (image, machine) = places.of(chain, on.as_ref())?;
                let vars = on.iter().flat_map(|on| on.vars.iter());
                let vars = vars.map(|(name, value)| (name.clone(), CellValue::from(&value.value)));
                let draft = CellDraft {
                    image,
                    machine,
                    vars: vars.collect(),
                    scenarios: vec![(judged(chain, on.as_ref(), place), chain)],
                };
                place += 1;
                match drafts.iter_mut().find(|other| other.has_same_place(&draft)) {
                    Some(cell) => cell.scenarios.extend(draft.scenarios),
                    None => drafts.push(draft),
                }
            }
        }
        let health = match (&selection.among, request.part()) {
            (Among::Matrix(_), None) => self.health_chains(&drafts)?,
            // A person looks at a part of a scenario, and sees how the board is.
            (Among::Matrix(_), Some(_)) | (Among::Project | Among::ResultOf { .. }, _) => {
                Vec::new()
            }
        };
        for check in &health {
            drafts.push(check.draft(place));
            place += 1;
        }
        let cells = drafts
            .into_iter()
            .map(|draft| Cell::new(draft, &request.vars, request.part(), project, &self.library));
        Ok(cells.collect())
    }

    /// Returns the health checks of the boards of cells.
    fn health_chains(&self, drafts: &[CellDraft<'_>]) -> Result<Vec<HealthCheck>, Failure> {
        let mut boards: Vec<&str> = Vec::new();
        for draft in drafts {
            if !boards.contains(&draft.machine.as_str()) {
                boards.push(&draft.machine);
            }
        }
        let checks = boards
            .into_iter()
            .filter_map(|board| HealthCheck::of(board, self.project, &self.library).transpose());
        checks.collect()
    }

    /// Makes the jobs of cells. The cells may come from another process.
    ///
    /// # Errors
    /// The project differs from that of the cells, or has a mistake that can be found before a machine starts.
    pub(crate) fn plan(
        mut self,
        cells: &[Cell],
        mut sources: PlanSources<'_>,
    ) -> Result<PlannedRun, Failure> {
        let chains = cells
            .iter()
            .map(|cell| cell.chains(self.project, &self.library))
            .collect::<Result<Vec<_>, _>>()?;
        if self.refuse_mistakes(chains.iter().flatten(), true)? == Elsewhere::Mistaken {
            self.talk.say(
                "files that do not take part in this run have errors in them; `qa check` shows them",
            );
        }
        let (checked, secrets) = self.checked(cells, &chains, sources.settings)?;
        self.leave_out_needles(&checked, &chains)?;
        let part = cells.iter().find_map(|cell| cell.part.as_ref());
        find_steps(part, &checked, self.talk)?;
        let planned = stages(
            &checked,
            &StageSources {
                store: &self.store,
                identity: sources.identity,
                today: sources.today,
                saved: sources.saved,
                part,
            },
        );
        let lacks = host_lacks(&checked, &mut sources.host, sources.on_lack)?;
        let (mut jobs, mut health) = (Vec::new(), Vec::new());
        for ((checked, planned), host_lack) in checked.into_iter().zip(planned).zip(lacks) {
            let subject = &checked.draft.subject;
            let job = Arc::new(Job {
                cell: checked.draft.cell,
                image: subject.image.clone(),
                machine: subject.machine.clone(),
                target: subject.target.clone(),
                inspection: inspection(part, planned.base, sources.saved),
                base: planned.base,
                inputs: input_files(self.project, &self.library, &checked, &planned.needles),
                stages: planned.stages,
                remarks: remarks(&checked, &self.store),
                host_lack,
                name: checked.draft.name,
                health_of: checked.draft.health_of,
                media: checked.media,
                put_files: checked.put_files,
                missing: checked.missing,
            });
            match (&job.health_of, &job.missing) {
                (Some(board), Some(missing)) => return Err(no_check(board, missing)),
                (Some(_), None) => health.push(job),
                (None, _) => jobs.push(job),
            }
        }
        Ok(PlannedRun {
            jobs,
            health,
            store: Arc::new(self.store),
            secrets,
        })
    }

    /// Refuses a run if a file that takes part in it has a mistake. See [`Mistakes::refuse`].
    fn refuse_mistakes<'c>(
        &self,
        chains: impl Iterator<Item = &'c Chain> + Clone,
        is_placed: bool,
    ) -> Result<Elsewhere, Failure> {
        let (project, library) = (self.project, &self.library);
        self.mistakes.refuse(project, library, chains, is_placed)
    }

    /// Returns the checked jobs of cells, in the order of the run, and the values of their secrets.
    fn checked(
        &self,
        cells: &[Cell],
        chains: &[Vec<Chain>],
        settings: &[Setting],
    ) -> Result<(Vec<CheckedJob>, Vec<String>), Failure> {
        let mut jobs = Vec::new();
        let mut secrets = Vec::new();
        for (number, (cell, chains)) in cells.iter().zip(chains).enumerate() {
            let subject = Subject::of(cell, self.project, self.images, self.talk)?;
            secrets.extend_from_slice(&subject.secrets);
            let matrix = cell.matrix_vars();
            let sources = DraftSources {
                project: self.project,
                library: &self.library,
                cell: number,
                subject: Arc::new(subject),
                matrix: matrix.map_err(|error| Failure::of_findings(vec![error]))?,
                settings: cell.settings_with(settings)?,
            };
            for (judged, chain) in cell.scenarios.iter().zip(chains) {
                let draft = sources.draft(judged, chain)?;
                secrets.extend_from_slice(&draft.secrets);
                jobs.push(CheckedJob::of(draft, &sources, self.images)?);
            }
        }
        jobs.sort_by_key(|job| job.draft.place);
        Ok((jobs, secrets))
    }

    /// Leaves out needles whose picture cannot be read.
    ///
    /// # Errors
    /// A needle can never match, or no needle is left for a tag that a step searches for.
    fn leave_out_needles(
        &mut self,
        jobs: &[CheckedJob],
        chains: &[Vec<Chain>],
    ) -> Result<(), Failure> {
        let faults = NeedleFaults::of(&self.store, jobs);
        if !faults.mistakes.is_empty() {
            return Err(Failure::of_findings(faults.mistakes));
        }
        if !faults.unreadable.is_empty() {
            self.store.leave_out(&faults.unreadable);
            self.mistakes = Mistakes::of(self.project, &self.library, &self.store, &[]);
            self.refuse_mistakes(chains.iter().flatten(), true)?;
        }
        Ok(())
    }
}

/// Returns for each job the thing that the host lacks. Jobs that are skipped anyway are not checked.
fn host_lacks(
    jobs: &[CheckedJob],
    host: &mut HostCheck,
    on_lack: OnLack,
) -> Result<Vec<Option<HostLack>>, Failure> {
    let machines = jobs
        .iter()
        .map(|job| match (&job.missing, &job.draft.subject.target) {
            (None, Ok(Target::Virtual(spec))) => {
                Some((job.draft.subject.machine.name.as_str(), &**spec))
            }
            // What a board needs is on other hosts: its services tell when it is taken.
            (None, Ok(Target::Board(_))) => None,
            (Some(_), _) | (_, Err(_)) => None,
        });
    match on_lack {
        OnLack::Refuse => {
            host.refuse(machines.flatten())?;
            Ok(vec![None; jobs.len()])
        }
        OnLack::Note => Ok(machines
            .map(|machine| machine.and_then(|(name, spec)| host.lack(name, spec)))
            .collect()),
    }
}

/// Returns a scenario to judge, with its name in the run.
fn judged(chain: &Chain, on: Option<&super::selection::MatrixPlace>, place: usize) -> Judged {
    let scenario = &chain.judged().name;
    Judged {
        name: on.map_or_else(|| scenario.clone(), |on| on.label(scenario)),
        place,
        way: chain
            .stages
            .iter()
            .map(|stage| stage.name.clone())
            .collect(),
        health_of: None,
    }
}
