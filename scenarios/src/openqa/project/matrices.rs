//! The matrices: one for each job group.

use std::collections::BTreeMap;

use super::hardware::Hardware;
use super::plan::Plan;
use crate::openqa::settings::{Job, file_name};
use crate::openqa::steps::Uses;

/// A cell of a matrix before it is written.
pub(super) struct Cells {
    pub(super) image: String,
    pub(super) machine: String,
    pub(super) scenarios: Vec<String>,
    pub(super) vars: BTreeMap<String, String>,
}

/// Returns the matrices by name: the job groups, and suites with other variables on the same cells.
pub(super) fn matrices(
    plan: &Plan,
    hardware: &Hardware,
    nodes_of_jobs: &[Vec<usize>],
    names: &[String],
) -> BTreeMap<String, Vec<Cells>> {
    let mut matrices: BTreeMap<String, Vec<Cells>> = BTreeMap::new();
    for ((job, nodes), (image, machine)) in plan
        .jobs
        .jobs
        .iter()
        .zip(nodes_of_jobs)
        .zip(&hardware.of_jobs)
    {
        let scenarios: Vec<String> = nodes
            .iter()
            .filter_map(|node| names.get(*node).cloned())
            .collect();
        if scenarios.is_empty() {
            continue;
        }
        let vars = used_vars(job, &plan.uses);
        let mut name = file_name(&job.group);
        let clashes = |cells: &Cells| {
            cells.image == *image
                && cells.machine == *machine
                && cells.vars != vars
                && cells
                    .scenarios
                    .iter()
                    .any(|scenario| scenarios.contains(scenario))
        };
        let mut number = 1;
        while matrices
            .get(&name)
            .is_some_and(|cells| cells.iter().any(clashes))
        {
            name = match number {
                1 => file_name(&format!("{}-{}", job.group, job.suite)),
                number => file_name(&format!("{}-{}-{number}", job.group, job.suite)),
            };
            number += 1;
        }
        let cells = matrices.entry(name).or_default();
        let known: Vec<&String> = (cells.iter())
            .filter(|other| other.image == *image && other.machine == *machine)
            .flat_map(|other| &other.scenarios)
            .collect();
        let scenarios: Vec<String> = scenarios
            .iter()
            .filter(|one| !known.contains(one))
            .cloned()
            .collect();
        if !scenarios.is_empty() {
            cells.push(Cells {
                image: image.clone(),
                machine: machine.clone(),
                scenarios,
                vars,
            });
        }
    }
    matrices
}

/// Returns true for the name of a setting whose value nobody may see.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "PASSWORD", "PASSWD", "REGCODE", "TOKEN"]
        .iter()
        .any(|word| name.contains(word))
}

/// Returns the settings of a job that scenarios use as variables.
fn used_vars(job: &Job, uses: &Uses) -> BTreeMap<String, String> {
    let own = job
        .settings
        .iter()
        .filter(|(name, _)| uses.vars.contains_key(*name) && !is_secret(name));
    own.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
