//! Writes entries one after the other, on a clock of its own.

use reports::{
    AttemptReason, BackendFacts, Candidate, Cause, CauseKind, CommandResult, Entry, Envelope,
    Event, Evidence, ExitStatus, FORMAT, FrameRef, Host, Look, MachineFacts, MachineNews, Rules,
    ScenarioInfo, StartedFrom, StepOutcome, Verdict,
};

/// The host of every log.
const HOST: &str = "builder-7";

/// A log that grows.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    entries: Vec<Entry>,
    now_ms: u64,
    scenario: String,
    stage: String,
    attempt: u32,
    began_ms: u64,
    frames: u64,
}

impl Writer {
    /// Begins a run of these scenarios: name, title, what they start after.
    pub(crate) fn new(scenarios: &[(&str, &str, &[&str])]) -> Self {
        let mut writer = Self {
            entries: Vec::new(),
            now_ms: 0,
            scenario: String::new(),
            stage: String::new(),
            attempt: 0,
            began_ms: 0,
            frames: 0,
        };
        let scenarios: Vec<_> = scenarios
            .iter()
            .map(|(name, title, after)| ScenarioInfo {
                title: (*title).to_owned(),
                file: format!("scenarios/{name}.yaml"),
                image: "gnome".to_owned(),
                image_digest: Some(
                    "sha256:5f0c7e5b1d6a4b8e9c3f2a1d0e9b8c7a6f5e4d3c2b1a09f8e7d6c5b4a3f2e1d0"
                        .to_owned(),
                ),
                machine: "pc-uefi".to_owned(),
                after: after.iter().map(|name| (*name).to_owned()).collect(),
                ..ScenarioInfo::named(name)
            })
            .collect();
        let mut command = vec!["qa".to_owned(), "run".to_owned()];
        command.extend(scenarios.iter().map(|scenario| scenario.name.clone()));
        writer.push(Event::RunStarted {
            format: FORMAT,
            version: "0.1.0".to_owned(),
            run: "20261124-020304".to_owned(),
            started: "2026-11-24T02:03:04Z".to_owned(),
            command,
            hosts: vec![Host {
                name: HOST.to_owned(),
                os: "Debian GNU/Linux 13 (trixie)".to_owned(),
                cores: 2,
                memory_mib: 7_933,
            }],
            matrix: None,
            scenarios,
            rules: Rules::default(),
        });
        writer
    }

    /// Says how several attempts are judged.
    pub(crate) fn under(&mut self, told: Rules) -> &mut Self {
        if let Some(Entry {
            event: Event::RunStarted { rules, .. },
            ..
        }) = self.entries.first_mut()
        {
            *rules = told;
        }
        self
    }

    /// Says that it is a matrix, whose scenarios are named `scenario@image+machine`.
    pub(crate) fn of_matrix(&mut self, name: &str) -> &mut Self {
        if let Some(Entry {
            event:
                Event::RunStarted {
                    matrix,
                    scenarios,
                    command,
                    ..
                },
            ..
        }) = self.entries.first_mut()
        {
            *matrix = Some(name.to_owned());
            *command = ["qa", "run", "--matrix", name].map(str::to_owned).to_vec();
            for info in scenarios {
                let (own, on) = info.name.split_once('@').unwrap_or_default();
                let (image, machine) = on.split_once('+').unwrap_or_default();
                info.scenario = Some(own.to_owned());
                info.file = format!("scenarios/{own}.yaml");
                info.image = image.to_owned();
                info.machine = machine.to_owned();
            }
        }
        self
    }

    /// Adds an event of the scenario and the attempt that began last.
    pub(crate) fn push(&mut self, event: Event) -> &mut Self {
        let scenario = self.scenario.clone();
        self.push_about(&scenario, event)
    }

    /// Adds an event about a scenario.
    pub(crate) fn push_about(&mut self, scenario: &str, event: Event) -> &mut Self {
        self.push_of(scenario, self.attempt, event)
    }

    /// Adds an event about an attempt at a scenario; 0 for none.
    pub(crate) fn push_of(&mut self, scenario: &str, attempt: u32, event: Event) -> &mut Self {
        let is_of_run = matches!(event, Event::RunStarted { .. } | Event::RunFinished { .. });
        let is_of_attempt = !is_of_run && !matches!(event, Event::CheckpointBlamed { .. });
        self.entries.push(Entry {
            envelope: Envelope {
                seq: self.entries.len() as u64,
                at_ms: self.now_ms,
                host: HOST.to_owned(),
                scenario: Some(scenario.to_owned()).filter(|_| !is_of_run),
                attempt: Some(attempt).filter(|number| is_of_attempt && *number > 0),
                machine: None,
            },
            event,
        });
        self
    }

    pub(crate) fn after(&mut self, ms: u64) -> &mut Self {
        self.now_ms += ms;
        self
    }

    pub(crate) fn begin(
        &mut self,
        scenario: &str,
        attempt: u32,
        continued: Option<&str>,
    ) -> &mut Self {
        let from = match continued {
            Some(scenario) => StartedFrom::Continued {
                scenario: scenario.to_owned(),
            },
            None => StartedFrom::PowerOn,
        };
        self.begin_from(scenario, attempt, from)
    }

    pub(crate) fn begin_from(
        &mut self,
        scenario: &str,
        attempt: u32,
        from: StartedFrom,
    ) -> &mut Self {
        scenario.clone_into(&mut self.scenario);
        self.attempt = attempt;
        self.began_ms = self.now_ms;
        self.push(Event::ScenarioStarted { from, reason: None })
    }

    /// Says why the attempt is made that began last.
    pub(crate) fn because(&mut self, why: AttemptReason) -> &mut Self {
        if let Some(Entry {
            event: Event::ScenarioStarted { reason, .. },
            ..
        }) = self.entries.last_mut()
        {
            *reason = Some(why);
        }
        self
    }

    pub(crate) fn checkpoint_saved(&mut self, key: &str, bytes: u64) -> &mut Self {
        self.after(840);
        self.push(Event::CheckpointSaved {
            stage: self.stage.clone(),
            key: key.to_owned(),
            bytes,
            duration_ms: 840,
        })
    }

    pub(crate) fn checkpoint_unusable(
        &mut self,
        scenario: &str,
        stage: &str,
        reason: &str,
    ) -> &mut Self {
        let unusable = Event::CheckpointUnusable {
            stage: stage.to_owned(),
            reason: reason.to_owned(),
        };
        self.push_about(scenario, unusable)
    }

    pub(crate) fn checkpoint_blamed(&mut self, stage: &str, key: &str) -> &mut Self {
        self.push(Event::CheckpointBlamed {
            stage: stage.to_owned(),
            key: key.to_owned(),
        })
    }

    pub(crate) fn stage(&mut self, stage: &str, steps: usize) -> &mut Self {
        stage.clone_into(&mut self.stage);
        self.push(Event::StageStarted {
            stage: stage.to_owned(),
            steps,
        })
    }

    /// A machine that starts, in a scenario of several.
    pub(crate) fn machine_named(&mut self, name: &str) -> &mut Self {
        self.machine().on(name)
    }

    /// Says on which machine the last event happened.
    pub(crate) fn on(&mut self, machine: &str) -> &mut Self {
        if let Some(last) = self.entries.last_mut() {
            last.envelope.machine = Some(machine.to_owned());
        }
        self
    }

    pub(crate) fn machine(&mut self) -> &mut Self {
        self.after(900);
        self.push(Event::MachineStarted {
            facts: MachineFacts {
                name: "pc-uefi".to_owned(),
                arch: "x86_64".to_owned(),
                firmware: "uefi (OVMF_CODE_4M.fd)".to_owned(),
                cpu: "Haswell-v4".to_owned(),
                cpus: 2,
                memory_mib: 2_560,
                backend: BackendFacts::Qemu {
                    version: "10.0.8".to_owned(),
                    accel: "tcg".to_owned(),
                    accel_reason: "/dev/kvm is missing".to_owned(),
                },
                deadline_factor: 6.0,
            },
        })
    }

    /// Begins a step; its verb is the first word of `text`.
    pub(crate) fn start(&mut self, step: &str, text: &str, deadline_ms: Option<u64>) -> &mut Self {
        let line = 4 + step
            .split('.')
            .filter_map(|n| n.parse::<u32>().ok())
            .sum::<u32>();
        self.push(Event::StepStarted {
            stage: self.stage.clone(),
            step: step.to_owned(),
            verb: text.split(' ').next().unwrap_or_default().to_owned(),
            text: text.to_owned(),
            place: format!("scenarios/{}.yaml:{line}:5", self.stage),
            deadline_ms,
        })
    }

    /// Ends a step that took `ms`.
    pub(crate) fn end(
        &mut self,
        step: &str,
        outcome: StepOutcome,
        ms: u64,
        evidence: Evidence,
    ) -> &mut Self {
        self.after(ms);
        self.push(Event::StepFinished {
            stage: self.stage.clone(),
            step: step.to_owned(),
            outcome,
            duration_ms: ms,
            evidence,
        })
    }

    /// A step that held.
    pub(crate) fn held(&mut self, step: &str, text: &str, ms: u64) -> &mut Self {
        let frame = self.frame();
        self.start(step, text, None).end(
            step,
            StepOutcome::Passed,
            ms,
            Evidence {
                frame: Some(frame),
                ..Evidence::default()
            },
        )
    }

    /// A look that found what it was after.
    pub(crate) fn saw(&mut self, step: &str, text: &str, ms: u64, look: Look) -> &mut Self {
        let frame = self.frame();
        self.start(step, text, Some(360_000)).end(
            step,
            StepOutcome::Passed,
            ms,
            Evidence {
                frame: Some(frame),
                look: Some(look),
                ..Evidence::default()
            },
        )
    }

    /// The next picture of the screen.
    pub(crate) fn frame(&mut self) -> FrameRef {
        self.frames += 1;
        FrameRef {
            file: format!("{}/frames/{:04}.png", self.scenario, self.frames),
            generation: self.frames * 17,
            width: 1024,
            height: 768,
        }
    }

    pub(crate) fn cause(
        &self,
        kind: CauseKind,
        step: &str,
        message: &str,
        hints: &[&str],
    ) -> Cause {
        Cause {
            kind,
            message: message.to_owned(),
            hints: hints.iter().map(|hint| (*hint).to_owned()).collect(),
            step: Some(format!("{} step {step}", self.stage)),
            place: Some(format!("scenarios/{}.yaml:9:5", self.stage)),
        }
    }

    pub(crate) fn news(&mut self, what: MachineNews) -> &mut Self {
        self.push(Event::Machine { what })
    }

    pub(crate) fn note(&mut self, text: &str) -> &mut Self {
        self.push(Event::Note {
            text: text.to_owned(),
        })
    }

    pub(crate) fn soft_failure(&mut self, reason: &str, ticket: Option<&str>) -> &mut Self {
        self.push(Event::SoftFailure {
            reason: reason.to_owned(),
            ticket: ticket.map(str::to_owned),
        })
    }

    pub(crate) fn finish(&mut self, verdict: Verdict, cause: Option<Cause>) -> &mut Self {
        let has_machine = !matches!(verdict, Verdict::Skipped);
        let name = match self.attempt {
            1 => self.scenario.clone(),
            later => format!("{}-attempt-{later}", self.scenario),
        };
        let last_frame = has_machine.then(|| self.frame());
        self.after(if has_machine { 400 } else { 0 });
        self.push(Event::ScenarioFinished {
            verdict,
            cause,
            duration_ms: self.now_ms - self.began_ms,
            last_frame,
            files: ["serial0.log", "qmp.log", "qemu.args"]
                .iter()
                .filter(|_| has_machine)
                .map(|file| format!("{name}/{file}"))
                .collect(),
        })
    }

    /// The whole log.
    pub(crate) fn run_finished(&mut self, exit: ExitStatus) -> Vec<Entry> {
        let duration_ms = self.now_ms + 120;
        self.after(120).push(Event::RunFinished {
            exit,
            duration_ms,
            scenarios: None,
        });
        self.entries.clone()
    }

    /// The log as it is now, of a run that was killed.
    pub(crate) fn killed(&self) -> Vec<Entry> {
        self.entries.clone()
    }
}

/// A candidate whose areas are `(x, y, width, height, similarity, required)`, found where they were
/// recorded unless `moved`.
pub(crate) fn candidate(
    name: &str,
    moved: (i64, i64),
    areas: &[(i64, i64, u32, u32, f64, f64)],
) -> Candidate {
    let areas: Vec<_> = areas
        .iter()
        .map(
            |&(x, y, width, height, similarity, required)| reports::AreaFound {
                x: x + moved.0,
                y: y + moved.1,
                width,
                height,
                recorded_x: x,
                recorded_y: y,
                similarity,
                required,
                ok: similarity >= required,
            },
        )
        .collect();
    let error = areas
        .iter()
        .map(|area| (1.0 - area.similarity).powi(2))
        .sum::<f64>()
        / areas.len() as f64;
    Candidate {
        needle: name.to_owned(),
        error,
        areas,
        picture: None,
        workaround: None,
        texts: Vec::new(),
    }
}

pub(crate) fn command(command: &str, exit: i64, stdout: &str, stderr: &str) -> CommandResult {
    CommandResult {
        command: command.to_owned(),
        user: Some("tester".to_owned()),
        exit: Some(exit),
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
        remarks: Vec::new(),
    }
}
