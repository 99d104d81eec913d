//! Expands `include` and `each`.

use std::collections::HashMap;
use std::sync::Arc;

use super::bindings::{Binding, Bindings, Bound};
use super::lengths::Lengths;
use super::planned_step::PlannedStep;
use super::step_id::StepId;
use crate::bounds::{DEEPEST, MOST_TEXT, too_long};
use crate::finding::{Code, Diagnostic, Span, Spanned, did_you_mean, sort};
use crate::library::Library;
use crate::scenario::Scenario;
use crate::step::{Action, Each, Include, Items, Step};
use crate::value::{Value, Vars, Written, WrittenValue, unknown_variable};

/// The greatest number of steps of one scenario, including steps inside others. Fragments that include fragments could
/// make any number.
const MOST_STEPS: usize = 10_000;

/// Returns the steps of a scenario with `include` and `each` expanded. `vars` are the variables that the scenario
/// starts with; they have the lists of `each`.
///
/// # Errors
/// Files to include that are missing or include each other, missing lists, and more steps, deeper steps or longer texts
/// than a scenario may have.
pub fn expand(
    scenario: &Scenario,
    library: &Library,
    vars: &Vars,
) -> Result<Vec<PlannedStep>, Vec<Diagnostic>> {
    match expand_all(scenario, library, vars) {
        (steps, findings) if findings.is_empty() => Ok(steps),
        (_, findings) => Err(findings),
    }
}

/// Does the same as [`expand`], and returns every step that could be expanded. A step that could not has no steps
/// inside.
pub(crate) fn expand_all(
    scenario: &Scenario,
    library: &Library,
    vars: &Vars,
) -> (Vec<PlannedStep>, Vec<Diagnostic>) {
    let mut expander = Expander {
        library,
        vars,
        open: vec![scenario.source.path().to_owned()],
        steps: HashMap::new(),
        lengths: Lengths::new(vars),
        count: 0,
        bytes: 0,
        findings: Vec::new(),
    };
    let steps = expander.steps(&scenario.steps, None, &Arc::new(Vec::new()));
    sort(&mut expander.findings);
    (steps, expander.findings)
}

struct Expander<'a> {
    library: &'a Library,
    vars: &'a Vars,
    /// Steps that were cloned already, by their address. A step that runs for many items is kept once.
    steps: HashMap<*const Step, Arc<Step>>,
    lengths: Lengths<'a>,
    /// The files that are being included, the outermost first.
    open: Vec<String>,
    count: usize,
    /// The length of all texts, with the values of their variables.
    bytes: usize,
    findings: Vec<Diagnostic>,
}

impl Expander<'_> {
    fn steps(
        &mut self,
        steps: &[Step],
        inside: Option<&StepId>,
        bound: &Arc<Vec<Bindings>>,
    ) -> Vec<PlannedStep> {
        let mut planned = Vec::new();
        self.append(&mut planned, steps, inside, bound);
        planned
    }

    /// Appends steps. Their numbers continue after the existing ones, so the steps of each item of an `each` follow
    /// those of the item before.
    fn append(
        &mut self,
        planned: &mut Vec<PlannedStep>,
        steps: &[Step],
        inside: Option<&StepId>,
        bound: &Arc<Vec<Bindings>>,
    ) {
        for step in steps {
            self.count += 1;
            if self.count > MOST_STEPS {
                // Reported once, at the first step above the limit.
                if self.count == MOST_STEPS + 1 {
                    let message = format!("the scenario has more than {MOST_STEPS} steps");
                    self.findings.push(
                        Diagnostic::new(Code::InvalidValue, &step.at, message).with_help(
                            "files that include files multiply, and so do lists inside lists",
                        ),
                    );
                }
                return;
            }
            if !self.fits(self.lengths.step(step), &step.at) {
                return;
            }
            let number = u32::try_from(planned.len() + 1).unwrap_or(u32::MAX);
            let id = StepId::new(inside, number);
            if id.depth() > DEEPEST {
                let message = format!("more than {DEEPEST} steps inside each other");
                self.findings.push(
                    Diagnostic::new(Code::InvalidValue, &step.at, message).with_help(
                        "files that include files go deeper with each: include them one after the other",
                    ),
                );
                return;
            }
            let inner = match &step.action {
                Action::Include(include) => self.include(include, &id, bound),
                Action::Each(each) => self.each(each, step, &id, bound),
                _ => self.steps(&step.steps, Some(&id), bound),
            };
            let kept = self.steps.entry(std::ptr::from_ref(step));
            let step = Arc::clone(kept.or_insert_with(|| Arc::new(step.clone())));
            planned.push(PlannedStep::new(id, step, Arc::clone(bound), inner));
        }
    }

    /// Counts text. Returns true if the scenario is still within the limit. Reports once that it is not.
    fn fits(&mut self, bytes: usize, at: &Span) -> bool {
        let before = self.bytes;
        self.bytes = before.saturating_add(bytes);
        if self.bytes > MOST_TEXT && before <= MOST_TEXT {
            self.findings
                .push(too_long(at, "the text of the scenario's steps"));
        }
        self.bytes <= MOST_TEXT
    }

    /// Expands steps inside bindings.
    fn within(
        &mut self,
        bindings: Bindings,
        at: &Span,
        bound: &Arc<Vec<Bindings>>,
        inside: impl FnOnce(&mut Self, &Arc<Vec<Bindings>>),
    ) {
        let bytes = self.lengths.enter(&bindings);
        if self.fits(bytes, at) {
            let mut all = bound.as_ref().clone();
            all.push(bindings.clone());
            inside(self, &Arc::new(all));
        }
        self.lengths.leave(&bindings);
    }

    fn include(
        &mut self,
        include: &Include<Written>,
        id: &StepId,
        bound: &Arc<Vec<Bindings>>,
    ) -> Vec<PlannedStep> {
        let path = include.path();
        if let Some(from) = self.open.iter().position(|open| *open == path) {
            let mut files: Vec<&str> = self.open[from..].iter().map(String::as_str).collect();
            files.push(&path);
            let message = format!("files that include each other: {}", files.join(" -> "));
            self.findings.push(Diagnostic::new(
                Code::IncludeCycle,
                &include.file.at,
                message,
            ));
            return Vec::new();
        }
        let Some(fragment) = self.library.file(&path).map(Arc::clone) else {
            self.findings
                .push(unknown_fragment(self.library, include, &path));
            return Vec::new();
        };
        if !fragment.fragment {
            let message = format!("`{path}` is a scenario, not a fragment");
            self.findings.push(
                Diagnostic::new(Code::UnknownFragment, &include.file.at, message).with_help(
                    "start after it with `after:`, or move its steps into a file with `fragment: true`",
                ),
            );
            return Vec::new();
        }
        let own = include.vars.iter().map(|(name, value)| Binding {
            name: name.clone(),
            value: Bound::Written(value.clone()),
        });
        let own = Bindings::new(own.collect());
        let defaults = fragment.vars.iter().map(|(name, value)| Binding {
            name: name.clone(),
            value: Bound::Default(value.value.clone()),
        });
        let defaults = Bindings::new(defaults.collect());
        let mut steps = Vec::new();
        self.open.push(path);
        self.within(own, &include.file.at, bound, |inner, bound| {
            inner.within(defaults, &include.file.at, bound, |inner, bound| {
                steps = inner.steps(&fragment.steps, Some(id), bound);
            });
        });
        self.open.pop();
        steps
    }

    fn each(
        &mut self,
        each: &Each<Written>,
        step: &Step,
        id: &StepId,
        bound: &Arc<Vec<Bindings>>,
    ) -> Vec<PlannedStep> {
        let items = match &each.items {
            Items::List(items) => items.iter().cloned().map(Bound::Written).collect(),
            Items::Variable(name) => match self.list(name, bound) {
                Ok(items) => items,
                Err(finding) => {
                    self.findings.push(finding);
                    Vec::new()
                }
            },
        };
        let mut planned = Vec::new();
        for item in items {
            let bindings = Bindings::of(&each.variable, item);
            self.within(bindings, &step.at, bound, |inner, bound| {
                inner.append(&mut planned, &step.steps, Some(id), bound);
            });
        }
        planned
    }

    /// Returns the list in a variable at the start of the scenario.
    fn list(&self, name: &Spanned<String>, bound: &[Bindings]) -> Result<Vec<Bound>, Diagnostic> {
        let is_text = || {
            let message = format!("the variable `{}` is text, not a list", name.value);
            Diagnostic::new(Code::WrongType, &name.at, message)
                .with_help("write the items into its value: `[one, two]`")
        };
        let inner = bound.iter().rev().flat_map(Bindings::as_slice);
        let mut default = None;
        for binding in inner.filter(|binding| binding.name == name.value) {
            match &binding.value {
                Bound::Written(_) | Bound::Item(_) => return Err(is_text()),
                Bound::Default(value) => default = default.or(Some(value)),
            }
        }
        match (self.vars.get(name), default) {
            (Some(Value::List(items)), _) => Ok(items.iter().cloned().map(Bound::Item).collect()),
            (None, Some(WrittenValue::List(items))) => {
                items.iter().cloned().map(Bound::item).collect()
            }
            (Some(Value::Text(_)), _) | (None, Some(WrittenValue::Text(_))) => Err(is_text()),
            (None, None) => Err(unknown_variable(name, &name.at, self.vars.names())),
        }
    }
}

fn unknown_fragment(library: &Library, include: &Include<Written>, path: &str) -> Diagnostic {
    let paths = || library.fragments().map(|fragment| fragment.source.path());
    let help = did_you_mean(path, paths()).unwrap_or_else(|| {
        let all: Vec<&str> = paths().take(12).collect();
        if all.is_empty() {
            "the project has no fragment: a file with `fragment: true`".to_owned()
        } else {
            format!("the fragments are {}", all.join(", "))
        }
    });
    let message = format!("there is no file `{path}` to include");
    Diagnostic::new(Code::UnknownFragment, &include.file.at, message).with_help(help)
}
