//! Writes `qa.yaml`, the scenarios and the report.

mod hardware;
mod matrices;
mod names;
mod plan;
mod project_file;
mod scenario_files;

use std::collections::{BTreeMap, BTreeSet};

use super::report::ImportReport;
use super::schedule::Tree;
use super::settings::TAKEN;
use super::steps::Entry;
use hardware::Hardware;
use matrices::matrices;
use names::names;
pub(super) use plan::Plan;
use project_file::project_file;
use scenario_files::scenario_files;

/// Returns the files of the project.
pub(in crate::openqa) fn assemble(
    plan: &Plan,
    report: &mut ImportReport,
) -> BTreeMap<String, String> {
    let mut tree = Tree::default();
    let flags = |name: &str| {
        plan.modules
            .get(name)
            .map(|(_, module)| module.flags)
            .unwrap_or_default()
    };
    let mut nodes_of_jobs = Vec::new();
    for (index, modules) in plan.scheduled.iter().enumerate() {
        let suite = plan
            .jobs
            .jobs
            .get(index)
            .map_or("all", |job| job.suite.as_str());
        nodes_of_jobs.push(tree.add(suite, modules, &flags));
    }
    let scheduled: BTreeSet<String> = tree.nodes.iter().map(|node| node.module.clone()).collect();
    let unscheduled = plan
        .modules
        .keys()
        .filter(|name| !scheduled.contains(*name));
    for module in unscheduled {
        report.problems.push(format!(
            "tests/{module}.pm:1: no job runs it; it starts at power-on"
        ));
        tree.add("", std::slice::from_ref(module), &flags);
    }
    for module in &tree.cut {
        report.problems.push(format!(
            "tests/{module}.pm:1: too far down its chain; it starts at power-on"
        ));
    }
    let names = names(&tree, plan);
    let hardware = Hardware::of(plan, report);
    let mut files = scenario_files(
        plan,
        &tree,
        &names,
        &hardware.image_of_node(&nodes_of_jobs),
        report,
    );
    let matrices = matrices(plan, &hardware, &nodes_of_jobs, &names);
    report.matrices = matrices.len();
    report.jobs = plan.jobs.jobs.len();
    report.groups = plan.jobs.groups;
    files.insert(
        "qa.yaml".to_owned(),
        project_file(plan, &hardware, &matrices, report),
    );
    numbers(plan, report);
    files.insert("IMPORT.md".to_owned(), report.whole());
    files
}

/// Counts what was told, and collects what was not.
fn numbers(plan: &Plan, report: &mut ImportReport) {
    for (_, module) in plan.modules.values() {
        report.told += module.tally.told;
        report.left += module.tally.left;
        let before = report.todos.len();
        collect(&module.entries, &mut report.todos);
        report.whole_modules += usize::from(report.todos.len() == before);
    }
    let bases: BTreeSet<&String> = plan
        .modules
        .values()
        .filter_map(|(_, module)| module.base.as_ref())
        .collect();
    for (class, hook, place) in &plan.hooks {
        if bases.contains(class) {
            report.problems.push(format!(
                "{place}: openQA runs `{hook}` with each module of `{class}`"
            ));
        }
    }
    let used = |name: &str| {
        TAKEN.contains(&name)
            || plan.uses.vars.contains_key(name)
            || name.starts_with("GENERAL_HW_")
    };
    for job in &plan.jobs.jobs {
        for name in job.settings.keys().filter(|name| !used(name)) {
            *report.settings.entry(name.clone()).or_default() += 1;
        }
    }
}

fn collect(entries: &[Entry], todos: &mut Vec<(String, String, Option<String>)>) {
    for entry in entries {
        match entry {
            Entry::Step(step) => collect(step.steps.as_deref().unwrap_or_default(), todos),
            Entry::Comment(_) => {}
            Entry::Todo(todo) => {
                let source = todo.source.first().cloned().unwrap_or_default();
                todos.push((
                    format!("{}:{}", todo.file, todo.line),
                    source,
                    todo.reason.clone(),
                ));
            }
        }
    }
}
