//! The table of faults in the docs, read: what a test has made happen must come to what its row says.

use std::{panic::Location, path::Path, time::Duration};

use reports::{Entry, Event, Run};

/// The names of the columns, in order.
const COLUMNS: [&str; 6] = [
    "fault",
    "verdict",
    "words",
    "until said",
    "what is left",
    "test",
];

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The fault.
    pub name: String,
    /// The verdict of the scenario, or the exit status of a call that judges none.
    pub verdict: String,
    /// Parts of the words, in this order, with anything between.
    pub words: Vec<String>,
    /// The time at which it is said.
    pub said: Said,
    /// The rest on the host; every call of a test looks for more than it may leave.
    pub left: String,
    /// `module::name` of the test that makes the fault.
    pub test: String,
}

/// The time at which a fault is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is no fault for whoever calls.
    Never,
    /// At most so long after this.
    Within(After, Duration),
}

/// The moment from which the time counts. All begin with the step that the fault meets, or with the call where no step
/// does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// The fault.
    Fault,
    /// The deadline of the step.
    Deadline,
    /// The time that a QEMU gets to answer.
    Patience,
    /// The time that a state must last from which no guest comes back.
    Grace,
    /// The time that a program gets that QEMU or `qa` needs.
    Helper,
}

impl After {
    const NAMED: [(&str, Self); 4] = [
        ("deadline", Self::Deadline),
        ("patience", Self::Patience),
        ("grace", Self::Grace),
        ("helper", Self::Helper),
    ];

    /// Returns the variable in which a test names a shorter time, in milliseconds.
    fn variable(self) -> Option<&'static str> {
        match self {
            Self::Fault | Self::Deadline => None,
            Self::Patience => Some("QA_PATIENCE"),
            Self::Grace => Some("QA_GRACE"),
            Self::Helper => Some("QA_HELPER_LIMIT"),
        }
    }
}

impl Said {
    fn read(cell: &str) -> Option<Self> {
        if cell == "never" {
            return Some(Self::Never);
        }
        let (after, seconds) = match cell.split_once(" + ") {
            None => (After::Fault, cell),
            Some((name, seconds)) => {
                let known = After::NAMED.iter().find(|(known, _)| *known == name)?;
                (known.1, seconds)
            }
        };
        let seconds = seconds.strip_suffix(" s")?.parse().ok()?;
        Some(Self::Within(after, Duration::from_secs(seconds)))
    }
}

impl Fault {
    /// Returns the rows of the table.
    ///
    /// # Panics
    /// When there is no table, or a row cannot be understood.
    #[must_use]
    pub fn table() -> Vec<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/faults.md");
        let text = std::fs::read_to_string(path).unwrap();
        let rows = text.lines().filter(|line| line.starts_with('|'));
        let cells = rows.map(|row| -> Vec<&str> {
            let cells = row.trim_matches('|').split('|');
            cells.map(str::trim).collect()
        });
        let rows = cells.filter(|cells| *cells != COLUMNS && !cells[0].starts_with("---"));
        rows.map(|cells| Self::read(&cells)).collect()
    }

    fn read(cells: &[&str]) -> Self {
        let [name, verdict, words, said, left, test] = cells else {
            panic!("a row has {} cells: {cells:?}", COLUMNS.len());
        };
        assert!(cells.iter().all(|cell| !cell.is_empty()), "{cells:?}");
        let words = match *words {
            "nothing" => Vec::new(),
            words => words
                .split(" … ")
                .map(|part| part.trim_end_matches(" …").to_owned())
                .collect(),
        };
        Self {
            name: (*name).to_owned(),
            verdict: (*verdict).to_owned(),
            words,
            said: Said::read(said).unwrap_or_else(|| panic!("`{said}` is no time: {cells:?}")),
            left: (*left).to_owned(),
            test: test.trim_matches('`').to_owned(),
        }
    }

    /// Returns the file of its test, below the folder of the package.
    #[must_use]
    pub fn file(&self) -> String {
        let module = self.test.rsplit_once("::").map_or("", |(module, _)| module);
        format!("tests/{}.rs", module.replace("::", "/"))
    }
}

/// The end of a call of `qa`, as far as the table tells of it.
#[derive(Debug)]
pub struct Observed<'a> {
    /// The event log of the newest run; empty where there is none.
    pub entries: &'a [Entry],
    /// All else that was said.
    pub said: &'a str,
    /// The exit status; none where a signal ended it.
    pub status: Option<i32>,
    /// The time that the call took.
    pub took: Duration,
    /// Variables of its environment.
    pub env: &'a [(String, String)],
}

impl Observed<'_> {
    /// Checks that a fault came to what its row says.
    ///
    /// # Panics
    /// When it did not, when there is no such row, and when the row names a test in another file.
    #[track_caller]
    pub fn shows(&self, fault: &str) {
        let caller = Location::caller().file();
        let table = Fault::table();
        let found = table.into_iter().find(|row| row.name == fault);
        let row = found.unwrap_or_else(|| panic!("the table of faults has no row `{fault}`"));
        assert!(
            caller.ends_with(&row.file()),
            "`{fault}` is shown in {caller}, and by its row in {}",
            row.test
        );
        let (verdict, said) = self.judged(&row);
        let mut wrong = Vec::new();
        if verdict != row.verdict {
            wrong.push(format!(
                "it comes to `{verdict}`, and by its row to `{}`",
                row.verdict
            ));
        }
        let mut rest = said.as_str();
        for part in &row.words {
            match rest.find(part.as_str()) {
                Some(at) => rest = &rest[at + part.len()..],
                None => {
                    wrong.push(format!("`{part}` is not said, or not there"));
                    break;
                }
            }
        }
        wrong.extend(self.wrong_time(row.said));
        assert!(
            wrong.is_empty(),
            "{fault}: {}\n--- said:\n{said}",
            wrong.join("; ")
        );
    }

    /// Returns the verdict and all that was said.
    fn judged(&self, row: &Fault) -> (String, String) {
        let mut said = String::new();
        let mut verdict = String::new();
        if !self.entries.is_empty() {
            let run = Run::of(self.entries);
            let named = run
                .scenarios
                .iter()
                .find(|scenario| scenario.info.name == "s");
            if let Some(scenario) = named.or(run.scenarios.first()) {
                scenario.verdict.word().clone_into(&mut verdict);
                if let Some(cause) = &scenario.cause {
                    said.push_str(&format!("{}\n{}\n", cause.message, cause.hints.join("\n")));
                }
                for finding in &scenario.findings {
                    said.push_str(&format!("{}\n", finding.text()));
                }
            }
        }
        for entry in self.entries {
            match &entry.event {
                Event::Note { text, .. } => said.push_str(&format!("{text}\n")),
                Event::CheckpointUnusable { reason, .. } => said.push_str(&format!("{reason}\n")),
                _ => {}
            }
        }
        if row.verdict.parse::<i32>().is_ok() {
            verdict = self
                .status
                .map_or("a signal".to_owned(), |status| status.to_string());
        }
        said.push_str(self.said);
        (verdict, said)
    }

    /// Returns what is wrong with the time after which it was said.
    fn wrong_time(&self, said: Said) -> Option<String> {
        let Said::Within(after, more) = said else {
            return None;
        };
        let (took, deadline) = self.waited();
        let least = match after {
            After::Fault => Duration::ZERO,
            After::Deadline => match deadline {
                Some(deadline) => deadline,
                None => return Some("no step with a deadline was under way".to_owned()),
            },
            After::Patience | After::Grace | After::Helper => {
                let variable = after.variable();
                let set = self
                    .env
                    .iter()
                    .find(|(name, _)| Some(name.as_str()) == variable);
                match set.and_then(|(_, value)| value.parse().ok()) {
                    Some(milliseconds) => Duration::from_millis(milliseconds),
                    None => return Some(format!("the test does not set {variable:?}")),
                }
            }
        };
        let is_right = took >= least && took <= least + more;
        (!is_right).then(|| {
            format!("it was said after {took:?}, and by its row after {least:?} and at most {more:?} more")
        })
    }

    /// Returns the time from the beginning of the last step (of the call, where none was under way) to the end of the
    /// scenario, and that step's deadline.
    fn waited(&self) -> (Duration, Option<Duration>) {
        let begun = self
            .entries
            .iter()
            .rev()
            .find_map(|entry| match entry.event {
                Event::StepStarted { deadline_ms, .. } => Some((entry.envelope.at_ms, deadline_ms)),
                _ => None,
            });
        let ended = self
            .entries
            .iter()
            .rev()
            .find_map(|entry| match entry.event {
                Event::ScenarioFinished { .. } => Some(entry.envelope.at_ms),
                _ => None,
            });
        match (begun, ended) {
            (Some((begun, deadline)), Some(ended)) => (
                Duration::from_millis(ended.saturating_sub(begun)),
                deadline.map(Duration::from_millis),
            ),
            _ => (self.took, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let five = Duration::from_secs(5);
        for (cell, said) in [
            ("never", Some(Said::Never)),
            ("5 s", Some(Said::Within(After::Fault, five))),
            ("deadline + 5 s", Some(Said::Within(After::Deadline, five))),
            ("grace + 5 s", Some(Said::Within(After::Grace, five))),
            ("at once", None),
            ("patience", None),
            ("soon + 5 s", None),
        ] {
            assert_eq!(Said::read(cell), said, "{cell}");
        }
    }
}
