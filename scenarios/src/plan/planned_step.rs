use crate::value::Render;
use std::sync::Arc;
use std::time::Duration;

use super::bindings::Frame;
use super::step_id::StepId;
use crate::condition::Condition;
use crate::finding::{Code, Diagnostic, Span};
use crate::step::{Action, Resets, Step, short};
use crate::value::Vars;

/// A step with its number, and with the steps it stands for: `include` and `each` are expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedStep {
    /// Its number.
    pub id: StepId,
    /// The steps that run inside it: of `group` and `hold` their steps, of `include` those of the file, of
    /// `each` those of every item.
    pub steps: Vec<PlannedStep>,
    step: Arc<Step>,
    /// Variables bound by the `include` and `each` around it, the innermost last.
    bound: Arc<Vec<Frame>>,
    /// Whether some of the steps inside it are left out.
    is_cut: bool,
}

/// A step ready to run.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedStep {
    /// What it does.
    pub action: Action,
    /// How long it may take, where it says so.
    pub within: Option<Duration>,
    /// How often the machine starts over while it runs; none where that is not for it to say.
    pub resets: Option<Resets>,
    /// Whether the machine powers itself off while it runs.
    pub powers_off: bool,
    /// What it is called: its title, else its own line; without secrets.
    pub line: String,
}

impl PlannedStep {
    pub(crate) fn new(
        id: StepId,
        step: Arc<Step>,
        bound: Arc<Vec<Frame>>,
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

    /// This step with only a part of what runs inside it, from its beginning. What it says of its end is
    /// not to be expected then.
    pub fn cut_to(&self, steps: Vec<PlannedStep>) -> Self {
        Self {
            steps,
            is_cut: true,
            ..self.clone()
        }
    }

    /// Whether some of the steps inside it are left out.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The step as written.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Where it is written.
    pub fn at(&self) -> &Span {
        &self.step.at
    }

    /// What the `include` and `each` around it bind, the innermost last.
    pub(crate) fn bound(&self) -> &[Frame] {
        &self.bound
    }

    /// The condition it is skipped without.
    pub fn when(&self) -> Option<&Condition> {
        self.step.when.as_ref()
    }

    /// Returns whether it is to be run: its `when` holds, or it has none. `seen` says whether the needle that
    /// matched last carries a tag.
    ///
    /// # Errors
    /// A variable that has no value.
    pub fn applies(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<bool, Diagnostic> {
        match &self.step.when {
            Some(when) => when.holds(&self.scope(vars)?, seen),
            None => Ok(true),
        }
    }

    /// Puts in the values of variables as they are now.
    ///
    /// # Errors
    /// A variable that has no value, or whose value does not fit the place it is used in.
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

    /// The variables as this step sees them: with what the `include` and `each` around it bind. For conditions of
    /// `assert`.
    ///
    /// # Errors
    /// A variable that has no value.
    pub fn scope(&self, vars: &Vars) -> Result<Vars, Diagnostic> {
        let mut scope = vars.clone();
        for frame in self.bound.iter() {
            frame.bind(&mut scope)?;
        }
        Ok(scope)
    }

    /// Its line as written, for a list of steps that do not run yet; without secrets.
    pub fn written_line(&self) -> String {
        self.step.line()
    }

    /// The step of this number among these and those inside them.
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

    /// How many steps there are, this one and those inside it.
    pub fn count(&self) -> usize {
        1 + self.steps.iter().map(Self::count).sum::<usize>()
    }
}

/// The finding about a deadline that has passed before the step begins.
pub(crate) fn no_time(at: &Span) -> Diagnostic {
    Diagnostic::new(
        Code::DeadlineZero,
        at,
        "a deadline of no time: the step cannot hold",
    )
    .with_help("write how long it may take, such as `within: 10s`")
}
