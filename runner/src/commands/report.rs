//! `qa report`: makes every report of a run from its event log alone.

mod export;
mod export_bundle;
mod export_video;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use reports::console::SummaryStyle;
use reports::{Earlier, ExitStatus, Run};

use crate::bundle::{is_bundle, unpack};
use crate::cancel::Cancel;
use crate::cli::{ReportArgs, ReportFormat};
use crate::commands::context::Context;
use crate::commands::print::{print, print_as_it_is, print_painted};
use crate::earlier_runs;
use crate::failure::{Failure, chain};
use crate::history::History;
use crate::progress::Size;
use crate::results::goes_on;
use export::{Source, export};

/// The columns of a summary that does not go to a terminal.
const WIDTH: usize = 100;

/// The paths of the written reports.
#[derive(Debug)]
pub(super) struct ReportPaths {
    /// The page for people.
    pub html: PathBuf,
    /// The file for CI.
    pub junit: PathBuf,
}

/// Runs `qa report`.
///
/// # Errors
/// When there is no run, or its log cannot be read.
pub(super) fn report(context: &Context, args: ReportArgs) -> Result<ExitStatus, Failure> {
    if args.export.scenario.is_some() && !args.export.wants_file() {
        return Err(Failure::usage(
            "`--scenario` says what a file is made of, and no file is wanted",
        )
        .hint("add `--bundle FILE`, `--video FILE` or `--trace FILE`"));
    }
    let folder = folder(context, args.run)?;
    let file = folder.join("events.jsonl");
    // This is asked before the log is read: if the run ends in between, the log has its end.
    let goes_on = goes_on(&folder);
    let bytes = fs::read(&file).map_err(|error| {
        Failure::usage(format!("`{}` cannot be read: {error}", file.display()))
            .hint("name the folder of a run: it contains `events.jsonl`")
    })?;
    // The text of the error contains that of its source already.
    let log = reports::read_log(&bytes)
        .map_err(|error| Failure::error(format!("`{}`: {error}", file.display())))?;
    if let Some(line) = log.torn_line.filter(|_| !goes_on) {
        context.say(&format!(
            "line {line} of the event log, the last one, is not complete: the run was killed while it wrote this line"
        ));
    }
    let run = match goes_on {
        true => Run::so_far(&log.entries),
        false => Run::of(&log.entries),
    };
    if args.export.wants_file() {
        let source = Source {
            folder: &folder,
            log: &log,
            run: &run,
        };
        return export(context, source, &args.export);
    }
    let mut earlier = earlier(&folder, &run);
    if let Some(other) = &args.against {
        earlier.baselines = earlier_runs::of_run(&folder, &run, other)?;
    }
    let paths = write(&folder, &run, &earlier)?;
    match args.format {
        ReportFormat::Text => {
            let colour = context.colour_on_stdout();
            let summary = summary(&run, colour, Some(&paths));
            print_painted(summary.trim_end(), colour)?;
        }
        ReportFormat::Github => for_github(&run, &paths, &context.root_or_here())?,
        ReportFormat::Gitlab => {
            let report = shown(&paths.html);
            let style = SummaryStyle {
                colour: context.colour_on_stdout(),
                width: WIDTH,
                rows: None,
                report: Some(&report),
            };
            print_as_it_is(reports::gitlab(&run, style).trim_end())?;
        }
        ReportFormat::Json => {
            let document = reports::json(&run, &folder.to_string_lossy());
            let document = document.map_err(|error| Failure::error(chain(&error)))?;
            print(document.trim_end())?;
        }
        ReportFormat::Tap => print(reports::tap(&run, &seen_from_checkout(&folder)).trim_end())?,
    }
    Ok(ExitStatus::Success)
}

/// Returns the folder of the run. A bundle is unpacked first.
fn folder(context: &Context, named: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let named = named.unwrap_or_else(|| context.root_or_here().join("qa-results/latest"));
    // The folder of the run, not the link: `latest` may point to another run later.
    let path = named.canonicalize().map_err(|error| {
        Failure::usage(format!("there is no run at `{}`: {error}", named.display()))
            .hint("name the folder of a run, such as qa-results/latest; `qa run` makes a run")
    })?;
    if path.is_dir() {
        return Ok(path);
    }
    if !is_bundle(&path) {
        return Err(Failure::usage(format!(
            "`{}` is neither the folder of a run nor a bundle",
            named.display()
        ))
        .hint("name the folder of a run, or a file that `qa report --bundle` has made"));
    }
    let folder = unpack(&path).map_err(|error| {
        Failure::usage(format!("`{}`: {error}", named.display()))
            .hint("copy the bundle into a folder that you may write to, and try again")
    })?;
    context.say(&format!("the bundle is unpacked in `{}`", shown(&folder)));
    Ok(folder)
}

/// Returns what earlier runs tell of the scenarios, if the folder of the run is among the results of a project. Without
/// an answer of the history, nothing is told.
fn earlier(folder: &Path, run: &Run) -> Earlier {
    let results = folder.parent().filter(|results| is_results_folder(results));
    let Some(results) = results else {
        return Earlier::default();
    };
    let answer = History::ask(results, |history| {
        earlier_runs::earlier(history, folder, run)
    });
    answer.map_or_else(|_| Earlier::default(), |answer| answer.value)
}

/// Returns whether runs write their results here. A folder into which somebody copied a run gets no history.
fn is_results_folder(folder: &Path) -> bool {
    let latest = folder.join("latest").symlink_metadata();
    History::file(folder).exists() || latest.is_ok_and(|latest| latest.is_symlink())
}

/// Prints annotations, and adds the summary of the job to the file that GitHub names.
fn for_github(run: &Run, paths: &ReportPaths, project: &Path) -> Result<(), Failure> {
    let annotations = reports::github_annotations(run, &below_checkout(project));
    if !annotations.is_empty() {
        print(annotations.trim_end())?;
    }
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return Ok(());
    };
    let summary = reports::github_summary(run, &shown(&paths.html));
    let file = PathBuf::from(file);
    let opened = fs::OpenOptions::new().create(true).append(true).open(&file);
    let written = opened.and_then(|mut file| file.write_all(summary.as_bytes()));
    written.map_err(|error| {
        Failure::error(format!(
            "the summary of the job cannot be written to `{}`: {error}",
            file.display()
        ))
    })
}

/// Returns the folder of the project relative to the checkout; empty if they are the same.
fn below_checkout(project: &Path) -> String {
    let checkout = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let place = |checkout: PathBuf| {
        let (project, checkout) = (project.canonicalize().ok()?, checkout.canonicalize().ok()?);
        let below = project.strip_prefix(checkout).ok()?;
        Some(below.to_string_lossy().into_owned())
    };
    checkout.and_then(place).unwrap_or_default()
}

/// Writes every report of a run into its folder, with what earlier runs tell.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn write(folder: &Path, run: &Run, earlier: &Earlier) -> Result<ReportPaths, Failure> {
    let paths = ReportPaths {
        html: folder.join("report.html"),
        junit: folder.join("junit.xml"),
    };
    let page = reports::html(run, earlier).map_err(|error| Failure::error(chain(&error)))?;
    let junit = reports::junit(run, &seen_from_checkout(folder));
    for (path, text) in [(&paths.html, page), (&paths.junit, junit)] {
        replace(path, &text).map_err(|error| {
            Failure::error(format!("`{}` cannot be written: {error}", path.display()))
                .hint("make room there, then `qa report` makes the reports from the event log")
        })?;
    }
    Ok(paths)
}

/// Does the same as [`write`], unless the user stops it. Thousands of failures take some time.
///
/// # Errors
/// When a file cannot be written, or the user stops it.
pub(super) async fn write_unless_stopped(
    folder: &Path,
    run: &Run,
    earlier: Earlier,
    mut cancel: Cancel,
) -> Result<ReportPaths, Failure> {
    // If the run was stopped before, its reports are written.
    let was_stopped = cancel.is_requested();
    let (own, run) = (folder.to_owned(), run.clone());
    let writing = tokio::task::spawn_blocking(move || write(&own, &run, &earlier));
    tokio::select! {
        biased;
        written = writing => written
            .map_err(|error| Failure::error(format!("the reports broke off: {error}")))?,
        () = cancel.requested(), if !was_stopped => {
            let stopped = Failure::cancelled("stopped while the reports were written");
            Err(stopped.hint(format!("`qa report {}` writes them", folder.display())))
        }
    }
}

/// Returns the summary of a run, for the terminal.
pub(super) fn summary(run: &Run, colour: bool, paths: Option<&ReportPaths>) -> String {
    let report = paths.map(|paths| shown(&paths.html));
    let size = Size::of_stdout();
    let style = SummaryStyle {
        colour,
        width: size.map_or(WIDTH, |size| size.columns),
        rows: size.map(|size| size.rows),
        report: report.as_deref(),
    };
    reports::console::summary(run, style)
}

/// Replaces a file at once, so that a CI server never reads half of it.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .prefix(".report-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(path)?;
    Ok(())
}

/// Returns the run's folder as a CI server names it: relative to its checkout, or to the current folder, or the whole
/// path.
fn seen_from_checkout(folder: &Path) -> String {
    let bases = ["CI_PROJECT_DIR", "WORKSPACE"]
        .into_iter()
        .filter_map(std::env::var_os)
        .chain(std::env::current_dir().ok().map(OsString::from))
        .map(PathBuf::from);
    relative_to_first(folder, bases)
}

fn relative_to_first(folder: &Path, bases: impl Iterator<Item = PathBuf>) -> String {
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    bases
        .filter_map(|base| base.canonicalize().ok())
        .find_map(|base| whole.strip_prefix(base).ok().map(Path::to_owned))
        .unwrap_or(whole)
        .to_string_lossy()
        .into_owned()
}

/// Returns the shortest form of a path, from the current folder.
pub(in crate::commands) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .or_else(|_| path.strip_prefix("."))
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reports::{Entry, Envelope, Event, FORMAT};

    fn entries() -> Vec<Entry> {
        vec![Entry {
            envelope: Envelope::default(),
            event: Event::RunStarted {
                format: FORMAT,
                version: "0.1.0".into(),
                run: "20261124-020304".into(),
                started: "2026-11-24T02:03:04Z".into(),
                command: vec!["qa".into(), "run".into()],
                hosts: Vec::new(),
                matrix: None,
                scenarios: Vec::new(),
                rules: reports::Rules::default(),
            },
        }]
    }

    #[test]
    fn reports_replace_older_ones_and_leave_nothing_else() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        fs::write(dir.path().join("junit.xml"), "old").expect("a file");
        let paths = write(dir.path(), &Run::of(&entries()), &Earlier::default()).expect("reports");
        let junit = fs::read_to_string(&paths.junit).expect("the file");
        assert!(junit.starts_with("<?xml"), "{junit}");
        assert!(
            fs::read_to_string(&paths.html)
                .expect("the page")
                .contains("</html>")
        );
        let names = fs::read_dir(dir.path()).expect("a folder").count();
        assert_eq!(names, 2);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let missing = Path::new("/nowhere/at/all");
        let failure =
            write(missing, &Run::of(&entries()), &Earlier::default()).expect_err("no folder");
        let text = failure.to_string();
        assert!(
            text.contains("`/nowhere/at/all/report.html` cannot be written"),
            "{text}"
        );
        assert!(text.contains("next: "), "{text}");
    }

    #[test]
    fn attachments_are_named_from_the_first_checkout_that_holds_the_run() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let root = dir.path().canonicalize().expect("a path");
        let run = root.join("checkout/qa-results/1");
        fs::create_dir_all(&run).expect("folders");
        let bases = || [root.join("elsewhere"), root.join("checkout"), root.clone()].into_iter();
        assert_eq!(relative_to_first(&run, bases()), "qa-results/1");
        let outside = relative_to_first(&run, std::iter::empty());
        assert_eq!(Path::new(&outside), run);
    }

    #[test]
    fn the_summary_ends_with_where_the_report_is() {
        let paths = ReportPaths {
            html: "/x/report.html".into(),
            junit: "/x/junit.xml".into(),
        };
        let text = summary(&Run::of(&entries()), false, Some(&paths));
        assert!(text.ends_with("report: /x/report.html\n"), "{text}");
    }
}
