//! The tree of a run's stages, for `qa run --plan`.

use std::sync::Arc;

use super::durations::Durations;
use super::job::{Job, Stage};
use super::text::{Place, PlanTree, StageLine, StageState};
use crate::millis::millis;

/// The inputs of the tree, beside the jobs.
pub(crate) struct TreeSources<'s> {
    /// Returns the age in seconds and the size in bytes of the checkpoint at the end of a stage; none if there is none
    /// to start from.
    pub cached: &'s dyn Fn(&Stage) -> Option<(u64, u64)>,
    /// The durations of stages when they ran last.
    pub durations: &'s Durations,
    /// Selects whether each root shows its image and machine.
    pub places: RootPlaces,
}

/// Selects whether the roots of a tree show their image and machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RootPlaces {
    /// They show them, because the roots of a matrix differ in them.
    Shown,
    /// They do not show them.
    Hidden,
}

/// Returns the tree of the jobs' stages. Stages that several jobs share appear once.
pub(crate) fn plan_tree(jobs: &[Arc<Job>], sources: &TreeSources<'_>) -> PlanTree {
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
            // The stage runs if one of its jobs runs.
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
        on: (sources.places == RootPlaces::Shown).then(|| Place {
            image: node.job.image.name.clone(),
            machine: node.job.machine.name.clone(),
        }),
        ..node.line(sources)
    };
    PlanTree {
        stages: roots.iter().map(line).collect(),
    }
}

/// A stage, with the stages after it.
struct Node<'j> {
    /// The first job that needs the stage.
    job: &'j Job,
    stage: &'j Stage,
    /// The state of a stage that does not run; none if a job runs it.
    left_out: Option<StageState>,
    /// The names of the scenarios that have a verdict after this stage.
    judges: Vec<String>,
    next: Vec<Node<'j>>,
}

/// Returns the state of the stages of a job that does not run; none if it runs.
fn left_out(job: &Job) -> Option<StageState> {
    let cannot_run = |message: &str, hint: &str| StageState::CannotRun {
        why: format!("{message}; {hint}"),
    };
    if let Some(why) = &job.missing {
        return Some(StageState::Skipped { why: why.clone() });
    }
    if let Some(lack) = &job.host_lack {
        return Some(cannot_run(&lack.message, &lack.hint));
    }
    let missing = job.image.disk.as_ref().err()?;
    Some(cannot_run(&missing.message, &missing.hint))
}

impl Node<'_> {
    fn line(&self, sources: &TreeSources<'_>) -> StageLine {
        let cached = match self.judges.is_empty() {
            // A stage with a verdict always runs, even if there is a checkpoint.
            false => None,
            true => (sources.cached)(self.stage),
        };
        let state = match cached {
            _ if let Some(left_out) = &self.left_out => left_out.clone(),
            Some((age_s, size_bytes)) => StageState::Cached { age_s, size_bytes },
            None if self.next.len() > 1 => StageState::Shared {
                starts: self.next.len(),
            },
            None => StageState::Runs,
        };
        let last = self.stage.key.and_then(|key| sources.durations.of(key));
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
            estimate_ms: last.map(millis),
            judges: self.judges.clone(),
            next: self.next.iter().map(|node| node.line(sources)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use vm::checkpoint::CheckpointKey;

    use super::*;
    use crate::host::HostLack;
    use crate::plan::subject::JobImage;

    fn key(name: &str) -> CheckpointKey {
        let mut bytes = [0; 32];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        CheckpointKey::from_bytes(bytes)
    }

    /// Makes a job of these stages, whose image exists.
    fn job(way: &[&str]) -> Job {
        let stage = |name: &&str| Stage {
            key: Some(key(name)),
            ..Stage::sample(name)
        };
        let name = way.last().expect("a stage");
        Job {
            image: JobImage::without_disk("disk"),
            ..Job::sample(name, way.iter().map(stage).collect())
        }
    }

    fn text(jobs: Vec<Job>, cached: &dyn Fn(&Stage) -> Option<(u64, u64)>) -> String {
        let jobs: Vec<Arc<Job>> = jobs.into_iter().map(Arc::new).collect();
        let sources = TreeSources {
            cached,
            durations: &Durations::default(),
            places: RootPlaces::Hidden,
        };
        plan_tree(&jobs, &sources).to_text()
    }

    #[test]
    fn stages_that_jobs_have_in_common_are_one_line() {
        let jobs = vec![job(&["login", "a"]), job(&["login", "b"]), job(&["c"])];
        assert_eq!(
            text(jobs, &|_| None),
            "\
power-on
├── login  0 steps  runs once for 2, no estimate
│   ├── a  0 steps  runs, no estimate             judges a
│   └── b  0 steps  runs, no estimate             judges b
└── c      0 steps  runs, no estimate             judges c
4 stages: 0 cached, 4 to run; no estimate, none of them ran before"
        );
    }

    #[test]
    fn a_stage_that_is_judged_runs_whatever_there_is_of_it() {
        let jobs = vec![job(&["login"]), job(&["login", "a"]), job(&["boot", "b"])];
        let text = text(jobs, &|_| Some((60, 1 << 20)));
        assert_eq!(
            text,
            "\
power-on
├── login  0 steps  runs, no estimate      judges login
│   └── a  0 steps  runs, no estimate      judges a
└── boot   0 steps  cached, 1m old, 1 MiB
    └── b  0 steps  runs, no estimate      judges b
4 stages: 1 cached, 3 to run; no estimate, none of them ran before"
        );
    }

    #[test]
    fn a_job_that_does_not_run_says_why_and_one_that_runs_is_enough() {
        let lacking = Job {
            host_lack: Some(HostLack {
                message: "no QEMU".to_owned(),
                hint: "install it".to_owned(),
            }),
            ..job(&["login", "a"])
        };
        let skipped = Job {
            missing: Some("`b` requires `tpm`".to_owned()),
            ..job(&["login", "b"])
        };
        let without_image = Job::sample("c", vec![Stage::sample("c")]);
        let jobs = vec![lacking, skipped, without_image, job(&["login", "d"])];
        let shown = text(jobs, &|_| None);
        for line in [
            "    `b` requires `tpm`",
            "    no QEMU; install it",
            "    there is no disk; make one",
            "├── login  0 steps  runs once for 3, no estimate",
            "│   ├── a  0 steps  cannot run                    judges a",
            "│   ├── b  0 steps  is skipped                    judges b",
            "└── c      0 steps  cannot run                    judges c",
        ] {
            assert!(shown.lines().any(|shown| shown == line), "{line}\n{shown}");
        }
    }

    #[test]
    fn the_stages_of_different_cells_are_different_lines() {
        let other = Job {
            cell: 1,
            ..job(&["login", "a"])
        };
        let shown = text(vec![job(&["login", "a"]), other], &|_| None);
        assert!(
            shown.ends_with("4 stages: 0 cached, 4 to run; no estimate, none of them ran before")
        );
    }
}
