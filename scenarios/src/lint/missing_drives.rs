//! Finds steps that need a drive which their machine does not have.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::drives::Drives;
use crate::finding::{Diagnostic, sort};
use crate::library::Library;
use crate::plan::Chain;
use crate::project::{Image, Project};
use crate::scenario::Scenario;
use crate::step::{Action, Step};

/// Finds steps that need a drive or a disk that the machine of their scenario does not have. `is_cd` tells whether an
/// image is a CD, if that is known. Not a part of [`lint`](crate::lint), because the result depends on the images'
/// files.
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

/// Returns `None` if the image or machine is not known, which [`lint`](crate::lint) reports.
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
    /// Fragments that were checked already.
    seen: BTreeSet<String>,
    findings: &'a mut Vec<Diagnostic>,
}

impl Walk<'_> {
    fn steps(&mut self, steps: &[Step]) {
        // A step with a condition may be meant for another machine.
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
