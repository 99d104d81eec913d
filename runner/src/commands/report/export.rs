//! `qa report --bundle`, `--video`, `--trace`: files of a run for others.

use std::io::Write;
use std::path::Path;

use reports::{ExitStatus, Log, Run, Scenario};

use super::export_bundle::bundle;
use super::export_video::video;
use crate::cli::ExportArgs;
use crate::commands::context::Context;
use crate::commands::print::print;
use crate::failure::Failure;

/// The most scenarios that a hint names.
const MOST_NAMES: usize = 10;

/// The run of which files are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'r> {
    /// Its folder.
    pub(super) folder: &'r Path,
    /// Its event log.
    pub(super) log: &'r Log,
    /// The same as reports see it.
    pub(super) run: &'r Run,
}

/// Writes the wanted files, and prints what was written.
///
/// # Errors
/// When there is no such scenario, or a file cannot be made.
pub(super) fn export(
    context: &Context,
    source: Source<'_>,
    args: &ExportArgs,
) -> Result<ExitStatus, Failure> {
    let named = args.scenario.as_deref();
    if let Some(file) = &args.bundle {
        bundle(context, source, scenario(source.run, named)?, file)?;
    }
    if let Some(file) = &args.video {
        video(context, source, scenario(source.run, named)?, file)?;
    }
    if let Some(file) = &args.trace {
        let only = named.map(|_| scenario(source.run, named)).transpose()?;
        trace(source.run, only, file)?;
    }
    Ok(ExitStatus::Success)
}

fn trace(run: &Run, only: Option<&Scenario>, file: &Path) -> Result<(), Failure> {
    let only = only.map(|scenario| scenario.info.name.as_str());
    let text = reports::trace(run, only);
    write_at_once(file, text.as_bytes()).map_err(|error| {
        Failure::error(format!(
            "the trace `{}` cannot be written: {error}",
            file.display()
        ))
    })?;
    print(&format!(
        "trace: {}; open it at ui.perfetto.dev",
        file.display()
    ))
}

/// Replaces a file at once.
fn write_at_once(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().filter(|of| !of.as_os_str().is_empty());
    let mut draft = tempfile::Builder::new()
        .prefix(".trace-")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    draft.write_all(bytes)?;
    draft.persist(file)?;
    Ok(())
}

/// Returns the scenario of this name: its name in the run, or its own name if only one has it. Without a name, it is
/// the only scenario of the run.
fn scenario<'r>(run: &'r Run, named: Option<&str>) -> Result<&'r Scenario, Failure> {
    let all = || run.scenarios.iter();
    let names = || {
        let names: Vec<&str> = all()
            .take(MOST_NAMES)
            .map(|of| of.info.name.as_str())
            .collect();
        let more = match run.scenarios.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("the run has: {}{more}", names.join(", "))
    };
    let Some(name) = named else {
        return match run.scenarios.as_slice() {
            [only] => Ok(only),
            [] => Err(Failure::usage("the run has no scenario")),
            several => Err(Failure::usage(format!(
                "the run has {} scenarios: say which one is meant",
                several.len()
            ))
            .hint("add `--scenario NAME`")
            .hint(names())),
        };
    };
    if let Some(exact) = all().find(|of| of.info.name == name) {
        return Ok(exact);
    }
    let own: Vec<&Scenario> = all().filter(|of| of.info.own_name() == name).collect();
    match own.as_slice() {
        [only] => Ok(only),
        [] => Err(Failure::usage(format!("the run has no scenario `{name}`")).hint(names())),
        several => {
            let names: Vec<&str> = several.iter().map(|of| of.info.name.as_str()).collect();
            Err(Failure::usage(format!(
                "the run has {} results of scenario `{name}`",
                several.len()
            ))
            .hint(format!("name one of them: {}", names.join(", "))))
        }
    }
}
