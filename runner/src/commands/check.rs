//! `qa check`: finds mistakes in scenarios, needles and the project file before a machine boots.

mod brief;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use needles::Needle;
use rayon::prelude::*;
use reports::ExitStatus;
use scenarios::{Code, Diagnostic, Image, ImageSource, Severity};
use serde_json::json;
use vm::image::probe;

use crate::board_findings::board_findings;
use crate::cli::{CheckArgs, Format};
use crate::commands::context::Context;
use crate::commands::print::{print, print_json, print_painted};
use crate::failure::{Failure, render};
use crate::needle_store::{Fitness, NeedleStore};
use crate::project::{needle_facts, shown_from_here};
use crate::recipes::find_recipe;
use crate::today::today;

/// Runs `qa check`.
///
/// # Errors
/// When the project cannot be read at all.
pub(super) fn check(context: &Context, args: &CheckArgs) -> Result<ExitStatus, Failure> {
    if context.root().is_none() {
        return Err(
            Failure::usage("there is no project here: no qa.yaml in this folder or above")
                .hint("go to the project, or name its folder with --project"),
        );
    }
    let project = context.load_project()?;
    let (library, mut findings) = project.library(&[])?;
    let store = project.needles();
    let linted = scenarios::lint_and_use(project.file.as_ref(), &library, &needle_facts(&store));
    findings.extend(linted.findings);
    if let Some(file) = &project.file {
        let is_cd = |image: &Image| is_cd(&project.root, image);
        findings.extend(scenarios::check_drives(file, &library, is_cd));
    }
    if let Some(today) = today() {
        findings.extend(scenarios::expired(&library, today));
    }
    findings.extend(board_findings(&project));
    findings.extend(needle_findings(&store, &linted.unused));
    scenarios::sort(&mut findings);
    let count = |severity| findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    match args.format {
        Format::Json => {
            for finding in &findings {
                print_json(&as_json(finding))?;
            }
        }
        Format::Text => {
            if !findings.is_empty() {
                let colour = context.colour_on_stdout();
                let shown = if args.all {
                    findings
                } else {
                    brief::brief(&findings, &linted.unused)
                };
                print_painted(&render(&shown, colour), colour)?;
                print("")?;
            }
            print(&format!(
                "{}, {}: {}, {}",
                counted(library.scenarios().count(), "scenario"),
                counted(store.count() + store.faults().len(), "needle"),
                counted(errors, "error"),
                counted(warnings, "warning"),
            ))?;
        }
    }
    Ok(if errors > 0 || (args.strict && warnings > 0) {
        ExitStatus::Usage
    } else {
        ExitStatus::Success
    })
}

/// Returns a number with its noun: `1 needle`, `2 needles`.
fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        many => format!("{many} {noun}s"),
    }
}

/// Returns true if an image is a CD; none if there is no such recipe or file.
fn is_cd(root: &Path, image: &Image) -> Option<bool> {
    match &image.source {
        ImageSource::Recipe(recipe) => Some(find_recipe(root, recipe).ok()?.is_cd()),
        ImageSource::KernelOnly => None,
        ImageSource::File { path, .. } => Some(probe(&root.join(path)).ok()?.is_cd()),
    }
}

/// Returns the mistakes of needles that only their pictures show. One in a needle of `unused`, which nothing looks for,
/// is a warning.
fn needle_findings(store: &NeedleStore, unused: &BTreeSet<String>) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let mut unreadable = Vec::new();
    let entries: Vec<_> = store.entries().collect();
    // The pictures are not kept in memory, because there may be many.
    let judge = |(needle, path): &(&Arc<Needle>, &Path)| match Fitness::of(needle, path) {
        Fitness::Judged {
            hopeless, doubtful, ..
        } => Ok((hopeless, doubtful)),
        Fitness::NoPicture(message) => Err(message),
    };
    let judged: Vec<_> = entries.par_iter().map(judge).collect();
    for ((needle, path), judged) in entries.into_iter().zip(judged) {
        let file = shown_from_here(path);
        match judged {
            Ok((hopeless, doubtful)) => {
                let graded = hopeless.iter().map(|problem| (problem, Severity::Error));
                let doubtful = doubtful.iter().map(|problem| (problem, Severity::Warning));
                findings.extend(graded.chain(doubtful).map(|(problem, severity)| {
                    let message = format!("needle `{}`: {problem}", needle.name());
                    Diagnostic {
                        severity,
                        ..Diagnostic::about_file(Code::BrokenNeedle, file.clone(), message)
                    }
                }));
            }
            Err(message) => unreadable.push((needle, file, message)),
        }
    }
    // As in a run: the needle is left out if another one has the same tag.
    let is_unreadable = |name: &str| unreadable.iter().any(|(other, ..)| other.name() == name);
    for (needle, file, message) in &unreadable {
        let has_other = |tag: &String| {
            let mut others = store.known().filter(|other| !is_unreadable(other.name));
            others.any(|other| other.tags.contains(tag))
        };
        let mut finding =
            Diagnostic::about_file(Code::BrokenNeedle, file.clone(), message.as_str());
        if !needle.tags().is_empty() && needle.tags().iter().all(has_other) {
            finding.severity = Severity::Warning;
        }
        findings.push(finding);
    }
    for finding in &mut findings {
        if finding
            .file
            .as_ref()
            .is_some_and(|file| unused.contains(file))
        {
            finding.severity = Severity::Warning;
        }
    }
    findings
}

fn as_json(finding: &Diagnostic) -> serde_json::Value {
    json!({
        "severity": finding.severity.name(),
        "code": finding.code.name(),
        "message": finding.message,
        "file": finding.at.as_ref().map(|at| at.file().to_owned()).or_else(|| finding.file.clone()),
        "line": finding.at.as_ref().map(|at| at.line()),
        "column": finding.at.as_ref().map(|at| at.column()),
        "help": finding.help,
    })
}
