//! The output of `qa run --plan`: the tree of stages, with their state and their estimated duration.
//!
//! ```text
//! power-on
//! ├── gnome-login            7 steps  cached, 3h 2m old, 1.2 GiB
//! │   ├── gnome-calculator   5 steps  runs, about 42s               judges gnome-calculator
//! │   └── gnome-editor        1 step  runs once for 2, no estimate  judges gnome-editor
//! ...
//! ```
//!
//! A pure function of the tree: the same tree gives the same bytes.

use std::collections::BTreeSet;

use reports::{human_duration, human_size};
use serde::Serialize;

/// The tree of all stages of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PlanTree {
    /// The stages that start at power-on, in the order of the plan.
    pub stages: Vec<StageLine>,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct StageLine {
    /// Its name: that of its scenario.
    pub name: String,
    /// The image and the machine, if it starts at power-on in a matrix.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub on: Option<Place>,
    /// The number of its steps, with those inside others.
    pub steps: usize,
    /// Its state: cached, to run, or left out.
    #[serde(flatten)]
    pub state: StageState,
    /// The time that it took when it ran last, in milliseconds; none if it never ran.
    pub estimate_ms: Option<u64>,
    /// The scenarios that have a verdict when it has run.
    pub judges: Vec<String>,
    /// The stages that start where it ends.
    pub next: Vec<StageLine>,
}

/// An image on a machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Place {
    /// The name of the image.
    pub image: String,
    /// The name of the machine.
    pub machine: String,
}

/// The state of a stage in the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub(crate) enum StageState {
    /// It does not run, because there is a checkpoint of its end.
    Cached {
        /// The age of the checkpoint, in seconds.
        age_s: u64,
        /// The size of the checkpoint on the disk, in bytes.
        size_bytes: u64,
    },
    /// It runs.
    Runs,
    /// It runs once for several stages that start where it ends.
    Shared {
        /// The number of stages that start there.
        starts: usize,
    },
    /// It does not run, and the scenarios that it judges are skipped, because the machine lacks something that a
    /// scenario of the chain requires.
    Skipped {
        /// The scenario, and what it requires.
        why: String,
    },
    /// It cannot run, and the verdict of the scenarios that it judges is `error`, because this host lacks something for
    /// the machine, or the image is missing.
    #[serde(rename = "unfit")]
    CannotRun {
        /// The thing that is missing, and what to do next.
        why: String,
    },
}

/// The totals over all stages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
struct Totals {
    /// The number of stages that are cached.
    cached: usize,
    /// The number of stages that run.
    runs: usize,
    /// The sum of the previous durations of the stages that run, in milliseconds.
    estimate_ms: u64,
    /// The number of stages that run and never ran before.
    without_estimate: usize,
    /// The number of stages that are skipped or cannot run.
    left_out: usize,
}

/// The tree for programs.
#[derive(Debug, Serialize)]
struct Document<'t> {
    version: u32,
    #[serde(flatten)]
    tree: &'t PlanTree,
    totals: Totals,
}

impl PlanTree {
    /// Returns the tree for people: a line for each stage, then a line with the totals, without a line end.
    pub(crate) fn to_text(&self) -> String {
        // Each image and machine has a tree of its own. All trees have the same column widths.
        let trees: Vec<(String, BTreeSet<&str>, Vec<Row>)> = self
            .stages
            .chunk_by(|one, other| one.on == other.on)
            .map(|stages| {
                let mut rows = Vec::new();
                rows_of(stages, "", &mut rows);
                let on = stages.first().and_then(|stage| stage.on.as_ref());
                let root = on.map_or_else(
                    || "power-on".to_owned(),
                    |on| format!("power-on, {} on {}", on.image, on.machine),
                );
                let mut whys = BTreeSet::new();
                stages.iter().for_each(|stage| stage.whys(&mut whys));
                (root, whys, rows)
            })
            .collect();
        let width = |column: fn(&Row) -> &str| {
            let rows = trees.iter().flat_map(|(.., rows)| rows);
            let widths = rows.map(|row| column(row).chars().count());
            widths.max().unwrap_or_default()
        };
        let (name, steps, state) = (
            width(|row| &row.name),
            width(|row| &row.steps),
            width(|row| &row.state),
        );
        let mut text = String::new();
        if trees.is_empty() {
            text.push_str("power-on\n");
        }
        for (root, whys, rows) in &trees {
            text.push_str(root);
            text.push('\n');
            for why in whys {
                text.push_str(&format!("    {why}\n"));
            }
            for row in rows {
                let line = format!(
                    "{:name$}  {:>steps$}  {:state$}  {}",
                    row.name, row.steps, row.state, row.judges
                );
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        text.push_str(&self.totals().words());
        text
    }

    /// Returns the tree for programs: one JSON object on one line.
    ///
    /// # Errors
    /// Never in practice, because JSON can express every value of the tree.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Document {
            version: 1,
            tree: self,
            totals: self.totals(),
        })
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        totals.add(&self.stages);
        totals
    }
}

impl Totals {
    fn add(&mut self, stages: &[StageLine]) {
        for stage in stages {
            match (&stage.state, stage.estimate_ms) {
                (StageState::Cached { .. }, _) => self.cached += 1,
                (StageState::Skipped { .. } | StageState::CannotRun { .. }, _) => {
                    self.left_out += 1
                }
                (StageState::Runs | StageState::Shared { .. }, estimate) => {
                    self.runs += 1;
                    match estimate {
                        Some(ms) => self.estimate_ms = self.estimate_ms.saturating_add(ms),
                        None => self.without_estimate += 1,
                    }
                }
            }
            self.add(&stage.next);
        }
    }

    fn words(self) -> String {
        let stages = count(self.cached + self.runs + self.left_out, "stage");
        let left_out = match self.left_out {
            0 => String::new(),
            stages => format!(", {stages} left out"),
        };
        let time = match (self.runs, self.without_estimate) {
            (0, _) => String::new(),
            (runs, without) if runs == without => {
                "; no estimate, none of them ran before".to_owned()
            }
            (_, 0) => format!("; about {}", human_duration(self.estimate_ms)),
            (_, without) => format!(
                "; about {}, and {without} without an estimate",
                human_duration(self.estimate_ms)
            ),
        };
        format!(
            "{stages}: {} cached, {} to run{left_out}{time}",
            self.cached, self.runs
        )
    }
}

/// The cells of a line, before the column widths are known.
struct Row {
    name: String,
    steps: String,
    state: String,
    judges: String,
}

/// Adds the rows of stages and of those after them. `indent` has the branches of the stages above.
fn rows_of(stages: &[StageLine], indent: &str, rows: &mut Vec<Row>) {
    for (index, stage) in stages.iter().enumerate() {
        let last = index + 1 == stages.len();
        let (branch, below) = if last {
            ("└── ", "    ")
        } else {
            ("├── ", "│   ")
        };
        rows.push(Row {
            name: format!("{indent}{branch}{}", stage.name),
            steps: count(stage.steps, "step"),
            state: stage.state_words(),
            judges: match stage.judges.as_slice() {
                [] => String::new(),
                names => format!("judges {}", names.join(", ")),
            },
        });
        rows_of(&stage.next, &format!("{indent}{below}"), rows);
    }
}

impl StageLine {
    fn state_words(&self) -> String {
        let estimate = match self.estimate_ms {
            Some(ms) => format!("about {}", human_duration(ms)),
            None => "no estimate".to_owned(),
        };
        match &self.state {
            &StageState::Cached { age_s, size_bytes } => format!(
                "cached, {} old, {}",
                human_duration(age_s.saturating_mul(1000)),
                human_size(size_bytes)
            ),
            StageState::Runs => format!("runs, {estimate}"),
            StageState::Shared { starts } => format!("runs once for {starts}, {estimate}"),
            StageState::Skipped { .. } => "is skipped".to_owned(),
            StageState::CannotRun { .. } => "cannot run".to_owned(),
        }
    }

    /// Collects the reasons why this stage and those after it are left out.
    fn whys<'l>(&'l self, whys: &mut BTreeSet<&'l str>) {
        if let StageState::Skipped { why } | StageState::CannotRun { why } = &self.state {
            whys.insert(why);
        }
        self.next.iter().for_each(|stage| stage.whys(whys));
    }
}

fn count(number: usize, what: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {what}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(
        name: &str,
        steps: usize,
        state: StageState,
        estimate_ms: Option<u64>,
        judges: &[&str],
    ) -> StageLine {
        StageLine {
            name: name.to_owned(),
            on: None,
            steps,
            state,
            estimate_ms,
            judges: judges.iter().map(|name| (*name).to_owned()).collect(),
            next: Vec::new(),
        }
    }

    fn tree() -> PlanTree {
        let cached = StageState::Cached {
            age_s: 3 * 3600 + 125,
            size_bytes: 1_300_000_000,
        };
        let mut login = stage("gnome-login", 7, cached, Some(170_000), &[]);
        let mut editor = stage(
            "gnome-editor",
            1,
            StageState::Shared { starts: 2 },
            None,
            &["gnome-editor"],
        );
        editor.next = vec![stage(
            "gnome-save",
            12,
            StageState::Runs,
            Some(8_300),
            &["gnome-save", "gnome-save-twice"],
        )];
        login.next = vec![
            stage(
                "gnome-calculator",
                5,
                StageState::Runs,
                Some(42_000),
                &["gnome-calculator"],
            ),
            editor,
        ];
        let console = stage("console", 3, StageState::Runs, Some(12_000), &["console"]);
        PlanTree {
            stages: vec![login, console],
        }
    }

    #[test]
    fn the_tree_is_drawn_with_columns() {
        assert_eq!(
            tree().to_text(),
            "\
power-on
├── gnome-login            7 steps  cached, 3h 2m old, 1.2 GiB
│   ├── gnome-calculator   5 steps  runs, about 42s               judges gnome-calculator
│   └── gnome-editor        1 step  runs once for 2, no estimate  judges gnome-editor
│       └── gnome-save    12 steps  runs, about 8.3s              judges gnome-save, gnome-save-twice
└── console                3 steps  runs, about 12s               judges console
5 stages: 1 cached, 4 to run; about 1m 2s, and 1 without an estimate"
        );
    }

    #[test]
    fn a_matrix_has_a_tree_for_each_image_and_machine() {
        let on = |image: &str| Place {
            image: image.to_owned(),
            machine: "small".to_owned(),
        };
        let mut tree = tree();
        tree.stages[0].next.truncate(1);
        tree.stages[0].on = Some(on("gnome"));
        tree.stages[1].on = Some(on("console"));
        assert_eq!(
            tree.to_text(),
            "\
power-on, gnome on small
└── gnome-login           7 steps  cached, 3h 2m old, 1.2 GiB
    └── gnome-calculator  5 steps  runs, about 42s             judges gnome-calculator
power-on, console on small
└── console               3 steps  runs, about 12s             judges console
3 stages: 1 cached, 2 to run; about 54s"
        );
        let json = tree.to_json().unwrap();
        assert!(
            json.contains(r#"{"name":"console","image":"console","machine":"small","steps":3"#),
            "{json}"
        );
    }

    #[test]
    fn what_is_left_out_says_why() {
        let cannot_run = StageState::CannotRun {
            why: "machine `small` cannot start on this host: no QEMU".to_owned(),
        };
        let skipped = StageState::Skipped {
            why: "`b` requires `agent`, which the machine `small` does not have".to_owned(),
        };
        let mut tree = PlanTree {
            stages: vec![
                stage("a", 1, cannot_run.clone(), Some(9000), &["a"]),
                stage("b", 2, skipped, None, &["b"]),
                stage("c", 1, StageState::Runs, Some(5000), &["c"]),
            ],
        };
        tree.stages[0].next = vec![stage("d", 1, cannot_run, None, &["d"])];
        assert_eq!(
            tree.to_text(),
            "\
power-on
    `b` requires `agent`, which the machine `small` does not have
    machine `small` cannot start on this host: no QEMU
├── a       1 step  cannot run      judges a
│   └── d   1 step  cannot run      judges d
├── b      2 steps  is skipped      judges b
└── c       1 step  runs, about 5s  judges c
4 stages: 0 cached, 1 to run, 3 left out; about 5s"
        );
        let json = tree.to_json().unwrap();
        assert!(
            json.contains(r#""steps":2,"state":"skipped","why":"`b` requires"#),
            "{json}"
        );
    }

    #[test]
    fn programs_read_the_same_tree() {
        let mut tree = tree();
        tree.stages[0].next.truncate(1);
        tree.stages.truncate(1);
        assert_eq!(
            tree.to_json().unwrap(),
            concat!(
                r#"{"version":1,"stages":[{"name":"gnome-login","steps":7,"state":"cached","age_s":10925,"#,
                r#""size_bytes":1300000000,"estimate_ms":170000,"judges":[],"next":[{"name":"gnome-calculator","#,
                r#""steps":5,"state":"runs","estimate_ms":42000,"judges":["gnome-calculator"],"next":[]}]}],"#,
                r#""totals":{"cached":1,"runs":1,"estimate_ms":42000,"without_estimate":0,"left_out":0}}"#
            )
        );
        let shared = PlanTree {
            stages: vec![stage("a", 1, StageState::Shared { starts: 3 }, None, &[])],
        };
        let json = shared.to_json().unwrap();
        assert!(
            json.contains(r#""state":"shared","starts":3,"estimate_ms":null"#),
            "{json}"
        );
    }

    #[test]
    fn the_last_line_says_what_there_is_to_do() {
        let last = |stages: &[StageLine]| {
            let tree = PlanTree {
                stages: stages.to_vec(),
            };
            let text = tree.to_text();
            text.lines().last().unwrap().to_owned()
        };
        let cached = StageState::Cached {
            age_s: 1,
            size_bytes: 1,
        };
        let (ready, new) = (
            stage("a", 1, cached, Some(5000), &[]),
            stage("b", 1, StageState::Runs, None, &[]),
        );
        let known = stage("c", 1, StageState::Runs, Some(5000), &[]);
        assert_eq!(last(&[]), "0 stages: 0 cached, 0 to run");
        assert_eq!(
            last(std::slice::from_ref(&ready)),
            "1 stage: 1 cached, 0 to run"
        );
        assert_eq!(
            last(&[ready, new.clone()]),
            "2 stages: 1 cached, 1 to run; no estimate, none of them ran before"
        );
        assert_eq!(
            last(std::slice::from_ref(&known)),
            "1 stage: 0 cached, 1 to run; about 5s"
        );
        assert_eq!(
            last(&[known, new]),
            "2 stages: 0 cached, 2 to run; about 5s, and 1 without an estimate"
        );
    }

    #[test]
    fn the_same_tree_gives_the_same_bytes() {
        assert_eq!(tree().to_text(), tree().to_text());
        assert_eq!(tree().to_json().unwrap(), tree().to_json().unwrap());
    }
}
