//! From records to a [`Run`].

use crate::run::judgement::{blame, interrupt, judge};
use crate::run::untangle::untangle;
use crate::run::{
    Attempt, Entry, Finding, Remark, Run, RunEnd, Scenario, SoftFailure, Stage, Step,
};
use crate::{
    Event, Evidence, ExitStatus, Record, Rules, ScenarioInfo, StartedFrom, StepOutcome, Verdict,
};

/// Puts a run together.
pub(super) fn run_of(records: &[Record], no_end: NoEnd) -> Run {
    let mut fold = Fold::default();
    for record in untangle(records) {
        fold.take(record);
    }
    fold.finish(no_end)
}

/// The reason why the last record of a run is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoEnd {
    /// The log was cut short.
    Killed,
    /// It comes next.
    Ending,
    /// More comes before it.
    GoesOn,
}

#[derive(Debug, Default)]
struct Fold {
    run: Run,
    /// For each scenario of the run, where its steps are that have not ended, outermost first: stage and entry.
    open: Vec<Vec<(usize, usize)>>,
    /// For each scenario of the run, what was told before the stage began that it belongs to.
    early: Vec<Vec<(u64, Remark)>>,
    last_ms: u64,
    finished: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            name: String::new(),
            version: String::new(),
            started: String::new(),
            command: Vec::new(),
            host: None,
            rules: Rules::default(),
            matrix: None,
            scenarios: Vec::new(),
            notes: Vec::new(),
            end: RunEnd::CutShort { last_ms: 0 },
        }
    }
}

impl Fold {
    fn take(&mut self, record: &Record) {
        self.last_ms = self.last_ms.max(record.at_ms);
        let at_ms = record.at_ms;
        match &record.event {
            Event::RunStarted {
                format: _,
                version,
                run,
                started,
                command,
                host,
                matrix,
                scenarios,
                rules,
            } => {
                self.run.name.clone_from(run);
                self.run.version.clone_from(version);
                self.run.started.clone_from(started);
                self.run.command.clone_from(command);
                self.run.host = Some(host.clone());
                self.run.rules = *rules;
                self.run.matrix.clone_from(matrix);
                for info in scenarios {
                    let index = self.scenario(&info.name);
                    self.run.scenarios[index].info = info.clone();
                }
            }
            Event::ScenarioStarted {
                scenario,
                attempt,
                from,
                reason,
            } => {
                let index = self.scenario(scenario);
                self.open[index].clear();
                let mut begun = begun(*attempt, from.clone(), at_ms);
                begun.reason = *reason;
                self.run.scenarios[index].attempts.push(begun);
            }
            Event::MachineStarted { scenario, machine } => {
                let first = {
                    let machines = &mut self.attempt(scenario, at_ms).machines;
                    machines.push(machine.clone());
                    machines.len() == 1
                };
                if !first {
                    self.remark(scenario, at_ms, Remark::Started(Box::new(machine.clone())));
                }
            }
            Event::StageStarted {
                scenario,
                stage,
                steps,
            } => {
                let index = self.scenario(scenario);
                self.open[index].clear();
                self.attempt(scenario, at_ms).stages.push(Stage {
                    name: stage.clone(),
                    planned: *steps,
                    entries: Vec::new(),
                });
                self.tell_early(index);
            }
            Event::StepStarted {
                scenario,
                stage,
                step,
                verb,
                text,
                place,
                deadline_ms,
            } => {
                let begun = Step {
                    id: step.clone(),
                    depth: 0,
                    verb: verb.clone(),
                    text: text.clone(),
                    place: place.clone(),
                    deadline_ms: *deadline_ms,
                    started_ms: at_ms,
                    outcome: None,
                    duration_ms: 0,
                    evidence: Evidence::default(),
                    is_group: false,
                };
                self.step(scenario, stage, begun);
            }
            Event::StepFinished {
                scenario,
                stage: _,
                step,
                outcome,
                duration_ms,
                evidence,
            } => self.step_finished(scenario, step, *outcome, *duration_ms, evidence),
            Event::Machine { scenario, what } => {
                self.remark(scenario, at_ms, Remark::Machine(what.clone()));
            }
            Event::Note { scenario, text } if scenario.is_empty() => {
                self.run.notes.push(text.clone());
            }
            Event::Note { scenario, text } => {
                self.remark(scenario, at_ms, Remark::Note(text.clone()));
            }
            // For whoever reads the log: the step itself is in every report.
            Event::Input { .. } => {}
            Event::SoftFailure {
                scenario,
                reason,
                ticket,
            } => {
                let defect = SoftFailure {
                    reason: reason.clone(),
                    ticket: ticket.clone(),
                };
                self.attempt(scenario, at_ms)
                    .soft_failures
                    .push(defect.clone());
                self.remark(scenario, at_ms, Remark::SoftFailure(defect));
            }
            Event::CheckpointSaved {
                scenario,
                stage,
                key,
                bytes,
                duration_ms,
            } => {
                let saved = Remark::CheckpointSaved {
                    stage: stage.clone(),
                    key: key.clone(),
                    bytes: *bytes,
                    duration_ms: *duration_ms,
                };
                self.remark(scenario, at_ms, saved);
            }
            Event::CheckpointUnusable {
                scenario,
                stage,
                reason,
            } => {
                let unusable = Remark::CheckpointUnusable {
                    stage: stage.clone(),
                    reason: reason.clone(),
                };
                self.early(scenario, at_ms, unusable);
            }
            Event::CheckpointBlamed {
                scenario,
                stage,
                key,
            } => {
                let index = self.scenario(scenario);
                let scenario = &mut self.run.scenarios[index];
                let finding = blame(&scenario.attempts, stage, key);
                scenario.findings.push(finding);
            }
            Event::NotWatched {
                scenario,
                stage,
                watch,
                reason,
            } => {
                let index = self.scenario(scenario);
                let findings = &mut self.run.scenarios[index].findings;
                let told = findings.iter().any(|finding| {
                    matches!(finding, Finding::NotWatched { stage: s, watch: w, .. } if s == stage && w == watch)
                });
                // Of several attempts one tells it.
                if !told {
                    findings.push(Finding::NotWatched {
                        stage: stage.clone(),
                        watch: watch.clone(),
                        reason: reason.clone(),
                    });
                }
            }
            Event::OldClock {
                scenario,
                stage,
                behind_ms,
                reason,
            } => {
                let index = self.scenario(scenario);
                let findings = &mut self.run.scenarios[index].findings;
                let told = findings.iter().any(
                    |finding| matches!(finding, Finding::OldClock { stage: s, .. } if s == stage),
                );
                // Of several attempts one tells it.
                if !told {
                    findings.push(Finding::OldClock {
                        stage: stage.clone(),
                        behind_ms: *behind_ms,
                        reason: reason.clone(),
                    });
                }
            }
            Event::EvidenceLost {
                scenario,
                what,
                reason,
            } => {
                let index = self.scenario(scenario);
                let findings = &mut self.run.scenarios[index].findings;
                let lost = Finding::EvidenceLost {
                    what: what.clone(),
                    reason: reason.clone(),
                };
                // A full disk takes all that follows: said once.
                if !findings.contains(&lost) {
                    findings.push(lost);
                }
            }
            Event::ScenarioFinished {
                scenario,
                attempt: _,
                verdict,
                cause,
                duration_ms,
                last_frame,
                files,
            } => {
                let attempt = self.attempt(scenario, at_ms);
                attempt.is_whole = true;
                attempt.verdict = *verdict;
                attempt.cause.clone_from(cause);
                attempt.duration_ms = *duration_ms;
                attempt.last_frame.clone_from(last_frame);
                attempt.files.clone_from(files);
            }
            Event::RunFinished { exit, duration_ms } => {
                self.finished = true;
                self.run.end = RunEnd::Finished {
                    exit: *exit,
                    duration_ms: *duration_ms,
                };
            }
        }
    }

    /// The place of a scenario; one that the beginning of the log did not announce is added.
    fn scenario(&mut self, name: &str) -> usize {
        let known = self
            .run
            .scenarios
            .iter()
            .position(|scenario| scenario.info.name == name);
        known.unwrap_or_else(|| {
            self.run.scenarios.push(Scenario {
                info: ScenarioInfo {
                    name: name.to_owned(),
                    scenario: None,
                    title: String::new(),
                    file: String::new(),
                    image: String::new(),
                    image_digest: None,
                    machine: String::new(),
                    after: Vec::new(),
                    part: None,
                },
                attempts: Vec::new(),
                verdict: Verdict::Error,
                cause: None,
                findings: Vec::new(),
                decided_by: None,
            });
            self.open.push(Vec::new());
            self.early.push(Vec::new());
            self.run.scenarios.len() - 1
        })
    }

    /// The running attempt at a scenario.
    fn attempt(&mut self, scenario: &str, at_ms: u64) -> &mut Attempt {
        let index = self.scenario(scenario);
        let attempts = &mut self.run.scenarios[index].attempts;
        if attempts.is_empty() {
            attempts.push(begun(1, StartedFrom::PowerOn, at_ms));
        }
        let last = attempts.len() - 1;
        &mut attempts[last]
    }

    /// The running stage, which is made where the log does not tell its beginning.
    fn stage(&mut self, scenario: &str, name: &str, at_ms: u64) -> (usize, &mut Stage) {
        let stages = &mut self.attempt(scenario, at_ms).stages;
        if stages.is_empty() {
            stages.push(Stage {
                name: name.to_owned(),
                planned: 0,
                entries: Vec::new(),
            });
        }
        let last = stages.len() - 1;
        (last, &mut stages[last])
    }

    fn step(&mut self, scenario: &str, stage: &str, mut step: Step) {
        let index = self.scenario(scenario);
        // Steps of one stage run one after the other, so a step that begins while another runs belongs to it.
        step.depth = self.open[index].len();
        let parent = self.open[index].last().copied();
        let (stage, place) = {
            let (stage_index, stage) = self.stage(scenario, stage, step.started_ms);
            stage.entries.push(Entry::Step(Box::new(step)));
            (stage_index, stage.entries.len() - 1)
        };
        if let Some(parent) = self.step_at(index, parent) {
            parent.is_group = true;
        }
        self.open[index].push((stage, place));
    }

    fn step_at(&mut self, scenario: usize, at: Option<(usize, usize)>) -> Option<&mut Step> {
        let (stage, entry) = at?;
        let attempt = self.run.scenarios.get_mut(scenario)?.attempts.last_mut()?;
        match attempt.stages.get_mut(stage)?.entries.get_mut(entry)? {
            Entry::Step(step) => Some(step),
            Entry::Remark { .. } => None,
        }
    }

    fn step_finished(
        &mut self,
        scenario: &str,
        id: &str,
        outcome: StepOutcome,
        duration_ms: u64,
        evidence: &Evidence,
    ) {
        let index = self.scenario(scenario);
        while let Some(at) = self.open[index].pop() {
            let Some(step) = self.step_at(index, Some(at)) else {
                continue;
            };
            if step.id != id {
                continue; // Its end is lost; the one that ends now is outside of it.
            }
            step.outcome = Some(outcome);
            step.duration_ms = duration_ms;
            if !step.is_group {
                step.evidence = evidence.clone();
            } else if outcome == StepOutcome::Passed {
                self.forgive(index, at);
            }
            return;
        }
    }

    /// A group that held although steps of it did not: a retry held, or it is optional.
    fn forgive(&mut self, scenario: usize, (stage, group): (usize, usize)) {
        let Some(attempt) = self.run.scenarios[scenario].attempts.last_mut() else {
            return;
        };
        let Some(stage) = attempt.stages.get_mut(stage) else {
            return;
        };
        for entry in &mut stage.entries[group + 1..] {
            if let Entry::Step(step) = entry
                && step.outcome == Some(StepOutcome::Failed)
            {
                step.outcome = Some(StepOutcome::Forgiven);
            }
        }
    }

    fn remark(&mut self, scenario: &str, at_ms: u64, remark: Remark) {
        let index = self.scenario(scenario);
        let depth = self.open[index].len();
        let (_, stage) = self.stage(scenario, "", at_ms);
        stage.entries.push(Entry::Remark {
            at_ms,
            depth,
            remark,
        });
    }

    /// A remark that may come before the attempt or the stage that it is about: it must not make one up.
    fn early(&mut self, scenario: &str, at_ms: u64, remark: Remark) {
        let index = self.scenario(scenario);
        let runs = self.run.scenarios[index]
            .attempts
            .last()
            .is_some_and(|attempt| !attempt.is_whole && !attempt.stages.is_empty());
        if runs {
            self.remark(scenario, at_ms, remark);
        } else {
            self.early[index].push((at_ms, remark));
        }
    }

    /// Puts what was told early into the last stage there is.
    fn tell_early(&mut self, index: usize) {
        let remarks = std::mem::take(&mut self.early[index]);
        let name = self.run.scenarios[index].info.name.clone();
        for (at_ms, remark) in remarks {
            self.remark(&name, at_ms, remark);
        }
    }

    fn finish(mut self, no_end: NoEnd) -> Run {
        for index in 0..self.early.len() {
            // A scenario that was never begun has no place for remarks, and must not look as if it had been.
            if !self.run.scenarios[index].attempts.is_empty() {
                self.tell_early(index);
            }
        }
        if !self.finished {
            let last_ms = self.last_ms;
            self.run.end = match no_end {
                NoEnd::Killed => RunEnd::CutShort { last_ms },
                NoEnd::GoesOn => RunEnd::Running { last_ms },
                NoEnd::Ending => RunEnd::Finished {
                    exit: ExitStatus::Success,
                    duration_ms: last_ms,
                },
            };
        }
        let (end, rules) = (self.run.end, self.run.rules);
        for scenario in &mut self.run.scenarios {
            for attempt in &mut scenario.attempts {
                if !attempt.is_whole {
                    interrupt(attempt, end, self.last_ms);
                }
            }
            judge(scenario, end, rules);
        }
        self.run
    }
}

/// An attempt that has just begun: an error until the log says how it ended.
fn begun(number: u32, from: StartedFrom, started_ms: u64) -> Attempt {
    Attempt {
        number,
        reason: None,
        from,
        started_ms,
        machines: Vec::new(),
        stages: Vec::new(),
        soft_failures: Vec::new(),
        is_whole: false,
        verdict: Verdict::Error,
        cause: None,
        duration_ms: 0,
        last_frame: None,
        files: Vec::new(),
    }
}
