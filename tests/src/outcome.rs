use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use reports::{Cause, CauseKind, Entry, Event, Evidence, StartedFrom, StepOutcome, Verdict};

use crate::{Journal, Observed, Qa, qa::Place};

/// The end of a call.
#[derive(Debug)]
pub(crate) struct End {
    /// The exit status; none where a signal ended it.
    pub(crate) status: Option<i32>,
    pub(crate) took: Duration,
    /// Variables that the test has set.
    pub(crate) env: Vec<(String, String)>,
}

/// What a call of `qa` came to: checked already, and open for a closer look.
#[derive(Debug)]
pub struct Outcome {
    place: Arc<Place>,
    stdout: String,
    stderr: String,
    journal: Journal,
    end: End,
}

impl Outcome {
    pub(crate) fn new(
        place: Arc<Place>,
        [stdout, stderr]: [String; 2],
        journal: Journal,
        end: End,
    ) -> Self {
        Self {
            place,
            stdout,
            stderr,
            journal,
            end,
        }
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Stdout, with times and names of runs and folders made neutral.
    #[must_use]
    pub fn stdout(&self) -> &str {
        &self.stdout
    }

    /// Stderr, likewise.
    #[must_use]
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// Checks that a fault came to what its row in the table of faults says: verdict, words and time.
    ///
    /// # Panics
    /// When it did not, and when there is no such row.
    #[track_caller]
    pub fn shows(&self, fault: &str) -> &Self {
        let log = self.place.project().join("qa-results/latest/events.jsonl");
        let log = fs::read_to_string(log).unwrap_or_default();
        // A run that was killed may have left a half line.
        let entries = log
            .lines()
            .map_while(|line| serde_json::from_str(line).ok());
        let entries: Vec<Entry> = entries.collect();
        let observed = Observed {
            entries: &entries,
            said: &format!("{}{}", self.stdout, self.stderr),
            status: self.end.status,
            took: self.end.took,
            env: &self.end.env,
        };
        observed.shows(fault);
        self
    }

    /// What the machine was asked.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Another call in the same folder.
    pub fn then(&self) -> Qa {
        Qa::at(Arc::clone(&self.place))
    }

    /// The folder of the newest run.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn run_folder(&self) -> PathBuf {
        let latest = self.place.project().join("qa-results/latest");
        latest
            .canonicalize()
            .unwrap_or_else(|error| panic!("{}: {error}", latest.display()))
    }

    /// A file of the newest run as text.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn file(&self, path: &str) -> String {
        let path = self.run_folder().join(path);
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Every file of the newest run, with its path in it.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let root = self.run_folder();
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        files.sort();
        files
    }

    /// The event log of the newest run.
    ///
    /// # Panics
    /// When a line of it cannot be read.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        let log = self.file("events.jsonl");
        let read = |line: &str| -> Entry {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
        };
        log.lines().map(|line| read(line).event).collect()
    }

    /// The remarks in the newest run's event log.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let notes = self.events().into_iter().filter_map(|event| match event {
            Event::Note { text, .. } => Some(text),
            _ => None,
        });
        notes.collect()
    }

    /// The entries of the newest run.
    ///
    /// # Panics
    /// When a line of the event log cannot be read.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let log = self.file("events.jsonl");
        let entries = log.lines().map(serde_json::from_str);
        entries.map(Result::unwrap).collect()
    }

    /// The newest run as its reports see it.
    #[must_use]
    pub fn run(&self) -> reports::Run {
        let log = self.file("events.jsonl");
        let entries: Vec<Entry> = log
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        reports::Run::of(&entries)
    }

    /// What a scenario came to over all its attempts.
    ///
    /// # Panics
    /// When it does not take part.
    #[must_use]
    pub fn scenario(&self, name: &str) -> reports::Scenario {
        let scenarios = self.run().scenarios;
        let found = scenarios.into_iter().find(|found| found.info.name == name);
        found.unwrap_or_else(|| panic!("`{name}` takes no part"))
    }

    /// Where the attempts of a scenario started and what each came to, in order.
    #[must_use]
    pub fn attempts(&self, name: &str) -> Vec<(StartedFrom, Verdict)> {
        let attempts = self.scenario(name).attempts.into_iter();
        attempts
            .map(|attempt| (attempt.from, attempt.verdict))
            .collect()
    }

    /// Returns the verdicts on the attempts at a scenario, in order.
    #[must_use]
    pub fn verdicts(&self, name: &str) -> Vec<Verdict> {
        let attempts = self.attempts(name).into_iter();
        attempts.map(|(_, verdict)| verdict).collect()
    }

    /// The stages that were saved, in order.
    #[must_use]
    pub fn saved(&self) -> Vec<String> {
        let saved = |event| match event {
            Event::CheckpointSaved { stage, .. } => Some(stage),
            _ => None,
        };
        self.events().into_iter().filter_map(saved).collect()
    }

    /// Why stages could not be saved or used, in order.
    #[must_use]
    pub fn unusable(&self) -> Vec<String> {
        let unusable = |event| match event {
            Event::CheckpointUnusable { reason, .. } => Some(reason),
            _ => None,
        };
        self.events().into_iter().filter_map(unusable).collect()
    }

    /// The folders of all checkpoints in the cache of this place.
    #[must_use]
    pub fn checkpoints(&self) -> Vec<PathBuf> {
        self.place.checkpoints()
    }

    /// How a scenario was judged, and why.
    ///
    /// # Panics
    /// When it was not.
    #[must_use]
    pub fn verdict(&self, name: &str) -> (Verdict, Option<Cause>) {
        let judged = self.entries().into_iter().find_map(|entry| {
            let is_its = entry.scenario() == Some(name);
            match entry.event {
                Event::ScenarioFinished { verdict, cause, .. } if is_its => Some((verdict, cause)),
                _ => None,
            }
        });
        judged.unwrap_or_else(|| panic!("`{name}` was not judged"))
    }

    /// Why a scenario did not pass.
    ///
    /// # Panics
    /// When it did.
    #[must_use]
    pub fn cause(&self, name: &str) -> Cause {
        self.verdict(name)
            .1
            .unwrap_or_else(|| panic!("`{name}` has no cause"))
    }

    /// Returns the cause for which a scenario did not pass, which must be of this kind.
    ///
    /// # Panics
    /// When the scenario passed, or for another cause.
    #[must_use]
    pub fn cause_of(&self, name: &str, kind: CauseKind) -> Cause {
        let cause = self.cause(name);
        assert_eq!(cause.kind, kind, "{cause:?}");
        cause
    }

    /// The steps that ended, each with its place, outcome and evidence.
    #[must_use]
    pub fn steps(&self) -> Vec<(String, StepOutcome, Evidence)> {
        let ended = |event| match event {
            Event::StepFinished {
                step,
                outcome,
                evidence,
                ..
            } => Some((step, outcome, evidence)),
            _ => None,
        };
        self.events().into_iter().filter_map(ended).collect()
    }

    /// The evidence of the step that ended last.
    ///
    /// # Panics
    /// When no step ended.
    #[must_use]
    pub fn last_evidence(&self) -> Evidence {
        self.steps()
            .pop()
            .unwrap_or_else(|| panic!("no step ended"))
            .2
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let inside = path.strip_prefix(root).unwrap().to_owned();
            files.push((inside, fs::read(&path).unwrap()));
        }
    }
}
