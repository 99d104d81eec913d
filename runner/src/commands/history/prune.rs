//! `qa history prune`: removes the folders of old runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use reports::{ExitStatus, human_size};
use scenarios::Retention;

use super::ask::{ask, results, say_empty};
use crate::cli::PruneArgs;
use crate::commands::context::Context;
use crate::commands::print::print;
use crate::failure::{Failure, chain};
use crate::history::{
    Beginning, Candidate, Cell, CellRun, Decision, Hold, Limits, RunHere, Turn, decide, runs_in,
};
use crate::results::{bytes_on_disk, goes_on, latest, remove_run};

/// Runs `qa history prune`.
///
/// # Errors
/// When there is no limit, and when the results folder cannot be read.
pub(super) fn prune(context: &Context, args: &PruneArgs) -> Result<ExitStatus, Failure> {
    let limits = limits(context, args)?;
    let results = results(context, args.results.as_deref());
    let cells = ask(context, &results, crate::history::History::cells)?;
    let runs = runs_in(&results).map_err(|error| Failure::error(chain(&error)))?;
    if runs.is_empty() {
        say_empty(context, &results);
        return Ok(ExitStatus::Success);
    }
    let candidates = candidates(&results, runs, &cells);
    let decision = decide(candidates, &limits, now());
    let outcome = match args.dry_run {
        true => Removed::none_of(&decision),
        false => remove(&results, &decision, print)?,
    };
    tell(context, args, &decision, &outcome)?;
    if !args.dry_run {
        // The runs are gone from the history, too.
        ask(context, &results, |_| Ok(()))?;
    }
    Ok(match outcome.failed {
        0 => ExitStatus::Success,
        _ => ExitStatus::Error,
    })
}

/// Returns the limits of a call, else those of the project.
///
/// # Errors
/// When there is none.
fn limits(context: &Context, args: &PruneArgs) -> Result<Limits, Failure> {
    if args.keep_days.is_some() || args.keep_runs.is_some() || args.max_size.is_some() {
        return Ok(Limits {
            keep_days: args.keep_days,
            keep_runs: args.keep_runs.map(number),
            max_bytes: args.max_size,
        });
    }
    let project = context.load_project()?;
    let written = project.file.as_ref().and_then(|file| file.results.as_ref());
    written.map(limits_of).ok_or_else(|| {
        Failure::usage("nothing says which runs stay")
            .hint("give --keep-days, --keep-runs or --max-size, or write `results:` in qa.yaml")
    })
}

/// Returns the limits that a project file sets.
fn limits_of(written: &Retention) -> Limits {
    Limits {
        keep_days: written.keep_days,
        keep_runs: written.keep_runs.map(number),
        max_bytes: written.max_size_mib.map(|mib| mib.saturating_mul(1 << 20)),
    }
}

fn number(runs: u32) -> usize {
    usize::try_from(runs).unwrap_or(usize::MAX)
}

/// Removes the runs that a project file does not keep, after a run has ended. What goes wrong is only said: it says
/// nothing about the system under test.
pub(in crate::commands) fn prune_after_run(context: &Context, results: &Path, kept: &Retention) {
    let removed = removed_after_run(context, results, &limits_of(kept));
    match removed {
        Ok(removed) if removed.runs == 0 && removed.failed == 0 => {}
        Ok(removed) => {
            let failed = match removed.failed {
                0 => String::new(),
                failed => format!("; {failed} could not be removed, `qa history prune` says why"),
            };
            let runs = match removed.runs {
                1 => "1 old run was removed".to_owned(),
                runs => format!("{runs} old runs were removed"),
            };
            let size = human_size(removed.bytes);
            context.say(&format!(
                "{runs} ({size}, `results` in {}){failed}",
                kept.at.file()
            ));
        }
        Err(failure) => context.say(&format!("old runs were not removed: {failure}")),
    }
}

fn removed_after_run(
    context: &Context,
    results: &Path,
    limits: &Limits,
) -> Result<Removed, Failure> {
    let cells = ask(context, results, crate::history::History::cells)?;
    let runs = runs_in(results).map_err(|error| Failure::error(chain(&error)))?;
    let decision = decide(candidates(results, runs, &cells), limits, now());
    let removed = remove(results, &decision, |_| Ok(()))?;
    if removed.runs > 0 {
        // The runs are gone from the history, too.
        ask(context, results, |_| Ok(()))?;
    }
    Ok(removed)
}

/// The result of a removal.
#[derive(Debug, Default)]
struct Removed {
    runs: usize,
    bytes: u64,
    failed: usize,
}

impl Removed {
    /// Returns the result of a removal that only shows what it would do.
    fn none_of(decision: &Decision) -> Self {
        let bytes = decision.removed.iter().map(|run| run.bytes);
        Self {
            runs: decision.removed.len(),
            bytes: bytes.fold(0, u64::saturating_add),
            failed: 0,
        }
    }
}

/// Returns the time in nanoseconds since 1970.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_nanos()).unwrap_or(i64::MAX))
}

fn candidates(
    results: &Path,
    runs: Vec<RunHere>,
    cells: &BTreeMap<Cell, Vec<CellRun>>,
) -> Vec<Candidate> {
    let mut holds = holds(cells);
    let latest = latest(results);
    let candidate = |run: RunHere| {
        let folder = results.join(&run.name);
        let mut own = Vec::new();
        if run.goes_on {
            own.push(Hold::GoesOn);
        }
        if latest.is_some() && latest == folder.canonicalize().ok() {
            own.push(Hold::Latest);
        }
        if run.beginning.is_too_new {
            own.push(Hold::NotReadable);
        }
        own.extend(holds.remove(&run.name).unwrap_or_default());
        Candidate {
            began: run.beginning.began,
            bytes: bytes_on_disk(&folder),
            holds: own,
            run: run.name,
        }
    };
    runs.into_iter().map(candidate).collect()
}

/// Returns the runs that tell when a cell broke, by the names of their folders.
fn holds(cells: &BTreeMap<Cell, Vec<CellRun>>) -> BTreeMap<String, Vec<Hold>> {
    let mut holds: BTreeMap<String, Vec<Hold>> = BTreeMap::new();
    for (cell, runs) in cells {
        let turn = Turn::of(runs);
        let name = || cell.as_str().to_owned();
        if let Some(run) = turn.last_held {
            holds
                .entry(run.run.clone())
                .or_default()
                .push(Hold::LastGood(name()));
        }
        if let Some(run) = turn.first_bad {
            holds
                .entry(run.run.clone())
                .or_default()
                .push(Hold::FirstBad(name()));
        }
    }
    holds
}

/// Removes runs, the oldest first, and tells each. One that cannot be removed does not stop the others.
fn remove(
    results: &Path,
    decision: &Decision,
    tell: impl Fn(&str) -> Result<(), Failure>,
) -> Result<Removed, Failure> {
    let mut removed = Removed::default();
    for run in &decision.removed {
        let folder = results.join(&run.run);
        // It may have changed since it was looked at.
        if goes_on(&folder) || Beginning::of(&folder).is_none() {
            continue;
        }
        match remove_run(&folder) {
            Ok(()) => {
                removed.runs += 1;
                removed.bytes = removed.bytes.saturating_add(run.bytes);
                tell(&format!("removed  {}  {}", run.run, human_size(run.bytes)))?;
            }
            Err(error) => {
                removed.failed += 1;
                tell(&format!("failed   {}: {error}", run.run))?;
            }
        }
    }
    Ok(removed)
}

/// Tells what was removed and what stays, and why.
fn tell(
    context: &Context,
    args: &PruneArgs,
    decision: &Decision,
    outcome: &Removed,
) -> Result<(), Failure> {
    if args.dry_run {
        for run in &decision.removed {
            let size = human_size(run.bytes);
            print(&format!("would remove  {}  {size}", run.run))?;
        }
    }
    let width = if args.dry_run {
        "would remove".len()
    } else {
        "removed".len()
    };
    for run in &decision.held {
        let size = human_size(run.bytes);
        print(&format!(
            "{:<width$}  {}  {size}: {}",
            "kept",
            run.run,
            reasons(&run.holds)
        ))?;
    }
    let kept = decision.within + decision.held.len();
    let what = if args.dry_run {
        "would be removed"
    } else {
        "removed"
    };
    context.say(&format!(
        "{} {what}, {}; {kept} kept",
        outcome.runs,
        human_size(outcome.bytes),
    ));
    Ok(())
}

/// Returns the reasons why a run stays, in words. Of many cells, one is named.
fn reasons(holds: &[Hold]) -> String {
    let mut words = Vec::new();
    let (mut good, mut bad) = (0, 0);
    for hold in holds {
        match hold {
            Hold::GoesOn | Hold::Latest | Hold::NotReadable => words.push(hold.to_string()),
            Hold::LastGood(_) => {
                good += 1;
                if good == 1 {
                    words.push(hold.to_string());
                }
            }
            Hold::FirstBad(_) => {
                bad += 1;
                if bad == 1 {
                    words.push(hold.to_string());
                }
            }
        }
    }
    let mut text = words.join("; ");
    let more = (good + bad) - usize::from(good > 0) - usize::from(bad > 0);
    match more {
        0 => {}
        1 => text.push_str("; and so for another cell"),
        more => text.push_str(&format!("; and so for {more} other cells")),
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_cells_one_is_named() {
        let good = |cell: &str| Hold::LastGood(cell.into());
        let bad = |cell: &str| Hold::FirstBad(cell.into());
        for (holds, expected) in [
            (vec![Hold::GoesOn], "it goes on"),
            (
                vec![Hold::Latest, good("a")],
                "`latest` leads to it; the last good run of `a`",
            ),
            (
                vec![good("a"), bad("b")],
                "the last good run of `a`; the first bad run of `b`",
            ),
            (
                vec![good("a"), good("b")],
                "the last good run of `a`; and so for another cell",
            ),
            (
                vec![good("a"), good("b"), bad("c"), bad("d")],
                "the last good run of `a`; the first bad run of `c`; and so for 2 other cells",
            ),
        ] {
            assert_eq!(reasons(&holds), expected);
        }
    }
}
