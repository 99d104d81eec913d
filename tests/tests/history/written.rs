//! Runs that a test writes: small event logs in the results folder.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use qa_tests::Qa;
use reports::{
    AreaFound, Candidate, Cause, CauseKind, Entry, Envelope, Event, Evidence, ExitStatus, Look,
    Rules, ScenarioInfo, StartedFrom, StepOutcome, Verdict, Wanted,
};

/// A result of a run: a scenario with one step, which looks for the needle `badge`.
#[derive(Debug, Clone)]
pub(super) struct Ran {
    pub(super) info: ScenarioInfo,
    pub(super) verdict: Verdict,
    pub(super) step_ms: u64,
    pub(super) similarity: f64,
}

impl Ran {
    /// A scenario on the image `disk` and the machine `pc`.
    pub(super) fn of(scenario: &str, verdict: Verdict) -> Self {
        Self {
            info: ScenarioInfo {
                file: format!("scenarios/{scenario}.yaml"),
                image: "disk".into(),
                image_digest: Some("sha256:1".into()),
                machine: "pc".into(),
                ..ScenarioInfo::named(scenario)
            },
            verdict,
            step_ms: 2_000,
            similarity: 1.0,
        }
    }

    /// The same, as a matrix names it, on another machine.
    pub(super) fn on(mut self, machine: &str) -> Self {
        self.info.scenario = Some(self.info.name.clone());
        self.info.name = format!("{}@disk+{machine}", self.info.name);
        self.info.machine = machine.into();
        self
    }

    pub(super) fn took(mut self, step_ms: u64) -> Self {
        self.step_ms = step_ms;
        self
    }

    pub(super) fn similar(mut self, similarity: f64) -> Self {
        self.similarity = similarity;
        self
    }

    fn events(&self) -> Vec<Event> {
        let stage = self.info.own_name().to_owned();
        let ok = matches!(self.verdict, Verdict::Passed | Verdict::SoftFailed);
        let needle = Candidate {
            needle: "badge".into(),
            error: 0.0,
            areas: vec![AreaFound {
                x: 0,
                y: 0,
                width: 8,
                height: 8,
                recorded_x: 0,
                recorded_y: 0,
                similarity: if ok { self.similarity } else { 0.5 },
                required: 0.96,
                ok,
            }],
            picture: None,
            workaround: None,
            texts: Vec::new(),
        };
        let look = Look {
            query: "badge".into(),
            wanted: Wanted::Present,
            matched: ok.then(|| needle.clone()),
            candidates: if ok { Vec::new() } else { vec![needle] },
        };
        vec![
            Event::ScenarioStarted {
                from: StartedFrom::PowerOn,
                reason: None,
            },
            Event::StageStarted {
                stage: stage.clone(),
                steps: 1,
            },
            Event::StepStarted {
                stage: stage.clone(),
                step: "1".into(),
                verb: "see".into(),
                text: "see badge".into(),
                place: "s.yaml:3:5".into(),
                deadline_ms: None,
            },
            Event::StepFinished {
                stage,
                step: "1".into(),
                outcome: if ok {
                    StepOutcome::Passed
                } else {
                    StepOutcome::Failed
                },
                duration_ms: self.step_ms,
                evidence: Evidence {
                    look: Some(look),
                    ..Evidence::default()
                },
            },
            Event::ScenarioFinished {
                verdict: self.verdict,
                cause: (!ok).then(|| Cause {
                    kind: CauseKind::Deadline,
                    message: "no needle tagged `badge` matched in time".into(),
                    hints: Vec::new(),
                    step: None,
                    place: None,
                }),
                duration_ms: self.step_ms + 1_000,
                last_frame: None,
                files: Vec::new(),
            },
        ]
    }
}

/// Writes a run with this number. It began on this day of January 2026.
pub(super) fn run(qa: &Qa, day: u8, results: &[Ran]) -> PathBuf {
    let name = format!("run-{day:02}");
    let mut events = vec![(
        None,
        Event::RunStarted {
            format: reports::FORMAT,
            version: "0.1.0".into(),
            run: name.clone(),
            started: format!("2026-01-{day:02}T00:00:00Z"),
            command: Vec::new(),
            hosts: Vec::new(),
            matrix: None,
            scenarios: results.iter().map(|ran| ran.info.clone()).collect(),
            rules: Rules::default(),
        },
    )];
    for ran in results {
        let name = Some(ran.info.name.clone());
        events.extend(ran.events().into_iter().map(|event| (name.clone(), event)));
    }
    events.push((
        None,
        Event::RunFinished {
            exit: ExitStatus::Success,
            duration_ms: 9_000,
            scenarios: None,
        },
    ));
    let mut text = String::new();
    for (seq, (scenario, event)) in (0..).zip(events) {
        let envelope = Envelope {
            seq,
            at_ms: seq,
            host: "h".into(),
            attempt: scenario.is_some().then_some(1),
            scenario,
            machine: None,
        };
        text += &serde_json::to_string(&Entry { envelope, event }).unwrap();
        text.push('\n');
    }
    let folder = qa.root().join("qa-results").join(name);
    fs::create_dir_all(folder.join("s/frames")).unwrap();
    fs::write(folder.join("s/frames/0001.png"), "picture".repeat(2_000)).unwrap();
    write_log(&folder, &text);
    folder
}

/// Writes a log whose time differs from that of all others, as if the clock were finer.
pub(super) fn write_log(folder: &std::path::Path, text: &str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static WRITTEN: AtomicU64 = AtomicU64::new(1);
    let log = folder.join("events.jsonl");
    fs::write(&log, text).unwrap();
    let file = File::options().append(true).open(log).unwrap();
    let time = Duration::from_millis(WRITTEN.fetch_add(1, Ordering::Relaxed));
    file.set_modified(SystemTime::UNIX_EPOCH + time).unwrap();
}
