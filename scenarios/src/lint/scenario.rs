use crate::value::Visitor;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::needle_index::NeedleIndex;
use super::untyped::untyped_in_step;
use super::values::{ValueCheck, check_point};
use super::{condition, echo, expected_panic, sleep};
use crate::checkpoint_key::Assigned;
use crate::condition::Condition;
use crate::finding::{Code, Diagnostic, Spanned};
use crate::keyboard::Keyboard;
use crate::library::Library;
use crate::plan::{
    Chain, Combination, PlannedStep, VarSources, check_watches, expand_all, no_time, watches,
};
use crate::project::{Image, Machine, Project};
use crate::scenario::Scenario;
use crate::step::{Action, Target};
use crate::value::{ATTEMPT, BUILT_IN, Text, Value, Vars, Written, WrittenValue};

/// Checks a scenario, with what it needs of the project: where it runs by itself, or where a matrix runs it.
pub(super) fn check(
    project: Option<&Project>,
    library: &Library,
    scenario: &Arc<Scenario>,
    on: Option<&Combination>,
    needles: &mut NeedleIndex<'_>,
) -> Vec<Diagnostic> {
    let mut findings = check_watches(project, scenario);
    let chain = match Chain::to(library, scenario) {
        Ok(chain) => Some(chain),
        Err(broken) => {
            findings.push(if broken.blamed.contains(&scenario.name) {
                broken.finding
            } else {
                unreachable(scenario, &broken.blamed)
            });
            None
        }
    };
    let (image, machine) = match (&chain, on) {
        (_, Some(on)) => (
            project.and_then(|project| project.images.get(&on.image)),
            project.and_then(|project| project.machine(&on.machine).ok()),
        ),
        (Some(chain), None) => place(project, chain, &mut findings),
        (None, None) => (None, None),
    };
    let stages = match &chain {
        Some(chain) => chain.stages.as_slice(),
        None => std::slice::from_ref(scenario),
    };
    let (vars, more) = variables(
        project,
        image,
        machine.as_ref(),
        scenario,
        on.map(|on| on.vars.as_ref()),
    );
    findings.extend(more);
    let (steps, more) = expand_all(scenario, library, &vars);
    findings.extend(more);

    // What a step sets while the scenario runs has a value, but nobody knows which before.
    let earlier = stages.iter().filter(|stage| stage.name != scenario.name);
    let mut scope = vars.clone();
    for stage in earlier {
        for name in assigned(library, stage) {
            scope.shadow(&name, Value::Text(Text::default()));
        }
    }
    let open: BTreeSet<String> = stages
        .iter()
        .flat_map(|stage| assigned(library, stage))
        .chain(BUILT_IN.iter().map(|name| (*name).to_owned()))
        .collect();
    let mut fixed = Vars::new();
    for (name, value) in vars.iter().filter(|(name, _)| !open.contains(*name)) {
        fixed.shadow(name, value.clone());
    }

    let keyboard = keyboard(project, image, machine.as_ref(), scenario);
    let mut walk = Walk {
        keyboard,
        may_be_skipped: false,
        scope,
        fixed,
        needles,
        findings,
        watched_panics: expected_panic::watches(&watches(project, scenario)),
    };
    walk.watches(project, scenario);
    walk.scope.set_attempt(1);
    walk.steps(&steps);
    walk.findings
        .extend(shared_attempt(library, scenario, &vars, &steps));
    walk.findings
}

/// The finding about a scenario that others start after although it differs from attempt to attempt, at
/// the first step that does.
fn shared_attempt(
    library: &Library,
    scenario: &Scenario,
    vars: &Vars,
    steps: &[PlannedStep],
) -> Option<Diagnostic> {
    let child = library.scenarios().find(|other| {
        let after = other.after.as_ref();
        after.is_some_and(|after| after.value == scenario.name)
    })?;
    let step = first_per_attempt(vars, steps)?;
    let message = format!(
        "`{{{{ attempt }}}}` is always 1 for `{}`, which starts after this scenario, and no checkpoint is made that it \
        could start from",
        child.name
    );
    let finding = Diagnostic::new(Code::AttemptShared, step.at(), message);
    Some(finding.with_help("use it only in scenarios that nothing starts after"))
}

fn first_per_attempt<'s>(vars: &Vars, steps: &'s [PlannedStep]) -> Option<&'s PlannedStep> {
    let step = steps.iter().find(|step| {
        let material = step.key_material(vars, &mut Assigned::new());
        material.per_attempt
    })?;
    Some(first_per_attempt(vars, &step.steps).unwrap_or(step))
}

/// The finding about a scenario that starts after one that cannot run.
fn unreachable(scenario: &Scenario, blamed: &[String]) -> Diagnostic {
    let at = scenario
        .after
        .as_ref()
        .map_or(&scenario.at, |after| &after.at);
    let mut blamed = blamed.to_vec();
    blamed.sort();
    let message = format!(
        "`{}` cannot be reached: `{}` cannot run",
        scenario.name,
        blamed.join("` and `")
    );
    Diagnostic::new(Code::Unreachable, at, message)
}

/// The image and the machine of a chain, as far as they are known.
fn place<'p>(
    project: Option<&'p Project>,
    chain: &Chain,
    findings: &mut Vec<Diagnostic>,
) -> (Option<&'p Image>, Option<Machine>) {
    let Some(project) = project else {
        // Outside any project the image is given on the command line.
        let machine = chain.machine_at().map(|name| {
            Machine::preset(name).map_err(|error| Diagnostic {
                at: Some(name.at.clone()),
                ..error
            })
        });
        return match machine {
            Some(Ok(machine)) => (None, Some(machine)),
            Some(Err(error)) => {
                findings.push(error);
                (None, None)
            }
            None => (None, None),
        };
    };
    let image = match project.image_for(chain) {
        Ok(image) => Some(image),
        Err(error) => {
            // That no image is named is said once, about the scenario that starts at power-on.
            if error.code != Code::NoImage || chain.stages.len() == 1 {
                findings.push(error);
            }
            None
        }
    };
    match project.machine_for(chain, image) {
        Ok(machine) => {
            let named = chain.machine_at();
            if let (Some(image), Some(named)) = (image, named)
                && let Err(error) = project.check_fit(image, &machine)
            {
                findings.push(Diagnostic {
                    at: Some(named.at.clone()),
                    ..error
                });
            }
            (image, Some(machine))
        }
        Err(error) => {
            findings.push(error);
            (image, None)
        }
    }
}

/// The variables a scenario starts with. Secrets are there, without their values.
pub(super) fn variables(
    project: Option<&Project>,
    image: Option<&Image>,
    machine: Option<&Machine>,
    scenario: &Scenario,
    matrix: Option<&BTreeMap<String, Spanned<WrittenValue>>>,
) -> (Vars, Vec<Diagnostic>) {
    let declared = project.into_iter().flat_map(|project| &project.secrets);
    let secrets: BTreeMap<String, String> = declared
        .chain(&scenario.secrets)
        .map(|secret| (secret.name.clone(), String::new()))
        .collect();
    let built_in: Vec<(&'static str, String)> = BUILT_IN
        .iter()
        .filter(|name| **name != ATTEMPT)
        .map(|name| (*name, String::new()))
        .collect();
    VarSources {
        project,
        image: image.map(|image| image.name.as_str()),
        machine: machine.map(|machine| machine.name.as_str()),
        scenario,
        matrix,
        command_line: &[],
        secrets: &secrets,
        built_in: &built_in,
    }
    .resolve_all()
}

/// The variables that steps of a scenario, and of the fragments it includes, set.
fn assigned(library: &Library, scenario: &Scenario) -> Vec<String> {
    let mut names = Vec::new();
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut files = vec![scenario];
    while let Some(file) = files.pop() {
        for step in file.all_steps() {
            names.extend(step.action.sets().into_iter().map(str::to_owned));
            if let Action::Include(include) = &step.action
                && seen.insert(include.path())
                && let Some(fragment) = library.file(&include.path())
            {
                files.push(fragment);
            }
        }
    }
    names
}

/// The keyboard that a scenario types on; none where that depends on an image that is not known here.
fn keyboard(
    project: Option<&Project>,
    image: Option<&Image>,
    machine: Option<&Machine>,
    scenario: &Scenario,
) -> Option<Keyboard> {
    let images = || {
        project
            .into_iter()
            .flat_map(|project| project.images.values())
    };
    let depends = image.is_none() && images().any(|image| image.keyboard.is_some());
    (!depends || scenario.keyboard.is_some())
        .then(|| Keyboard::of(project, image, machine, scenario))
}

struct Walk<'a, 'n, 'w> {
    /// The keyboard that steps type on, where it is known.
    keyboard: Option<Keyboard>,
    /// True if the steps are inside one that has a condition: they may be for another keyboard.
    may_be_skipped: bool,
    /// The variables there are before the step that is checked.
    scope: Vars,
    fixed: Vars,
    needles: &'a mut NeedleIndex<'n>,
    findings: Vec<Diagnostic>,
    /// Watches that a panic of the guest breaches.
    watched_panics: Vec<&'w str>,
}

impl Walk<'_, '_, '_> {
    fn watches(&mut self, project: Option<&Project>, scenario: &Scenario) {
        for watch in watches(project, scenario) {
            let mut check = ValueCheck {
                scope: &self.scope,
                fixed: &self.fixed,
                needles: self.needles,
                findings: &mut self.findings,
            };
            if let Err(finding) = watch.visit(&mut check) {
                self.findings.push(finding);
            }
            self.findings.extend(sleep::in_watch(&watch.kind));
        }
    }

    fn steps(&mut self, steps: &[PlannedStep]) {
        for step in steps {
            self.step(step);
            let outer = self.may_be_skipped;
            self.may_be_skipped |= step.when().is_some();
            self.steps(&step.steps);
            self.may_be_skipped = outer;
            for name in step.step().action.sets() {
                self.scope.shadow(name, Value::Text(Text::default()));
            }
        }
    }

    fn step(&mut self, planned: &PlannedStep) {
        let scope = match planned.scope(&self.scope) {
            Ok(scope) => scope,
            // Every step inside has the same finding; sorting drops the repetitions.
            Err(finding) => return self.findings.push(finding),
        };
        // Where something bound has no known value, no value is taken for known: it may hide an outer one.
        let fixed = planned.scope(&self.fixed).unwrap_or_default();
        let step = planned.step();
        let mut check = ValueCheck {
            scope: &scope,
            fixed: &fixed,
            needles: self.needles,
            findings: &mut self.findings,
        };
        let visited = step
            .action
            .visit(&mut check)
            .map(|_| ())
            .and_then(|()| check.option(&step.title).map(|_| ()))
            .and_then(|()| check.option(&step.within).map(|_| ()));
        self.findings.extend(visited.err());
        if let Some(within) = &step.within
            && within.ready().is_some_and(std::time::Duration::is_zero)
        {
            self.findings.push(no_time(within.at()));
        }
        for when in step.when.iter().chain(asserted(&step.action)) {
            condition::check(when, &scope, self.needles, &mut self.findings);
        }
        for target in targets(&step.action) {
            if let Target::Needle {
                needle,
                point: Some(point),
            } = target
            {
                for tags in &needle.any_of {
                    let findings = check_point(self.needles, tags, point, &fixed);
                    self.findings.extend(findings);
                }
            }
        }
        if let Some(keyboard) = self.keyboard
            && !self.may_be_skipped
            && step.when.is_none()
        {
            let untyped = untyped_in_step(&step.action, &fixed, keyboard);
            self.findings.extend(untyped);
        }
        self.findings.extend(sleep::in_step(&step.action));
        self.findings.extend(echo::in_step(&step.action));
        let panic = expected_panic::in_step(step, &self.watched_panics);
        self.findings.extend(panic);
    }
}

fn asserted(action: &Action<Written>) -> Option<&Condition> {
    match action {
        Action::Assert(assert) => Some(&assert.that),
        _ => None,
    }
}

fn targets(action: &Action<Written>) -> Vec<&Target<Written>> {
    match action {
        Action::Click(click) => vec![&click.target],
        Action::Move(to) => vec![&to.target],
        Action::Drag(drag) => vec![&drag.from, &drag.to],
        Action::Scroll(scroll) => scroll.target.iter().collect(),
        _ => Vec::new(),
    }
}
