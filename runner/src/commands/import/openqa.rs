//! `qa import openqa`: reads a test distribution and writes a project.

use std::fs;
use std::path::Path;

use reports::ExitStatus;
use scenarios::{Distribution, ImportReport, OpenqaFile, import_openqa};
use serde_json::json;

use super::needles;
use crate::cli::{Format, OpenqaArgs};
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::files_below::{files_below, shown};
use crate::seen_from::seen_from;

/// Larger files are no modules, schedules or settings.
const LARGEST: u64 = 1 << 20;

/// Runs `qa import openqa`.
///
/// # Errors
/// When the distribution cannot be read, there is a project already, or the new one cannot be written.
pub(super) fn import(context: &Context, args: &OpenqaArgs) -> Result<ExitStatus, Failure> {
    let is_free = |path: &Path| path.symlink_metadata().is_err();
    if !args.dir.is_dir() {
        return Err(
            Failure::usage(format!("`{}` is no folder", args.dir.display()))
                .hint("name the folder of a test distribution: the one with main.pm and tests/"),
        );
    }
    for file in ["qa.yaml", "IMPORT.md", "scenarios"] {
        let path = args.into.join(file);
        if !is_free(&path) {
            return Err(
                Failure::usage(format!("`{}` exists already", path.display()))
                    .hint("name a folder for the new project with --into"),
            );
        }
    }
    let found = needles::find(args.needles.as_deref().unwrap_or(&args.dir))?;
    let stays = args.keep_needles || is_inside(&args.into, found.folder().as_deref());
    let folder = match found.folder().filter(|_| stays) {
        Some(folder) => seen_from(&args.into, &folder),
        None => "needles".to_owned(),
    };
    if !stays && !is_free(&args.into.join("needles")) {
        let path = args.into.join("needles");
        return Err(
            Failure::usage(format!("`{}` exists already", path.display()))
                .hint("name a folder for the new project with --into"),
        );
    }
    let (files, problems) = read(&args.dir, &found)?;
    let distribution = Distribution {
        files,
        needles: found.tags.clone(),
        needles_folder: folder,
        problems: found.problems.iter().cloned().chain(problems).collect(),
    };
    if !distribution
        .files
        .iter()
        .any(|file| file.path.ends_with(".pm"))
    {
        return Err(Failure::usage(format!(
            "there is no test module (*.pm) below `{}`",
            args.dir.display()
        ))
        .hint("name the folder of a test distribution: the one with main.pm and tests/"));
    }
    let imported = import_openqa(&distribution);
    if found.needles.is_empty() && imported.report.left > imported.report.told {
        context.say("no needles were found: steps that look for one became comments");
        context.say(
            "  next: name their folder with --needles, if they are in a repository of their own",
        );
    }
    for (path, text) in &imported.files {
        write(&args.into.join(path), text)?;
    }
    if !stays {
        found.copy(&args.into.join("needles"))?;
    }
    told(args, &imported.report)
}

/// Prints what came over.
fn told(args: &OpenqaArgs, report: &ImportReport) -> Result<ExitStatus, Failure> {
    let file = args.into.join("IMPORT.md");
    match args.format {
        Format::Text => {
            print(&report.page(&file.display().to_string()))?;
            let into = args.into.display();
            print(&match args.into == Path::new(".") {
                true => "next:      qa check".to_owned(),
                false => format!("next:      qa check --project {into}"),
            })?;
        }
        Format::Json => print_json(&json!({
            "project": args.into, "report": file, "needles": report.needles, "modules": report.modules,
            "whole_modules": report.whole_modules, "scenarios": report.scenarios, "told": report.told,
            "left": report.left, "jobs": report.jobs, "job_groups": report.groups, "machines": report.machines,
            "images": report.images, "matrices": report.matrices, "problems": report.problems,
            "todos": report.todos.iter().map(|(place, source, reason)| json!({
                "at": place, "source": source, "reason": reason,
            })).collect::<Vec<_>>(),
        }))?,
    }
    Ok(ExitStatus::Success)
}

/// Reads the files of a distribution that are not needles. Returns those that were not read as sentences, too.
fn read(
    root: &Path,
    needles: &needles::FoundNeedles,
) -> Result<(Vec<OpenqaFile>, Vec<String>), Failure> {
    let unread = |error: std::io::Error| {
        Failure::usage(format!("`{}` cannot be read: {error}", root.display()))
    };
    let (paths, mut problems) =
        files_below(root, &["pm", "py", "lua", "yaml", "yml", "json"]).map_err(unread)?;
    let mut files = Vec::new();
    for path in paths {
        let name = shown(&path, root);
        let is_hidden = name
            .split('/')
            .any(|part| part.starts_with('.') && part != "..");
        if needles.files.contains(&path) || is_hidden {
            continue;
        }
        let size = fs::metadata(&path).map_or(0, |facts| facts.len());
        if size > LARGEST {
            problems.push(format!(
                "{name}:1: {size} bytes, more than the {LARGEST} that are read"
            ));
            continue;
        }
        match fs::read(&path) {
            Ok(content) => files.push(OpenqaFile {
                path: name,
                content,
            }),
            Err(error) => problems.push(format!("{name}:1: cannot be read: {error}")),
        }
    }
    Ok((files, problems))
}

/// Returns true if the needles are inside of the new project.
fn is_inside(into: &Path, needles: Option<&Path>) -> bool {
    let (Some(needles), Ok(into)) = (needles, into.canonicalize()) else {
        return false;
    };
    needles
        .canonicalize()
        .is_ok_and(|needles| needles.starts_with(into))
}

/// Writes a new file, never over an old one.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::error(format!("cannot write `{}`: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = fs::File::create_new(path).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)
}
