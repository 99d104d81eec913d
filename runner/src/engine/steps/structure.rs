//! `group`, `set`, `assert`.

use reports::CauseKind;
use scenarios::{
    Assert, Condition, Group, PlannedStep, RenderedStep, Set, Text, Value, Vars, VarsTooLong,
};

use crate::engine::attempt::{Attempt, diagnostic_stop};
use crate::engine::step_output::StepOutput;
use crate::engine::stop::Stop;

impl Attempt<'_> {
    /// Runs the steps of a group, again if it may be retried.
    pub(super) async fn group(
        &mut self,
        group: &Group,
        step: &RenderedStep,
        steps: &[PlannedStep],
    ) -> Result<StepOutput, Stop> {
        let mut left = group.retry;
        loop {
            match self.steps(steps).await {
                Ok(()) => return Ok(StepOutput::default()),
                Err(stop) if !stop.is_forgivable() => return Err(stop),
                Err(stop) if left > 0 => {
                    left -= 1;
                    if step.resets.is_some()
                        && let Ok(session) = self.bench().session()
                    {
                        session.ledger().begin_again();
                    }
                    self.note(&format!(
                        "group `{}` is tried again: {}",
                        group.name,
                        stop.cause().message
                    ));
                }
                Err(stop) if group.optional => {
                    self.note(&format!(
                        "optional group `{}` did not hold: {}",
                        group.name,
                        stop.cause().message
                    ));
                    return Ok(StepOutput::default());
                }
                Err(stop) => return Err(stop),
            }
        }
    }

    /// Sets variables.
    pub(super) fn set(&mut self, set: &Set) -> Result<StepOutput, Stop> {
        for (name, value) in &set.vars {
            self.keep_value(name, value.clone())?;
        }
        Ok(StepOutput::default())
    }

    /// Sets a variable to a value that a step has made or saved.
    pub(super) fn keep_value(&mut self, name: &str, value: Text) -> Result<(), Stop> {
        self.vars.assign(name, value).map_err(|error| {
            Stop::error(CauseKind::Scenario, error.to_string()).hint(VarsTooLong::HELP)
        })
    }

    /// Fails if a condition does not hold.
    pub(super) fn assert(
        &mut self,
        assert: &Assert,
        planned: &PlannedStep,
    ) -> Result<StepOutput, Stop> {
        let scope = planned
            .scope(&self.vars)
            .map_err(|error| diagnostic_stop(&error))?;
        let last_seen = self.last_seen.clone();
        let seen = |tag: &str| last_seen.as_ref().is_some_and(|needle| needle.has_tag(tag));
        let holds = assert
            .that
            .holds(&scope, &seen)
            .map_err(|error| diagnostic_stop(&error))?;
        if holds {
            return Ok(StepOutput::default());
        }
        let message = match &assert.message {
            Some(message) => message.shown().to_owned(),
            None => format!("`{}` does not hold", assert.that.text()),
        };
        let stop = Stop::failed(CauseKind::Assertion, message);
        Err(match values(&assert.that, &scope) {
            Some(values) => stop.because(&values),
            None => stop,
        })
    }
}

/// Returns the values of the variables in a condition, each once; none if it has no variables.
fn values(condition: &Condition, scope: &Vars) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for (name, _) in condition.variables() {
        let value = match scope.get(name)? {
            Value::Text(text) if text.is_secret() => text.shown().to_owned(),
            Value::Text(text) => format!("{:?}", text.shown()),
            Value::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.shown()).collect();
                format!("{items:?}")
            }
        };
        let word = format!("{name} is {value}");
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}
