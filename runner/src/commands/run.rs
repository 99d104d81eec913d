//! `qa run`: everything is read and checked, then machines start.

mod budget;
mod cells;
mod host;
mod image;
mod job;
mod keys;
mod machine;
mod media;
mod needles;
mod packed;
mod plan_tree;
mod startable;
mod started;
mod taking_part;
mod unfit;
mod visit;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use reports::{Event, ExitStatus, Fold, OpenEnd, Rules};
use scenarios::Chain;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use vm::checkpoint::CheckpointStore;
use vm::image::ImageStore;

use self::budget::Budget;
pub(super) use self::cells::combinations;
use self::cells::of_label;
use self::host::{refuse_missing, refuse_privileged};
use self::job::JobMaker;
use self::keys::Keys;
use self::needles::Unfit;
use self::plan_tree::plan_tree;
use self::started::{host, run_started};
use self::taking_part::TakingPart;
pub(super) use self::visit::{end, find};
use crate::cancel::Cancel;
use crate::cli::{Format, RunArgs};
use crate::commands::cache::open_checkpoints;
use crate::commands::image::open_store;
use crate::commands::report;
use crate::commands::{Context, cache_folder, print, print_painted, talk};
use crate::durations::Durations;
use crate::engine::{
    Checkpoints, Engine, Job, KeptMachines, Policy, Settled, Trust, Until, is_interactive,
};
use crate::failure::{Failure, chain};
use crate::feed::Feed;
use crate::folder::RESULTS_FOLDER;
use crate::log_file::LogFile;
use crate::needle_store::NeedleStore;
use crate::progress::{self, Display};
use crate::project::{Project, refuse};
use crate::recorder::Recorder;
use crate::results::{RunFolder, clear_killed_runs};
use crate::today::today;

/// Runs `qa run`.
///
/// # Errors
/// What is wrong with the call, the project or the scenarios: nothing was started then.
pub(super) fn run(context: &Context, args: RunArgs) -> Result<ExitStatus, Failure> {
    let mut ready = Ready::new(context, &args, None)?;
    visit::invite(&args, &mut ready.jobs)?;
    let checkpoints = Arc::new(Checkpoints::new(checkpoint_store(context, &args)));
    ready.give_keys(&checkpoints, args.is_cold());
    if let (Some(until), [job]) = (&args.until, ready.jobs.as_mut_slice()) {
        visit::end(job, Until::After(until));
    }
    if args.plan {
        return show_plan(&args, &checkpoints, &ready.into_jobs().0);
    }
    context.block_on(execute(context, &args, ready, checkpoints, Place::Newest))?
}

/// Scenarios that are ready to run.
#[derive(Debug)]
pub(super) struct Ready {
    /// The project they are of.
    pub project: Project,
    /// In the order of the plan.
    pub jobs: Vec<Job>,
    /// The matrix that they are of.
    matrix: Option<String>,
    store: Arc<NeedleStore>,
    images: ImageStore,
    secrets: Vec<String>,
}

/// A combination that a matrix has run.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfMatrix<'a> {
    /// Name of the matrix.
    pub matrix: &'a str,
    /// What the result is called.
    pub label: &'a str,
}

/// What becomes of a run's results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// They are the newest of their folder.
    Newest,
    /// They are no news.
    Aside,
}

impl Ready {
    /// Reads and checks everything that takes part. `again` is what a matrix has run, where that is run by itself.
    ///
    /// # Errors
    /// What is wrong with the call, the project or the scenarios.
    pub(super) fn new(
        context: &Context,
        args: &RunArgs,
        again: Option<OfMatrix<'_>>,
    ) -> Result<Self, Failure> {
        let project = context.load_project()?;
        let (files, names) = files_and_names(&args.scenarios);
        let (library, findings) = project.library(&files)?;
        let mut store = project.needles();
        if project.file.is_none() {
            store = Arc::new(NeedleStore::open(&needle_folders_beside(&files)));
        }
        let mut cells = match &args.matrix {
            Some(name) => cells::of_matrix(context, args, &project, &library, name, &names)?,
            None => cells::plain(&library, &names).map_err(|errors| {
                // A file that could not be read is the better explanation of a name that is not there.
                let mut all = errors;
                all.extend(
                    findings
                        .iter()
                        .filter(|finding| finding.is_error())
                        .cloned(),
                );
                refuse(&all, context.colour_on_stderr())
            })?,
        };
        if let (Some(again), [cell]) = (again, cells.as_mut_slice()) {
            let OfMatrix { matrix, label } = again;
            cell.on = Some(of_label(context, &project, &library, matrix, label)?);
        }
        let chains: Vec<&Chain> = cells.iter().flat_map(|cell| &cell.chains).collect();
        if chains.is_empty() {
            return Err(Failure::usage("there is no scenario to run")
                .hint("name a scenario file, or go to a project: `qa list` shows its scenarios"));
        }
        let taking_part = TakingPart {
            project: &project,
            library: &library,
            chains: &chains,
            is_placed: args.image.is_some() || args.matrix.is_some(),
        };
        taking_part.refuse_broken(context, &store, findings)?;
        let images = open_store()?;
        let mut maker = JobMaker {
            context,
            args,
            project: &project,
            library: &library,
            images: &images,
            secrets: Vec::new(),
        };
        let mut jobs = Vec::new();
        for (number, cell) in cells.iter().enumerate() {
            for chain in &cell.chains {
                jobs.push(maker.job(chain, cell, number)?);
            }
        }
        let secrets = maker.secrets;
        let unfit = Unfit::of(&store, &jobs);
        if !unfit.mistakes.is_empty() {
            return Err(refuse(&unfit.mistakes, context.colour_on_stderr()));
        }
        if !unfit.unreadable.is_empty() {
            // Nothing else has it yet.
            if let Some(store) = Arc::get_mut(&mut store) {
                store.leave_out(&unfit.unreadable);
            }
            // Where none of a tag is left, that is an error at the step that looks for it.
            taking_part.refuse_broken(context, &store, Vec::new())?;
        }
        needles::remark(&mut jobs, &store);
        if args.matrix.is_some() || args.plan {
            unfit::note_lacks(&mut jobs);
        }
        Ok(Self {
            project,
            jobs,
            matrix: args.matrix.clone(),
            store,
            images,
            secrets,
        })
    }

    /// Gives the stages of all jobs their keys. When `cold`, what earlier runs have left is nothing to start from.
    pub(super) fn give_keys(&mut self, checkpoints: &Checkpoints, cold: bool) {
        let left = |key: &_| checkpoints.saved_for(key).filter(|_| !cold);
        Keys::new(&self.store, &self.images, today()).give(&mut self.jobs, left);
    }

    fn into_jobs(self) -> (Vec<Arc<Job>>, Arc<NeedleStore>, Vec<String>) {
        let jobs = self.jobs.into_iter().map(Arc::new).collect();
        (jobs, self.store, self.secrets)
    }
}

/// Where the results of a project are.
pub(super) fn results_folder(project: &Project, results: Option<&Path>) -> PathBuf {
    results.map_or_else(|| project.root.join(RESULTS_FOLDER), Path::to_owned)
}

/// Splits what was typed into scenario files and the names of all scenarios.
fn files_and_names(typed: &[String]) -> (Vec<PathBuf>, Vec<String>) {
    let mut files = Vec::new();
    let mut names = Vec::new();
    for word in typed {
        let path = Path::new(word);
        let is_file = path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml");
        if is_file {
            files.push(path.to_owned());
            names.push(
                path.file_stem()
                    .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            );
        } else {
            names.push(word.clone());
        }
    }
    (files, names)
}

/// Outside any project, needles lie in the folder of the scenario or in `needles` beside it.
fn needle_folders_beside(files: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = files
        .iter()
        .filter_map(|file| file.parent())
        .map(|folder| {
            let folder = if folder.as_os_str().is_empty() {
                Path::new(".")
            } else {
                folder
            };
            let needles = folder.join("needles");
            if needles.is_dir() {
                needles
            } else {
                folder.to_owned()
            }
        })
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Runs what is ready, shows it, and writes the reports.
///
/// # Errors
/// When a machine's QEMU or firmware is not installed, or the results cannot be written.
pub(super) async fn execute(
    context: &Context,
    args: &RunArgs,
    ready: Ready,
    checkpoints: Arc<Checkpoints>,
    place: Place,
) -> Result<ExitStatus, Failure> {
    let results = results_folder(&ready.project, args.results.as_deref());
    tell_cleared(context, &results);
    let matrix = ready.matrix.clone();
    let (jobs, store, secrets) = ready.into_jobs();
    // The other combinations of a matrix run all the same; those that cannot start say what is missing.
    if matrix.is_none() {
        refuse_missing(&jobs)?;
        refuse_privileged(&jobs)?;
    }
    let now = OffsetDateTime::now_utc();
    let started = now.format(&Rfc3339).unwrap_or_default();
    let folder = match place {
        Place::Newest => RunFolder::create(&results, now),
        Place::Aside => RunFolder::create_aside(&results, now),
    };
    let folder = folder.map_err(|error| {
        Failure::error(chain(&error))
            .hint("make it writable, make room there, or give another folder with --results")
    })?;
    // Where the machine is left running must not stay a secret.
    let stays = jobs.iter().any(|job| job.visit.stays.is_some());
    let cancel = Cancel::on_signals()
        .map_err(|error| Failure::error(format!("cannot listen to signals: {error}")))?;
    let log = LogFile::create(folder.path()).map_err(|error| {
        Failure::error(format!(
            "cannot write to `{}`: {error}",
            folder.path().display()
        ))
    })?;
    let feed = Feed::new();
    feed.listen(log);
    let host = host();
    let recorder = Recorder::new(feed.clone(), &host.name, secrets);
    let display = match args.format {
        Format::Json => Display::Json,
        Format::Text if context.quiet() && !stays => Display::Quiet,
        Format::Text => Display::for_stderr(context.colour_on_stderr()),
    };
    let shown = progress::show(display, &feed);
    let policy = policy(args, &jobs);
    let rules = Rules {
        flaky: args.flaky_policy(),
        confirm: policy.confirm,
        repeats: policy.repeats(),
    };
    recorder.record(run_started(&folder, &started, matrix, &jobs, rules, host));
    let engine = Arc::new(Engine {
        store,
        recorder: recorder.clone(),
        folder: folder.clone(),
        cancel: cancel.clone(),
        deadline_scale: args.deadline_scale,
        checkpoints,
        durations: Mutex::new(durations()),
        policy,
        keep: args
            .keep
            .then(|| KeptMachines::of_run(folder.name(), &started)),
        interactive: is_interactive(),
        settled: Settled::default(),
    });
    engine.run(&jobs).await;
    {
        let durations = engine.durations.lock();
        // An estimate less is no reason for a word.
        let _ = durations.unwrap_or_else(PoisonError::into_inner).save();
    }
    drop(engine);
    let mut fold = Fold::default();
    let entries = feed.entries();
    entries.iter().for_each(|entry| fold.take(entry));
    let exit = if cancel.is_requested() {
        ExitStatus::Cancelled
    } else {
        fold.run(OpenEnd::Ending).gate()
    };
    recorder.record(Event::RunFinished {
        exit,
        duration_ms: recorder.elapsed_ms(),
    });
    let ended = feed.entries();
    ended[entries.len()..]
        .iter()
        .for_each(|entry| fold.take(entry));
    let broken = feed.broken();
    feed.close();
    // The display ends with the feed; a panic in it must not lose the verdict.
    let _ = shown.await;
    let judged = fold.into_run(OpenEnd::CutShort);
    let written = report::write_unless_stopped(folder.path(), &judged, cancel).await;
    let mut unsaid = None;
    if args.format == Format::Text {
        let paths = written.as_ref().ok();
        let colour = context.colour_on_stdout();
        let summary = report::summary(&judged, colour, paths);
        if !(context.quiet() && exit == ExitStatus::Success) {
            unsaid = print_painted(summary.trim_end(), colour).err();
        }
    }
    if let Some(error) = broken {
        return Err(Failure::error(format!(
            "the event log is not whole: {error}"
        )));
    }
    written?;
    // What nobody was told is no success; any other status says more than that it was not told.
    match unsaid {
        Some(failure) if exit == ExitStatus::Success => Err(failure),
        Some(_) | None => Ok(exit),
    }
}

/// Clears away what killed runs left in a folder of results, and says so.
pub(super) fn tell_cleared(context: &Context, results: &Path) {
    let cleared = clear_killed_runs(results);
    if cleared.runs == 0 {
        return;
    }
    let (size, folder) = (reports::human_size(cleared.bytes), results.display());
    let runs = match cleared.runs {
        1 => "a run".to_owned(),
        many => format!("{many} runs"),
    };
    talk(
        context,
        &format!("cleared the disks, {size}, that {runs} had left in {folder} when killed"),
    );
}

fn show_plan(
    args: &RunArgs,
    checkpoints: &Checkpoints,
    jobs: &[Arc<Job>],
) -> Result<ExitStatus, Failure> {
    let tree = plan_tree(
        jobs,
        checkpoints,
        policy(args, jobs).trust,
        &durations(),
        args.matrix.is_some(),
    );
    match args.format {
        Format::Text => print(&tree.to_text())?,
        Format::Json => {
            let json = tree.to_json();
            print(&json.map_err(|error| Failure::error(error.to_string()))?)?;
        }
    }
    Ok(ExitStatus::Success)
}

/// How long stages took before; nothing without a cache folder.
fn durations() -> Durations {
    cache_folder().map_or_else(|_| Durations::default(), |cache| Durations::load(&cache))
}

/// The checkpoints to use and to make. A cache that cannot be used costs time, not a verdict.
pub(super) fn checkpoint_store(context: &Context, args: &RunArgs) -> Option<CheckpointStore> {
    if args.no_checkpoints {
        return None;
    }
    match open_checkpoints() {
        Ok(store) => Some(store),
        Err(failure) => {
            talk(
                context,
                &format!("every machine starts from power-on: {}", failure.message()),
            );
            None
        }
    }
}

fn policy(args: &RunArgs, jobs: &[Arc<Job>]) -> Policy {
    Policy {
        trust: if args.is_cold() {
            Trust::ThisRun
        } else {
            Trust::AnyRun
        },
        confirm: !args.no_confirm,
        retries: args.retries,
        repeat: match args.repeat {
            Some(times) => times,
            None if args.until_fail => u32::MAX >> 12,
            None => 1,
        },
        until_fail: args.until_fail,
        slots: args
            .jobs
            .unwrap_or_else(|| Budget::of_host().slots(jobs.iter().map(|job| &job.machine))),
    }
}
