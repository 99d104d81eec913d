use std::collections::BTreeSet;
use std::sync::Arc;

use super::drives::Drives;
use crate::finding::{Diagnostic, sort};
use crate::library::Library;
use crate::plan::Chain;
use crate::project::{Image, Project};
use crate::scenario::Scenario;
use crate::step::{Action, Step};

/// Steps that need a drive or a disk that the machine of their scenario does not have. `is_cd` tells whether
/// an image is a CD; none where nobody knows. Apart from [`lint`](crate::lint), because it depends on what
/// is in the files of images.
pub fn check_drives(
    project: &Project,
    library: &Library,
    is_cd: impl Fn(&Image) -> Option<bool>,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for scenario in library.scenarios() {
        if let Some(drives) = drives(project, library, scenario, &is_cd) {
            let mut walk = Walk {
                drives,
                library,
                seen: BTreeSet::new(),
                findings: &mut findings,
            };
            walk.steps(&scenario.steps);
        }
    }
    sort(&mut findings);
    findings
}

/// None where its image or machine is not known, which [`lint`](crate::lint) tells.
fn drives(
    project: &Project,
    library: &Library,
    scenario: &Arc<Scenario>,
    is_cd: impl Fn(&Image) -> Option<bool>,
) -> Option<Drives> {
    let chain = Chain::to(library, scenario).ok()?;
    let image = project.image_for(&chain).ok()?;
    let machine = project.machine_for(&chain, Some(image)).ok()?;
    Some(Drives::new(&machine, &image.name, is_cd(image)?))
}

struct Walk<'a> {
    drives: Drives,
    library: &'a Library,
    /// Fragments that were gone through.
    seen: BTreeSet<String>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn steps(&mut self, steps: &[Step]) {
        // One with a condition may be for another machine.
        for step in steps.iter().filter(|step| step.when.is_none()) {
            self.findings.extend(self.drives.lacking(step));
            self.steps(&step.steps);
            if let Action::Include(include) = &step.action
                && self.seen.insert(include.path())
                && let Some(fragment) = self.library.file(&include.path())
            {
                self.steps(&fragment.steps);
            }
        }
    }
}
