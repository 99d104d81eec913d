//! A step with its number, ready to be rendered.

use std::sync::Arc;
use std::time::Duration;

use super::bindings::Bindings;
use super::step_id::StepId;
use crate::condition::Condition;
use crate::finding::{Code, Diagnostic, Span};
use crate::step::{Action, Resets, Step, short};
use crate::value::{Render, Vars};

/// A step with its number. The steps of `include` and `each` are expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedStep {
    /// The number.
    pub id: StepId,
    /// The steps that run inside it: those of a `group` or `hold`, those of the file for `include`, those of every item
    /// for `each`.
    pub steps: Vec<PlannedStep>,
    step: Arc<Step>,
    /// The bindings of the `include` and `each` around it, the innermost last.
    bound: Arc<Vec<Bindings>>,
    /// True if some of the steps inside it are left out.
    is_cut: bool,
}

/// A step ready to run.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedStep {
    /// The action.
    pub action: Action,
    /// The deadline, if the step states one.
    pub within: Option<Duration>,
    /// The restarts of the machine that the step expects, if it states them.
    pub resets: Option<Resets>,
    /// True if the machine powers itself off during the step.
    pub powers_off: bool,
    /// The title, else the line of the action. Contains no secrets.
    pub line: String,
}

impl PlannedStep {
    pub(crate) fn new(
        id: StepId,
        step: Arc<Step>,
        bound: Arc<Vec<Bindings>>,
        steps: Vec<PlannedStep>,
    ) -> Self {
        Self {
            id,
            steps,
            step,
            bound,
            is_cut: false,
        }
    }

    /// Returns this step with only the first of the steps inside it. Its expectations about its end do not apply then.
    pub fn cut_to(&self, steps: Vec<PlannedStep>) -> Self {
        Self {
            steps,
            is_cut: true,
            ..self.clone()
        }
    }

    /// Returns true if some of the steps inside it are left out.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Returns the step as written.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Returns the place of the step.
    pub fn at(&self) -> &Span {
        &self.step.at
    }

    /// Returns the bindings of the `include` and `each` around it, the innermost last.
    pub(crate) fn bound(&self) -> &[Bindings] {
        &self.bound
    }

    /// Returns the condition of the step.
    pub fn when(&self) -> Option<&Condition> {
        self.step.when.as_ref()
    }

    /// Returns true if the step must run: its `when` holds, or it has none. `seen` returns true for the tags of the
    /// needle that matched last.
    ///
    /// # Errors
    /// A variable has no value.
    pub fn applies(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<bool, Diagnostic> {
        match &self.step.when {
            Some(when) => when.holds(&self.scope(vars)?, seen),
            None => Ok(true),
        }
    }

    /// Replaces variables by their current values.
    ///
    /// # Errors
    /// A variable has no value, or a value that does not fit its place.
    pub fn render(&self, vars: &Vars) -> Result<RenderedStep, Diagnostic> {
        let scope = self.scope(vars)?;
        let action = self.step.action.render(&scope)?;
        let within = match &self.step.within {
            Some(within) => {
                let duration = within.render(&scope)?;
                if duration.is_zero() {
                    return Err(no_time(within.at()));
                }
                Some(duration)
            }
            None => None,
        };
        let line = match &self.step.title {
            Some(title) => short(title.render(&scope)?.shown()),
            None => self.step.with_expected(action.line()),
        };
        Ok(RenderedStep {
            action,
            within,
            resets: self.step.resets.clone(),
            powers_off: self.step.powers_off,
            line,
        })
    }

    /// Returns the variables that this step sees, including those that the `include` and `each` around it bind.
    ///
    /// # Errors
    /// A variable has no value.
    pub fn scope(&self, vars: &Vars) -> Result<Vars, Diagnostic> {
        let mut scope = vars.clone();
        for bindings in self.bound.iter() {
            bindings.bind(&mut scope)?;
        }
        Ok(scope)
    }

    /// Returns the line as written, without secrets, for lists of steps that do not run yet.
    pub fn written_line(&self) -> String {
        self.step.line()
    }

    /// Returns the step of this number among these steps and those inside them.
    pub fn find<'a>(steps: &'a [Self], id: &StepId) -> Option<&'a Self> {
        steps.iter().find_map(|step| {
            if step.id == *id {
                Some(step)
            } else if id.is_inside(&step.id) {
                Self::find(&step.steps, id)
            } else {
                None
            }
        })
    }

    /// Returns the number of steps, including this one and those inside it.
    pub fn count(&self) -> usize {
        1 + self.steps.iter().map(Self::count).sum::<usize>()
    }
}

/// Makes the finding about a deadline of zero.
pub(crate) fn no_time(at: &Span) -> Diagnostic {
    Diagnostic::new(
        Code::DeadlineZero,
        at,
        "a deadline of no time: the step cannot hold",
    )
    .with_help("write how long it may take, such as `within: 10s`")
}
