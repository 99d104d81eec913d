//! Small event logs, made by code.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use reports::{
    AreaFound, Candidate, Cause, CauseKind, Entry, Envelope, Event, Evidence, ExitStatus, Look,
    Rules, ScenarioInfo, StartedFrom, StepOutcome, Verdict, Wanted,
};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One result of a run: its scenario `s` on the image `i` and the machine `m`, unless it is changed.
#[derive(Debug, Clone)]
pub(super) struct Result {
    pub(super) info: ScenarioInfo,
    pub(super) verdict: Verdict,
    pub(super) from: StartedFrom,
    /// The times of its steps, in milliseconds. The last one has the verdict.
    pub(super) steps: Vec<u64>,
    /// The similarity of the needle `n` at each step. It must be 0.96.
    pub(super) similarity: f64,
}

impl Result {
    pub(super) fn of(scenario: &str, verdict: Verdict) -> Self {
        Self {
            info: ScenarioInfo {
                file: format!("scenarios/{scenario}.yaml"),
                image: "i".into(),
                image_digest: Some("sha256:1".into()),
                machine: "m".into(),
                ..ScenarioInfo::named(scenario)
            },
            verdict,
            from: StartedFrom::PowerOn,
            steps: vec![100, 200],
            similarity: 1.0,
        }
    }

    pub(super) fn steps(mut self, times: &[u64]) -> Self {
        self.steps = times.to_vec();
        self
    }

    fn held(&self) -> bool {
        matches!(self.verdict, Verdict::Passed | Verdict::SoftFailed)
    }

    fn events(&self) -> Vec<Event> {
        let stage = self.info.own_name().to_owned();
        let mut events = vec![
            Event::ScenarioStarted {
                from: self.from.clone(),
                reason: None,
            },
            Event::StageStarted {
                stage: stage.clone(),
                steps: self.steps.len(),
            },
        ];
        for (number, duration_ms) in (1..).zip(&self.steps) {
            let holds = self.held() || number < self.steps.len();
            events.push(Event::StepStarted {
                stage: stage.clone(),
                step: number.to_string(),
                verb: "see".into(),
                text: format!("see {number}"),
                place: format!("s.yaml:{number}:5"),
                deadline_ms: None,
            });
            let needle = self.candidate(holds);
            let (matched, candidates) = match holds {
                true => (Some(needle), Vec::new()),
                false => (None, vec![needle]),
            };
            events.push(Event::StepFinished {
                stage: stage.clone(),
                step: number.to_string(),
                outcome: match holds {
                    true => StepOutcome::Passed,
                    false => StepOutcome::Failed,
                },
                duration_ms: *duration_ms,
                evidence: Evidence {
                    after_ms: Some(duration_ms / 2),
                    look: Some(Look {
                        query: "n".into(),
                        wanted: Wanted::Present,
                        matched,
                        candidates,
                    }),
                    ..Evidence::default()
                },
            });
        }
        events.push(Event::ScenarioFinished {
            verdict: self.verdict,
            cause: (!self.held()).then(|| Cause {
                kind: CauseKind::Deadline,
                message: format!("it came out {}\nand more", self.verdict),
                hints: Vec::new(),
                step: None,
                place: None,
            }),
            duration_ms: self.steps.iter().sum(),
            last_frame: None,
            files: Vec::new(),
        });
        events
    }

    fn candidate(&self, ok: bool) -> Candidate {
        let similarity = if ok { self.similarity } else { 0.5 };
        Candidate {
            needle: "n".into(),
            error: 0.0,
            areas: vec![AreaFound {
                x: 0,
                y: 0,
                width: 1,
                height: 1,
                recorded_x: 0,
                recorded_y: 0,
                similarity,
                required: 0.96,
                ok,
            }],
            picture: None,
            workaround: None,
            texts: Vec::new(),
        }
    }
}

/// Returns the entries of a run that began at this second of 2026.
pub(super) fn entries(name: &str, second: i64, results: &[Result]) -> Vec<Entry> {
    let began = OffsetDateTime::from_unix_timestamp(1_767_225_600 + second).unwrap();
    let started = Event::RunStarted {
        format: reports::FORMAT,
        version: "0.1.0".into(),
        run: name.into(),
        started: began.format(&Rfc3339).unwrap(),
        command: Vec::new(),
        hosts: Vec::new(),
        matrix: None,
        scenarios: results.iter().map(|result| result.info.clone()).collect(),
        rules: Rules::default(),
    };
    let mut events = vec![(None, started)];
    for result in results {
        let scenario = Some(result.info.name.clone());
        events.extend(
            result
                .events()
                .into_iter()
                .map(|event| (scenario.clone(), event)),
        );
    }
    let finished = Event::RunFinished {
        exit: ExitStatus::Success,
        duration_ms: 1_000,
        scenarios: None,
    };
    events.push((None, finished));
    let entry = |(seq, (scenario, event)): (u64, (Option<String>, Event))| Entry {
        envelope: Envelope {
            seq,
            at_ms: seq,
            host: "h".into(),
            attempt: scenario.is_some().then_some(1),
            scenario,
            machine: None,
        },
        event,
    };
    (0..).zip(events).map(entry).collect()
}

/// Writes a run that began at this second, and returns its folder.
pub(super) fn run(results: &Path, name: &str, second: i64, of: &[Result]) -> PathBuf {
    let folder = results.join(name);
    fs::create_dir_all(&folder).unwrap();
    let lines = entries(name, second, of);
    let lines = lines
        .iter()
        .map(|entry| serde_json::to_string(entry).unwrap() + "\n");
    write(&folder, &lines.collect::<String>());
    folder
}

/// Writes a log. Its time differs from that of every other log, as it would if the clock were finer.
pub(super) fn write(folder: &Path, text: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static WRITTEN: AtomicU64 = AtomicU64::new(1);
    let log = folder.join("events.jsonl");
    fs::write(&log, text).unwrap();
    let time = Duration::from_millis(WRITTEN.fetch_add(1, Ordering::Relaxed));
    let file = File::options().append(true).open(log).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + time).unwrap();
}
