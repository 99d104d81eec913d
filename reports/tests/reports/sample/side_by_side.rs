//! Logs whose attempts run side by side, made of logs whose attempts run one after the other.

use std::collections::BTreeMap;

use reports::{Entry, Event};

/// The same attempts, so many at once: each begins when a place is free.
pub(crate) fn side_by_side(entries: &[Entry], places: usize) -> Vec<Entry> {
    let mut times: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for entry in entries {
        if let Some(number) = entry.envelope.attempt {
            let (_, end) = times
                .entry(number)
                .or_insert((entry.envelope.at_ms, entry.envelope.at_ms));
            *end = entry.envelope.at_ms;
        }
    }
    let mut free = vec![0; places];
    let mut earlier_by: BTreeMap<u32, u64> = BTreeMap::new();
    for (number, (began, ended)) in times {
        free.sort_unstable();
        earlier_by.insert(number, began - free[0]);
        free[0] += ended - began;
    }
    let last = free.into_iter().max().unwrap_or(0);
    let mut tangled: Vec<Entry> = entries
        .iter()
        .cloned()
        .map(|mut entry| {
            match entry
                .envelope
                .attempt
                .and_then(|number| earlier_by.get(&number))
            {
                Some(by) => entry.envelope.at_ms -= by,
                None => entry.envelope.at_ms = entry.envelope.at_ms.min(last),
            }
            if let Event::RunFinished { duration_ms, .. } = &mut entry.event {
                *duration_ms = last;
            }
            entry
        })
        .collect();
    tangled.sort_by_key(|entry| entry.envelope.at_ms);
    for (seq, entry) in (0..).zip(&mut tangled) {
        entry.envelope.seq = seq;
    }
    tangled
}
