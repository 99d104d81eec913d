//! Scenarios, their attempts and their stages.

use super::state::{AttemptPlace, Bookkeeping, Fold, misrouted};
use crate::log::{Entry, Envelope, Event, ScenarioInfo, StartedFrom, Verdict};
use crate::run::attempt::{Attempt, Remark, Stage, StartedMachine};
use crate::run::scenario::Scenario;

impl Fold {
    pub(super) fn run_started(&mut self, event: &Event) {
        let Event::RunStarted {
            format: _,
            version,
            run,
            started,
            command,
            hosts,
            matrix,
            scenarios,
            rules,
        } = event
        else {
            return;
        };
        self.run.name.clone_from(run);
        self.run.version.clone_from(version);
        self.run.started.clone_from(started);
        self.run.command.clone_from(command);
        self.run.hosts.clone_from(hosts);
        self.run.rules = *rules;
        self.run.matrix.clone_from(matrix);
        for info in scenarios {
            let place = self.scenario_named(&info.name);
            self.run.scenarios[place].info = info.clone();
        }
    }

    /// Takes an event that begins or ends an attempt, or a stage of it.
    pub(super) fn attempt_event(&mut self, entry: &Entry) {
        let envelope = &entry.envelope;
        match &entry.event {
            Event::ScenarioStarted { from, reason } => {
                let place = self.begin(envelope, envelope.attempt.unwrap_or(1), from.clone());
                self.attempt_at(place).reason = *reason;
            }
            Event::MachineStarted { facts } => {
                let machine = StartedMachine {
                    name: envelope.machine.clone(),
                    facts: facts.clone(),
                };
                let place = self.attempt(envelope);
                let machines = &mut self.attempt_at(place).machines;
                let again = machines.iter().any(|known| known.name == machine.name);
                machines.push(machine);
                if again {
                    self.remark(envelope, Remark::Started(Box::new(facts.clone())));
                }
            }
            Event::StageStarted { stage, steps } => {
                let place = self.attempt(envelope);
                self.open_steps(place).clear();
                self.attempt_at(place).stages.push(Stage {
                    name: stage.clone(),
                    planned: *steps,
                    entries: Vec::new(),
                });
                self.tell_early(place);
            }
            Event::ScenarioFinished {
                verdict,
                cause,
                duration_ms,
                last_frame,
                files,
            } => {
                let place = self.attempt(envelope);
                let attempt = self.attempt_at(place);
                attempt.is_whole = true;
                attempt.verdict = *verdict;
                attempt.cause.clone_from(cause);
                attempt.duration_ms = *duration_ms;
                attempt.last_frame.clone_from(last_frame);
                attempt.files.clone_from(files);
            }
            other => misrouted(other),
        }
    }

    /// Returns the place of the scenario that an entry is about.
    pub(super) fn scenario(&mut self, envelope: &Envelope) -> usize {
        self.scenario_named(envelope.scenario.as_deref().unwrap_or_default())
    }

    /// Returns the place of a scenario. One that the beginning of the log did not announce is added.
    fn scenario_named(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.run.scenarios.len();
        self.run.scenarios.push(unannounced(name));
        self.scenarios.push(Bookkeeping::default());
        self.places.insert(name.to_owned(), place);
        place
    }

    /// Begins an attempt. Attempts stand in the order of their numbers.
    fn begin(&mut self, envelope: &Envelope, number: u32, from: StartedFrom) -> AttemptPlace {
        let scenario = self.scenario(envelope);
        let attempts = &mut self.run.scenarios[scenario].attempts;
        let attempt = attempts.partition_point(|known| known.number <= number);
        attempts.insert(attempt, begun(envelope, number, from));
        let book = &mut self.scenarios[scenario];
        book.open.insert(attempt, Vec::new());
        book.latest = Some(attempt);
        AttemptPlace { scenario, attempt }
    }

    /// Returns the place of the attempt that an entry is about, if it has begun.
    pub(super) fn known_attempt(&mut self, envelope: &Envelope) -> Option<AttemptPlace> {
        let scenario = self.scenario(envelope);
        let attempts = &self.run.scenarios[scenario].attempts;
        let attempt = match envelope.attempt {
            Some(number) => attempts.iter().rposition(|known| known.number == number),
            // The entry has no number, so it belongs to the attempt that began last.
            None => self.scenarios[scenario].latest,
        };
        attempt.map(|attempt| AttemptPlace { scenario, attempt })
    }

    /// Returns the place of the attempt that an entry is about. One whose beginning the log does not have is added.
    pub(super) fn attempt(&mut self, envelope: &Envelope) -> AttemptPlace {
        let known = self.known_attempt(envelope);
        known.unwrap_or_else(|| {
            let number = envelope.attempt.unwrap_or(1);
            self.begin(envelope, number, StartedFrom::PowerOn)
        })
    }

    pub(super) fn attempt_at(&mut self, place: AttemptPlace) -> &mut Attempt {
        &mut self.run.scenarios[place.scenario].attempts[place.attempt]
    }

    /// Returns the stage of an attempt that runs. One whose beginning the log does not have is added.
    pub(super) fn stage(&mut self, place: AttemptPlace, name: &str) -> (usize, &mut Stage) {
        let stages = &mut self.attempt_at(place).stages;
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
}

/// A scenario of which only the name is known.
fn unannounced(name: &str) -> Scenario {
    Scenario {
        info: ScenarioInfo::named(name),
        attempts: Vec::new(),
        verdict: Verdict::Error,
        cause: None,
        findings: Vec::new(),
        decided_by: None,
    }
}

/// An attempt that has just begun: an error until the log says how it ended.
fn begun(envelope: &Envelope, number: u32, from: StartedFrom) -> Attempt {
    Attempt {
        number,
        reason: None,
        from,
        host: envelope.host.clone(),
        started_ms: envelope.at_ms,
        machines: Vec::new(),
        stages: Vec::new(),
        soft_failures: Vec::new(),
        is_whole: false,
        verdict: Verdict::Error,
        cause: None,
        duration_ms: 0,
        last_frame: None,
        files: Vec::new(),
        film: Vec::new(),
        inputs: Vec::new(),
        looks: Vec::new(),
        serial: Vec::new(),
    }
}
