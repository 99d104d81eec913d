//! Attempts at one scenario may run side by side, and then their records stand between each other's.

use std::collections::{BTreeMap, BTreeSet};

use crate::Record;

/// The records, with those of each attempt together. Those of the attempts at a scenario stand where attempts began, in
/// the order of their numbers; records that tell no attempt stay where they are.
pub(super) fn untangle(records: &[Record]) -> Vec<&Record> {
    let mut attempts: BTreeMap<&str, BTreeMap<u32, Vec<&Record>>> = BTreeMap::new();
    for record in records {
        if let Some((scenario, number)) = attempt(record) {
            let attempts = attempts.entry(scenario).or_default();
            attempts.entry(number).or_default().push(record);
        }
    }
    let mut begun = BTreeSet::new();
    let mut untangled = Vec::with_capacity(records.len());
    for record in records {
        match attempt(record) {
            None => untangled.push(record),
            // As many begin as there are, so each has its turn.
            Some((scenario, number)) if begun.insert((scenario, number)) => {
                let next = attempts.get_mut(scenario).and_then(BTreeMap::pop_first);
                untangled.extend(next.into_iter().flat_map(|(_, records)| records));
            }
            Some(_) => {}
        }
    }
    untangled
}

fn attempt(record: &Record) -> Option<(&str, u32)> {
    Some((record.event.scenario()?, record.attempt?))
}
