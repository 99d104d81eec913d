//! Cuts the scenarios of a run into stages, so that common beginnings run once, and so that a person can begin at a
//! step. Checkpoints are saved at the ends of stages.
//!
//! ```text
//! scenario      a a a a a a a a
//! shared        a a|a a a a a a     another scenario begins with the same two groups
//! nearest       a a a|a a a a a     there is a checkpoint of an earlier run
//! for a person  a a a a|a a a a     `--from 5`
//! ```

use std::collections::BTreeMap;

use scenarios::{Item, PlannedStep, StepId, Verb, shared_beginnings};
use vm::checkpoint::CheckpointKey;

use super::SavedFor;
use super::checkpoint_keys::CheckpointKeys;
use super::material::{Material, Sum};
use crate::plan::checked::CheckedJob;
use crate::plan::request::Part;

/// The ends of the stages of one scenario: the number of steps before each end, and whether others start there.
pub(super) type Ends = BTreeMap<usize, bool>;

/// A job while its scenarios are cut into stages.
#[derive(Debug)]
pub(super) struct JobCuts<'j> {
    pub(super) job: &'j CheckedJob,
    pub(super) materials: Vec<Material>,
    /// The key of the beginning of each scenario.
    pub(super) begins: Vec<Option<Sum>>,
    /// The cuts of each scenario.
    pub(super) ends: Vec<Ends>,
}

/// Returns the purpose of the checkpoint with a key; none if there is no such checkpoint.
pub(crate) type Saved<'s> = &'s dyn Fn(&CheckpointKey) -> Option<SavedFor>;

impl<'j> JobCuts<'j> {
    /// Begins with every scenario as one stage.
    pub(super) fn whole(job: &'j CheckedJob, keys: &mut CheckpointKeys<'_>) -> Self {
        let materials = Material::of_stages(job);
        let mut begin = keys.power_on(job);
        let mut begins = Vec::new();
        let mut ends = Vec::new();
        for (stage, material) in job.draft.stages.iter().zip(&materials) {
            let steps = stage.steps.len();
            begins.push(begin);
            ends.push(Ends::from([(steps, stage.shared)]));
            begin = keys.end(job, begin, material, steps);
        }
        Self {
            job,
            materials,
            begins,
            ends,
        }
    }

    /// Returns the key of the machine after the first `steps` steps of a scenario.
    pub(super) fn key(
        &self,
        stage: usize,
        steps: usize,
        keys: &mut CheckpointKeys<'_>,
    ) -> Option<CheckpointKey> {
        let material = &self.materials[stage];
        let sum = keys.end(self.job, self.begins[stage], material, steps)?;
        Some(CheckpointKey::from_bytes(sum))
    }

    fn steps(&self, stage: usize) -> &'j [PlannedStep] {
        &self.job.draft.stages[stage].steps
    }

    /// Returns whether this is the scenario that is judged.
    fn is_judged(&self, stage: usize) -> bool {
        self.job.draft.stages[stage].scenario.name == self.job.draft.own_name()
    }

    /// Cuts the judged scenario at the step where a person wants to begin, and at all checkpoints before that.
    pub(super) fn cut_for_person(
        &mut self,
        part: &Part,
        keys: &mut CheckpointKeys<'_>,
        saved: Saved<'_>,
    ) {
        let Some(from) = part.cut_before() else {
            return;
        };
        for stage in 0..self.ends.len() {
            if !self.is_judged(stage) {
                continue;
            }
            let before = steps_before(self.steps(stage), from);
            for to in 1..before {
                let key = self.key(stage, to, keys);
                if key.and_then(|key| saved(&key)).is_some() {
                    self.ends[stage].entry(to).or_insert(false);
                }
            }
            if before > 0 && !look_back(&self.steps(stage)[before..]) {
                self.ends[stage].insert(before, true);
            }
        }
    }

    /// Cuts at the last checkpoint that an earlier run has left in the middle of a scenario. Such a checkpoint comes
    /// from a scenario with the same beginning that does not take part now. If the job can start at a later planned
    /// cut, nothing is cut.
    pub(super) fn cut_at_nearest(
        &mut self,
        part: Option<&Part>,
        keys: &mut CheckpointKeys<'_>,
        saved: Saved<'_>,
    ) {
        let is_for_person = part.and_then(Part::cut_before).is_some();
        for stage in (0..self.ends.len()).rev() {
            let steps = self.steps(stage);
            let is_cut_already = is_for_person && self.is_judged(stage);
            // At least one step of the judged scenario must run.
            let is_last = stage + 1 == self.ends.len();
            let most = steps.len().saturating_sub(usize::from(is_last));
            for to in (1..=most).rev() {
                let is_planned = self.ends[stage].contains_key(&to);
                let may_be_cut = self.materials[stage].may_be_cut_after(to)
                    && !is_cut_already
                    && !look_back(&steps[to..]);
                if !is_planned && !may_be_cut {
                    continue;
                }
                let key = self.key(stage, to, keys);
                match key.and_then(|key| saved(&key)) {
                    Some(SavedFor::Inspection) if !is_planned => {}
                    Some(_) => {
                        self.ends[stage].entry(to).or_insert(false);
                        return;
                    }
                    None => {}
                }
            }
        }
    }
}

/// Cuts scenarios with a common beginning, so that the beginning is a stage of its own. Scenarios can only share it if
/// they start from the same checkpoint, with the same watches and keyboard.
pub(super) fn cut_shared(ways: &mut [JobCuts<'_>]) {
    /// The cell and the name of a scenario.
    type Place<'n> = (usize, &'n str);
    let mut groups: BTreeMap<(Sum, Sum), BTreeMap<Place<'_>, Vec<Item>>> = BTreeMap::new();
    for way in &*ways {
        for (stage, material) in way.materials.iter().enumerate() {
            let Some(begins) = way.begins[stage] else {
                break;
            };
            let name = &way.job.draft.stages[stage].scenario.name;
            groups
                .entry((begins, material.all_the_time()))
                .or_default()
                .insert((way.job.draft.cell, name), material.items());
        }
    }
    let mut cuts: BTreeMap<Place<'_>, Vec<usize>> = BTreeMap::new();
    for group in groups.into_values() {
        let (places, items): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        cuts.extend(places.into_iter().zip(shared_beginnings(&items)));
    }
    for way in ways {
        for (stage, ends) in way.ends.iter_mut().enumerate() {
            let name = way.job.draft.stages[stage].scenario.name.as_str();
            for to in cuts.get(&(way.job.draft.cell, name)).into_iter().flatten() {
                ends.entry(*to).or_insert(true);
            }
        }
    }
}

/// Returns the number of top-level steps before the one that is, or contains, the step with this number.
fn steps_before(steps: &[PlannedStep], id: &StepId) -> usize {
    let holds = |step: &PlannedStep| step.id == *id || id.is_inside(&step.id);
    steps.iter().position(holds).unwrap_or(0)
}

/// Returns whether any of these steps depends on serial text or a screen from before it. A restored machine does not
/// have them, so there must be no cut before such a step.
fn look_back(steps: &[PlannedStep]) -> bool {
    let looks_back = |step: &PlannedStep| match step.step().action.verb() {
        // `serial` reads text from before the step, and `changed` compares with the screen before it.
        Verb::Serial | Verb::Changed => true,
        Verb::See
        | Verb::Gone
        | Verb::Still
        | Verb::Screenshot
        | Verb::Press
        | Verb::Hold
        | Verb::Type
        | Verb::Click
        | Verb::Move
        | Verb::Drag
        | Verb::Scroll
        | Verb::Run
        | Verb::Put
        | Verb::Get
        | Verb::Reboot
        | Verb::Shutdown
        | Verb::Power
        | Verb::Media
        | Verb::Boot
        | Verb::Group
        | Verb::Include
        | Verb::Each
        | Verb::Set
        | Verb::Assert
        | Verb::Note
        | Verb::SoftFail
        | Verb::Pause => false,
    };
    steps
        .iter()
        .any(|step| looks_back(step) || look_back(&step.steps))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use scenarios::{Library, Source, Vars, expand};

    use super::*;

    fn steps(text: &str) -> Vec<PlannedStep> {
        let source = Source::new("s.yaml", format!("steps: [{text}]\n"));
        let (library, findings) = Library::read([Arc::clone(&source)]);
        assert_eq!(findings, []);
        let scenario = library.get("s").expect("the scenario");
        expand(scenario, &library, &Vars::new()).expect("steps")
    }

    #[test]
    fn the_steps_before_one_are_counted_at_the_top() {
        let steps = steps("{ note: a }, { group: { name: g, steps: [{ note: b }] } }, { note: c }");
        for (id, before) in [("1", 0), ("2", 1), ("2.1", 1), ("3", 2), ("9", 0)] {
            let id: StepId = id.parse().expect("a step");
            assert_eq!(steps_before(&steps, &id), before, "{id}");
        }
    }

    #[test]
    fn what_looks_back_is_found_at_any_depth() {
        for (text, expected) in [
            ("{ note: a }, { see: b }", false),
            ("{ note: a }, { serial: b }", true),
            ("{ group: { name: g, steps: [{ serial: b }] } }", true),
        ] {
            assert_eq!(look_back(&steps(text)), expected, "{text}");
        }
    }
}
