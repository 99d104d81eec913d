//! `qa list`: scenarios, images, machines and matrices; or what a matrix runs.

mod matrix;

use reports::ExitStatus;
use scenarios::{ImageSource, Library, Machine};
use serde_json::json;

use crate::cli::{Format, ListArgs};
use crate::commands::columns::print_columns;
use crate::commands::context::Context;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;

/// Runs `qa list`.
///
/// # Errors
/// When the project cannot be read, and what is wrong with the matrix that is named.
pub(super) fn list(context: &Context, args: &ListArgs) -> Result<ExitStatus, Failure> {
    let project = context.load_project()?;
    let (library, findings) = project.library(&[])?;
    if let Some(name) = &args.matrix {
        matrix::list(args.format, &project, &library, name)?;
    } else {
        match args.format {
            Format::Json => for_programs(project.file.as_ref(), &library)?,
            Format::Text => for_people(project.file.as_ref(), &library)?,
        }
    }
    if args.format == Format::Text && findings.iter().any(scenarios::Diagnostic::is_error) {
        print("some files have errors in them: `qa check` shows them")?;
    }
    Ok(ExitStatus::Success)
}

fn for_programs(project: Option<&scenarios::Project>, library: &Library) -> Result<(), Failure> {
    for scenario in library.scenarios() {
        print_json(&json!({
            "kind": "scenario", "name": scenario.name, "title": scenario.title,
            "after": scenario.after.as_ref().map(|after| &after.value),
            "image": scenario.image.as_ref().map(|image| &image.value),
            "file": scenario.source.path(),
        }))?;
    }
    for image in project.iter().flat_map(|file| file.images.values()) {
        print_json(&json!({
            "kind": "image", "name": image.name, "title": image.title,
            "machine": image.machine.as_ref().map(|machine| &machine.value),
        }))?;
    }
    for name in machine_names(project) {
        print_json(&json!({ "kind": "machine", "name": name }))?;
    }
    for matrix in project.iter().flat_map(|file| &file.matrix) {
        print_json(&json!({ "kind": "matrix", "name": matrix.name, "title": matrix.title }))?;
    }
    Ok(())
}

/// The spaces before a name under its heading.
const INDENT: usize = 2;

fn for_people(project: Option<&scenarios::Project>, library: &Library) -> Result<(), Failure> {
    print("scenarios")?;
    let scenarios = library.scenarios().map(|scenario| {
        let after = match &scenario.after {
            Some(after) => format!("  (after {})", after.value),
            None => String::new(),
        };
        let title = scenario.title.as_deref().unwrap_or("");
        (scenario.name.clone(), format!("{title}{after}"))
    });
    print_columns(INDENT, &scenarios.collect::<Vec<_>>())?;
    print("images")?;
    let images = project.iter().flat_map(|file| file.images.values());
    let images = images.map(|image| {
        let source = match &image.source {
            ImageSource::Recipe(recipe) => format!("recipe {recipe}"),
            ImageSource::File { path, .. } => path.clone(),
            ImageSource::KernelOnly => "a kernel".to_owned(),
        };
        (image.name.clone(), source)
    });
    print_columns(INDENT, &images.collect::<Vec<_>>())?;
    print("machines")?;
    let machines = machine_names(project).into_iter();
    let machines = machines.map(|name| (name.to_owned(), String::new()));
    print_columns(INDENT, &machines.collect::<Vec<_>>())?;
    let matrices = project.map_or(&[][..], |file| &file.matrix);
    if !matrices.is_empty() {
        print("matrices")?;
    }
    let matrices = matrices.iter().map(|matrix| {
        let title = matrix.title.clone().unwrap_or_default();
        (matrix.name.clone(), title)
    });
    print_columns(INDENT, &matrices.collect::<Vec<_>>())
}

fn machine_names(project: Option<&scenarios::Project>) -> Vec<&str> {
    let own = project
        .into_iter()
        .flat_map(|file| file.machines.keys().map(String::as_str));
    own.chain(Machine::PRESETS.iter().copied()).collect()
}
