//! The tree of a run's stages, for `qa run --plan`.

use std::sync::Arc;

use crate::durations::Durations;
use crate::engine::{Checkpoints, Job, Stage, Trust};
use crate::plan_text::{Place, PlanTree, StageLine, StageState};

/// The tree of what the jobs come to; of a matrix it says on what each root runs.
pub(super) fn plan_tree(
    jobs: &[Arc<Job>],
    checkpoints: &Checkpoints,
    trust: Trust,
    durations: &Durations,
    is_matrix: bool,
) -> PlanTree {
    let mut roots: Vec<Node<'_>> = Vec::new();
    for job in jobs {
        let left_out = left_out(job);
        let mut nodes = &mut roots;
        for (depth, stage) in job.stages.iter().enumerate() {
            let same = |node: &Node<'_>| {
                node.job.cell == job.cell
                    && node.stage.key == stage.key
                    && (stage.key.is_some() || node.stage.scenario.name == stage.scenario.name)
            };
            let place = nodes.iter().position(same).unwrap_or_else(|| {
                nodes.push(Node {
                    job,
                    stage,
                    left_out: left_out.clone(),
                    judges: Vec::new(),
                    next: Vec::new(),
                });
                nodes.len() - 1
            });
            let node = &mut nodes[place];
            // One that runs is enough.
            if left_out.is_none() {
                node.left_out = None;
            }
            if depth + 1 == job.stages.len() {
                node.judges.push(job.name().to_owned());
            }
            nodes = &mut node.next;
        }
    }
    let line = |node: &Node<'_>| StageLine {
        on: is_matrix.then(|| Place {
            image: node.job.image.name.clone(),
            machine: node.job.machine.name.clone(),
        }),
        ..node.line(checkpoints, trust, durations)
    };
    PlanTree {
        stages: roots.iter().map(line).collect(),
    }
}

/// A stage, with what comes after it.
struct Node<'j> {
    /// The first that comes through it.
    job: &'j Job,
    stage: &'j Stage,
    /// Why nothing that comes through it runs.
    left_out: Option<StageState>,
    judges: Vec<String>,
    next: Vec<Node<'j>>,
}

/// Why nothing of a job runs.
fn left_out(job: &Job) -> Option<StageState> {
    let skipped = job.missing().map(|why| StageState::Skipped { why });
    let unfit = |message: &str, hint: &str| StageState::Unfit {
        why: format!("{message}; {hint}"),
    };
    let host = || {
        let lack = job.unfit.as_ref()?;
        Some(unfit(&lack.message, &lack.hint))
    };
    let image = || {
        let missing = job.image.disk.as_ref().err()?;
        Some(unfit(&missing.message, &missing.hint))
    };
    skipped.or_else(host).or_else(image)
}

impl Node<'_> {
    fn line(&self, checkpoints: &Checkpoints, trust: Trust, durations: &Durations) -> StageLine {
        let cached = match trust {
            // What is judged is run, whatever there is of it.
            Trust::AnyRun if self.judges.is_empty() => checkpoints.age_and_size(self.stage),
            Trust::AnyRun | Trust::ThisRun => None,
        };
        let state = match cached {
            _ if let Some(left_out) = &self.left_out => left_out.clone(),
            Some((age_s, size_bytes)) => StageState::Cached { age_s, size_bytes },
            None if self.next.len() > 1 => StageState::Shared {
                starts: self.next.len(),
            },
            None => StageState::Runs,
        };
        let last = self.stage.key.and_then(|key| durations.of(key));
        StageLine {
            name: self.stage.scenario.name.clone(),
            on: None,
            steps: self
                .stage
                .steps
                .iter()
                .map(scenarios::PlannedStep::count)
                .sum(),
            state,
            estimate_ms: last.map(|last| u64::try_from(last.as_millis()).unwrap_or(u64::MAX)),
            judges: self.judges.clone(),
            next: self
                .next
                .iter()
                .map(|node| node.line(checkpoints, trust, durations))
                .collect(),
        }
    }
}
