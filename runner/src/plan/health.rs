//! The health checks of boards: a short scenario on a known good image, run before the first job of a matrix on a
//! board.

use std::collections::BTreeMap;

use scenarios::{Chain, Library, Plan};

use super::cell::{CellDraft, ImageChoice, Judged};
use crate::failure::Failure;
use crate::project::Project;

/// The health check of a board.
#[derive(Debug)]
pub(super) struct HealthCheck {
    board: String,
    chain: Chain,
    image: ImageChoice,
}

impl HealthCheck {
    /// Finds the health check of a machine; none if it is no board, or a board without one.
    ///
    /// # Errors
    /// The scenario or the image does not exist.
    pub(super) fn of(
        machine: &str,
        project: &Project,
        library: &Library,
    ) -> Result<Option<Self>, Failure> {
        let Some(file) = &project.file else {
            return Ok(None);
        };
        let board = file.machines.get(machine);
        let board = board.and_then(|machine| machine.board.as_ref());
        let Some(health) = board.and_then(|board| board.health.as_ref()) else {
            return Ok(None);
        };
        let plan = Plan::new(library, std::slice::from_ref(&health.scenario.value));
        let chains = plan.map_err(Failure::of_findings)?.chains();
        let Some(chain) = chains.into_iter().next() else {
            return Ok(None);
        };
        let named = health.image.as_ref().map(|image| image.value.as_str());
        let Some(image) = named.or_else(|| chain.image()) else {
            return Err(Failure::usage(format!(
                "the health check of the board `{machine}` names no image ({})",
                health.scenario.at
            ))
            .hint("add `image:` under `health:`"));
        };
        let image = file.image(image).map_err(|error| {
            Failure::of_findings(vec![scenarios::Diagnostic {
                at: Some(health.scenario.at.clone()),
                ..error
            }])
        })?;
        Ok(Some(Self {
            board: machine.to_owned(),
            image: ImageChoice::Declared(image.name.clone()),
            chain,
        }))
    }

    /// Returns the cell of the check. `place` is its index in the run.
    pub(super) fn draft(&self, place: usize) -> CellDraft<'_> {
        let way = self.chain.stages.iter().map(|stage| stage.name.clone());
        let judged = Judged {
            name: format!("health-of-{}", self.board),
            place,
            way: way.collect(),
            health_of: Some(self.board.clone()),
        };
        CellDraft {
            image: self.image.clone(),
            machine: self.board.clone(),
            vars: BTreeMap::new(),
            scenarios: vec![(judged, &self.chain)],
        }
    }
}

/// Returns the failure for a health check that a board cannot carry out. Jobs would run unchecked otherwise.
pub(super) fn no_check(board: &str, missing: &str) -> Failure {
    Failure::usage(format!(
        "the health check of the board `{board}` cannot be run on it: {missing}"
    ))
    .hint("name a scenario under `health:` that needs only what the board has")
}
