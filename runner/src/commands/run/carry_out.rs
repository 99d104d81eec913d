//! Carries out a planned run: runs its jobs, shows how far they are, and writes the reports.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use reports::{Earlier, Event, ExitStatus, Fold, OpenEnd, Rules, Run};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::into_history::take_into_history;
use super::live_page::follow;
use super::run_started::{host, run_started};
use crate::cache::{boards_folder, cache_folder};
use crate::cancel::Cancel;
use crate::cli::Format;
use crate::commands::context::Context;
use crate::commands::print::print_painted;
use crate::commands::report;
use crate::engine::{BoardChecks, Checkpoints, Engine, Machines, Policy, Settled, is_interactive};
use crate::failure::{Failure, chain};
use crate::feed::Feed;
use crate::host::Budget;
use crate::log_file::LogFile;
use crate::plan::{
    Among, CheckpointUse, Durations, Extent, Job, KeptMachines, PlannedRun, RunRequest, Tries,
};
use crate::progress::{self, Display, Folders, Protocol};
use crate::recorder::Recorder;
use crate::results::{RunFolder, clear_killed_runs, results_folder};

/// The output of a run: its folder, and the form of the result.
#[derive(Debug)]
pub(in crate::commands) struct Output {
    /// The folder of all results.
    pub results: PathBuf,
    /// The standing of this run among all runs.
    pub standing: Standing,
    /// The form of the result.
    pub format: Format,
    /// The way in which the terminal draws pictures; none for no pictures.
    pub pictures: Option<Protocol>,
    /// The purpose of the run.
    pub purpose: Purpose,
}

/// The purpose of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Purpose {
    /// To judge scenarios: a summary of the verdicts follows.
    Verdicts,
    /// To look at a machine: the page follows the run, and the command says what was seen.
    Look,
}

/// The standing of a run among all runs of the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Standing {
    /// It is the newest run: `latest` points to it.
    Newest,
    /// It does not judge the system under test: `latest` does not change.
    Aside,
}

/// A run that was carried out.
#[derive(Debug)]
pub(in crate::commands) struct Carried {
    /// Its exit status.
    pub exit: ExitStatus,
    /// Its results.
    pub run: Run,
    /// Its folder.
    pub folder: PathBuf,
}

/// Runs the jobs of a plan, shows the progress, and writes the reports.
///
/// # Errors
/// When the results cannot be written.
pub(in crate::commands) async fn carry_out(
    context: &Context,
    request: &RunRequest,
    planned: PlannedRun,
    checkpoints: Arc<Checkpoints>,
    output: Output,
) -> Result<Carried, Failure> {
    let PlannedRun {
        jobs,
        health,
        store,
        secrets,
    } = planned;
    clear_killed_runs(&output.results, context.talk());
    let now = OffsetDateTime::now_utc();
    let started = now.format(&Rfc3339).unwrap_or_default();
    let folder = match output.standing {
        Standing::Newest => RunFolder::create(&output.results, now),
        Standing::Aside => RunFolder::create_aside(&output.results, now),
    };
    let folder = folder.map_err(|error| {
        Failure::error(chain(&error))
            .hint("make it writable, make room there, or give another folder with --results")
    })?;
    let usual = results_folder(&context.root_or_here(), None);
    let folder = folder.usual(output.standing == Standing::Newest && output.results == usual);
    // The address of the screen must be printed, even with `--quiet`.
    let stays = jobs.iter().any(|job| job.inspection.stays.is_some());
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
    let display = match output.format {
        Format::Json => Display::Json,
        Format::Text if context.quiet() && !stays => Display::Quiet,
        Format::Text => Display::for_stderr(context.colour_on_stderr(), output.pictures),
    };
    let folders = Folders {
        run: folder.path().to_owned(),
        shown: report::shown(folder.path()),
        results: output.results.clone(),
    };
    let shown = progress::show(display, folders, &feed);
    let following = (output.purpose == Purpose::Look).then(|| {
        let page = folder.path().join("report.html");
        context.say(&format!("the page {} follows", report::shown(&page)));
        follow(&feed, page)
    });
    let policy = policy(request, &jobs);
    let rules = Rules {
        flaky: request.flaky,
        confirm: policy.confirm,
        repeats: policy.repeats(),
        attempts: (policy.repeats() && !policy.until_fail).then_some(policy.repeat),
    };
    let matrix = match &request.selection.among {
        Among::Matrix(matrix) => Some(matrix.clone()),
        Among::Project | Among::ResultOf { .. } => None,
    };
    recorder.record(run_started(
        &folder,
        &started,
        matrix,
        health.iter().chain(&jobs),
        rules,
        host,
    ));
    let engine = Arc::new(Engine {
        machines: Machines::Qemu,
        store,
        recorder: recorder.clone(),
        folder: folder.clone(),
        cancel: cancel.clone(),
        deadline_scale: request.deadline_scale.map(f64::from),
        checkpoints,
        durations: Mutex::new(durations()),
        policy,
        keep: keeps_failed(request).then(|| KeptMachines::of_run(folder.name(), &started)),
        interactive: is_interactive(),
        settled: Settled::default(),
        boards: BoardChecks::new(health, boards_folder().ok()),
    });
    engine.run(&jobs).await;
    // A board must be off before this process ends, also after Ctrl-C.
    vm::board::all_returned().await;
    {
        let durations = engine.durations.lock();
        // These are only estimates for `--plan`, so an error is ignored.
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
        scenarios: None,
    });
    let ended = feed.entries();
    ended[entries.len()..]
        .iter()
        .for_each(|entry| fold.take(entry));
    let broken = feed.broken();
    feed.close();
    // The display ends with the feed. A panic in it must not change the verdict.
    let _ = shown.await;
    if let Some(following) = following {
        let _ = following.await; // As above.
    }
    let judged = fold.into_run(OpenEnd::CutShort);
    // A log with a gap is no log of this run.
    let earlier = match broken {
        None => take_into_history(&output.results, &folder, &judged, context.talk()),
        Some(_) => Earlier::default(),
    };
    let written = report::write_unless_stopped(folder.path(), &judged, earlier, cancel).await;
    let mut unsaid = None;
    if output.format == Format::Text && output.purpose == Purpose::Verdicts {
        let paths = written.as_ref().ok();
        let colour = context.colour_on_stdout();
        let summary = report::summary(&judged, colour, paths);
        if !(context.quiet() && exit == ExitStatus::Success) {
            unsaid = print_painted(summary.trim_end(), colour).err();
        }
    }
    if let Some(error) = broken {
        return Err(Failure::error(format!(
            "the event log is not complete: {error}"
        )));
    }
    written?;
    // If the result could not be printed, the run is not a success. Any other status is more important.
    match unsaid {
        Some(failure) if exit == ExitStatus::Success => Err(failure),
        Some(_) | None => Ok(Carried {
            exit,
            run: judged,
            folder: folder.path().to_owned(),
        }),
    }
}

/// Returns the durations of stages in earlier runs; empty without a cache folder.
pub(super) fn durations() -> Durations {
    cache_folder().map_or_else(|_| Durations::default(), |cache| Durations::load(&cache))
}

fn keeps_failed(request: &RunRequest) -> bool {
    match request.checkpoints {
        CheckpointUse::On { keep_failed, .. } => keep_failed,
        CheckpointUse::Off => false,
    }
}

/// The largest number of attempts with `--until-fail`, unless the call has a number.
const MOST_ATTEMPTS: u32 = u32::MAX >> 12;

fn policy(request: &RunRequest, jobs: &[Arc<Job>]) -> Policy {
    let (retries, repeat, until_fail) = match &request.extent {
        Extent::Part(_) => (0, 1, false),
        Extent::Whole(Tries::Retry(retries)) => (*retries, 1, false),
        Extent::Whole(Tries::Repeat(times)) => (0, u32::from(*times), false),
        Extent::Whole(Tries::UntilFailure(times)) => {
            (0, times.map_or(MOST_ATTEMPTS, u32::from), true)
        }
    };
    let slots = match request.at_once {
        Some(count) => usize::try_from(u32::from(count)).unwrap_or(1),
        None => Budget::of_host().slots(jobs.iter().map(|job| &job.machine)),
    };
    Policy {
        trust: request.trust(),
        confirm: request.confirm,
        retries,
        repeat,
        until_fail,
        slots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Count, Part, Selection, Trust};

    fn request(extent: Extent) -> RunRequest {
        let selection = Selection {
            scenarios: Vec::new(),
            among: Among::Project,
            image: None,
            machine: None,
        };
        RunRequest {
            at_once: Some(Count::try_from(3).expect("a count")),
            ..RunRequest::for_person(selection, extent)
        }
    }

    #[test]
    fn the_engine_tries_scenarios_as_often_as_the_request_says() {
        let count = |number| Count::try_from(number).expect("a count");
        let part = Part::Until("3".parse().expect("a step"));
        for (extent, expected) in [
            (Extent::Whole(Tries::Retry(2)), (2, 1, false)),
            (Extent::Whole(Tries::Repeat(count(5))), (0, 5, false)),
            (
                Extent::Whole(Tries::UntilFailure(Some(count(5)))),
                (0, 5, true),
            ),
            (
                Extent::Whole(Tries::UntilFailure(None)),
                (0, MOST_ATTEMPTS, true),
            ),
            (Extent::Part(part), (0, 1, false)),
        ] {
            let policy = policy(&request(extent.clone()), &[]);
            let found = (policy.retries, policy.repeat, policy.until_fail);
            assert_eq!(found, expected, "{extent:?}");
            assert_eq!((policy.slots, policy.trust), (3, Trust::AnyRun));
        }
    }

    #[test]
    fn a_machine_is_kept_where_the_request_says_so() {
        let mut request = request(Extent::Whole(Tries::Retry(0)));
        assert!(!keeps_failed(&request));
        request.checkpoints = CheckpointUse::On {
            trust: Trust::ThisRun,
            keep_failed: true,
        };
        assert!(keeps_failed(&request));
        request.checkpoints = CheckpointUse::Off;
        assert!(!keeps_failed(&request));
    }
}
