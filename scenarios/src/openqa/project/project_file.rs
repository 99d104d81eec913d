//! Writes `qa.yaml`.

use std::collections::BTreeMap;

use super::hardware::Hardware;
use super::matrices::{Cells, is_secret};
use super::plan::Plan;
use crate::openqa::report::ImportReport;
use crate::openqa::steps::{comment, scalar};

/// Returns the text of `qa.yaml`.
pub(super) fn project_file(
    plan: &Plan,
    hardware: &Hardware,
    matrices: &BTreeMap<String, Vec<Cells>>,
    report: &mut ImportReport,
) -> String {
    let mut lines = vec![
        "# Made from a test distribution of openQA. IMPORT.md says what came over and what did not.".to_owned(),
        "scenarios: [scenarios]".to_owned(),
        format!("needles: [{}]", scalar(&plan.needles_folder)),
        String::new(),
        "images:".to_owned(),
    ];
    for image in &hardware.images {
        lines.push(format!("  {}:", scalar(&image.name)));
        lines.extend(
            image
                .lines
                .iter()
                .map(|line| format!("    {}", line.replace("{{", "{ {"))),
        );
        if let Some(machine) = hardware.machine_of_image.get(&image.name) {
            lines.push(format!("    machine: {}", scalar(machine)));
        }
    }
    if hardware.images.is_empty() {
        lines.push("  image:".to_owned());
        lines.push("    path: assets/hdd/image.qcow2".to_owned());
        report
            .to_give
            .push("the image in qa.yaml: no job says which one it is".to_owned());
    } else {
        report.to_give.push(format!(
            "the files of the images, such as {}",
            first_path(hardware)
        ));
    }
    if !hardware.machines.is_empty() {
        lines.extend([String::new(), "machines:".to_owned()]);
    }
    for machine in &hardware.machines {
        lines.push(format!("  {}:", scalar(&machine.name)));
        lines.extend(machine.lines.iter().map(|line| format!("    {line}")));
    }
    variables(plan, &mut lines, report);
    if !matrices.is_empty() {
        lines.extend([String::new(), "matrix:".to_owned()]);
    }
    for (name, cells) in matrices {
        lines.push(format!("  {}:", scalar(name)));
        lines.push("    include:".to_owned());
        for cells in cells {
            let scenarios: Vec<String> = cells.scenarios.iter().map(|name| scalar(name)).collect();
            lines.push(format!("      - image: {}", scalar(&cells.image)));
            lines.push(format!("        machine: {}", scalar(&cells.machine)));
            lines.push(format!("        scenario: [{}]", scenarios.join(", ")));
            if !cells.vars.is_empty() {
                let vars = cells
                    .vars
                    .iter()
                    .map(|(name, value)| format!("{}: {}", scalar(name), quoted(value)));
                lines.push(format!(
                    "        vars: {{ {} }}",
                    vars.collect::<Vec<_>>().join(", ")
                ));
            }
        }
    }
    lines.join("\n") + "\n"
}

/// Returns a value that stands for itself, braces and all.
fn quoted(value: &str) -> String {
    scalar(&value.replace("{{", "{{ \"{{\" }}"))
}

fn first_path(hardware: &Hardware) -> String {
    let line = hardware
        .images
        .first()
        .and_then(|image| image.lines.first());
    let path = line
        .and_then(|line| line.split_once(": "))
        .map_or("", |(_, path)| path);
    comment(path)
}

/// Writes `vars:` and `secrets:`.
fn variables(plan: &Plan, lines: &mut Vec<String>, report: &mut ImportReport) {
    let (secrets, vars): (Vec<_>, Vec<_>) =
        plan.uses.vars.iter().partition(|(name, _)| is_secret(name));
    if !vars.is_empty() {
        lines.extend([String::new(), "vars:".to_owned()]);
    }
    for (name, defaults) in vars {
        let usual = match name.as_str() {
            "user" => Some("user"),
            "realname" => Some("Test User"),
            "serialdev" => Some("ttyS0"),
            _ => None,
        };
        let value = usual
            .or(defaults.first().map(String::as_str))
            .unwrap_or_default();
        lines.push(format!("  {}: {}", scalar(name), quoted(value)));
        if defaults.len() > 1 {
            let all: Vec<&str> = defaults.iter().map(String::as_str).collect();
            report.problems.push(format!(
                "`{name}` has several values where no job has one: {}",
                all.join(", ")
            ));
        }
        if name == "user" {
            report
                .to_give
                .push("the user in `vars:` of qa.yaml".to_owned());
        }
    }
    let mut names: Vec<(&str, &str)> = secrets
        .iter()
        .map(|(name, _)| (name.as_str(), name.as_str()))
        .collect();
    if plan.uses.password {
        names.push(("password", "GUEST_PASSWORD"));
    }
    if !names.is_empty() {
        lines.extend([String::new(), "secrets:".to_owned()]);
    }
    for (name, variable) in names {
        lines.push(format!("  {name}: {{ env: {variable} }}"));
        report.to_give.push(format!(
            "the secret `{name}`, in the environment variable {variable}"
        ));
    }
}
