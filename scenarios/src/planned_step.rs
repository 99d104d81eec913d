use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{Action, Condition, Diagnostic, Library, Scenario, Span, Step, Templated, Text, Vars};

/// The number of a step as people count: `3`, or `3.1` for the first one inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(Vec<u32>);

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (depth, number) in self.0.iter().enumerate() {
            if depth > 0 {
                f.write_str(".")?;
            }
            write!(f, "{number}")?;
        }
        Ok(())
    }
}

/// A step with its number, and with the steps it stands for: `include` and `each` are expanded.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedStep {
    /// Its number.
    pub id: StepId,
    /// What runs inside it: of `group` and `hold` their steps, of `include` those of the file, of `each` those of every item.
    pub steps: Vec<PlannedStep>,
    step: Arc<Step>,
    /// Variables bound by the `include` and `each` around it, the innermost last.
    bound: Arc<Vec<(String, Templated<Text>)>>,
}

/// A step ready to run.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderedStep {
    /// What it does.
    pub action: Action,
    /// How long it may take, where it says so.
    pub within: Option<Duration>,
    /// What it is called: its title, else its own line; without secrets.
    pub line: String,
}

impl PlannedStep {
    /// The step as written.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// Where it is written.
    pub fn at(&self) -> &Span {
        &self.step.at
    }

    /// The condition it is skipped without.
    pub fn when(&self) -> Option<&Condition> {
        self.step.when.as_ref()
    }

    /// Whether it is to be run: its `when` holds, or it has none. `seen` says whether the needle that matched last carries a tag.
    ///
    /// # Errors
    /// A variable that has no value.
    pub fn applies(&self, vars: &Vars, seen: &dyn Fn(&str) -> bool) -> Result<bool, Diagnostic> {
        let _ = (vars, seen);
        todo!()
    }

    /// Puts in the values of variables as they are now.
    ///
    /// # Errors
    /// A variable that has no value, or whose value does not fit the place it is used in.
    pub fn render(&self, vars: &Vars) -> Result<RenderedStep, Diagnostic> {
        let _ = vars;
        todo!()
    }

    /// The variables as this step sees them: with what the `include` and `each` around it bind. For conditions of `assert`.
    ///
    /// # Errors
    /// A variable that has no value.
    pub fn scope(&self, vars: &Vars) -> Result<Vars, Diagnostic> {
        let _ = vars;
        todo!()
    }

    /// Its line as written, for a list of steps that do not run yet; without secrets.
    pub fn written_line(&self) -> String {
        todo!()
    }

    /// How many steps there are, this one and those inside it.
    pub fn count(&self) -> usize {
        1 + self.steps.iter().map(Self::count).sum::<usize>()
    }
}

/// The steps of a scenario with `include` and `each` expanded. `vars` are those the scenario starts with: they give the lists of
/// `each`.
///
/// # Errors
/// Files to include that are not in the library or include each other, and lists that are not there.
pub fn expand(
    scenario: &Scenario,
    library: &Library,
    vars: &Vars,
) -> Result<Vec<PlannedStep>, Vec<Diagnostic>> {
    let _ = (scenario, library, vars);
    todo!()
}
