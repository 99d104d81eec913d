//! Lists the combinations that a matrix runs.

use scenarios::{Combination, Library, Plan, Scenario};
use serde_json::json;

use crate::cli::Format;
use crate::commands::print::{print, print_json};
use crate::failure::Failure;
use crate::plan::combinations;
use crate::project::Project;

/// Lists the combinations of a matrix.
///
/// # Errors
/// When there is no such matrix, or it has a mistake.
pub(super) fn list(
    format: Format,
    project: &Project,
    library: &Library,
    name: &str,
) -> Result<(), Failure> {
    let combinations = combinations(project, library, name)?;
    let mut before: Option<&Combination> = None;
    for combination in &combinations {
        let Some(scenario) = library.get(&combination.scenario) else {
            continue;
        };
        let lacks = lacks(project, library, combination);
        match format {
            Format::Json => print_json(&json!({
                "kind": "combination", "matrix": name, "name": combination.label(),
                "scenario": combination.scenario, "title": scenario.title,
                "image": combination.image, "machine": combination.machine,
                "after": after(scenario), "lacks": lacks,
            }))?,
            Format::Text => {
                if before.is_none_or(|before| !before.has_same_place(combination)) {
                    print(&format!("{} on {}", combination.image, combination.machine))?;
                }
                before = Some(combination);
                let title = scenario.title.as_deref().unwrap_or("");
                let after =
                    after(scenario).map_or_else(String::new, |after| format!("  (after {after})"));
                let lacks = lacks.map_or_else(String::new, |lacks| {
                    format!("  (skipped: the machine has no {lacks})")
                });
                let line = format!("  {:<22}{title}{after}{lacks}", combination.scenario);
                print(line.trim_end())?;
            }
        }
    }
    Ok(())
}

fn after(scenario: &Scenario) -> Option<&str> {
    scenario.after.as_ref().map(|after| after.value.as_str())
}

/// Returns a capability that the chain of a scenario requires and the machine lacks.
fn lacks(project: &Project, library: &Library, combination: &Combination) -> Option<&'static str> {
    let machine = project.file.as_ref()?.machine(&combination.machine).ok()?;
    let plan = Plan::new(library, std::slice::from_ref(&combination.scenario)).ok()?;
    let chains = plan.chains();
    let stages = chains.iter().flat_map(|chain| &chain.stages);
    let mut required = stages.flat_map(|stage| &stage.requires);
    let lacking = required.find(|capability| !capability.is_had_by(&machine))?;
    Some(lacking.name())
}
