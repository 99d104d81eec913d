//! Logs whose attempts run side by side, made of logs whose attempts run one after the other.

use std::collections::BTreeMap;

use reports::{Event, Record};

/// The records with the attempt that each is about. Attempts must have been made one after the other.
pub(crate) fn with_attempts(records: &[Record]) -> Vec<Record> {
    let mut number = None;
    let with = |record: &Record| {
        if let Event::ScenarioStarted { attempt, .. } = record.event {
            number = Some(attempt);
        }
        let of_attempt = record.event.scenario().is_some()
            && !matches!(record.event, Event::CheckpointBlamed { .. });
        Record {
            attempt: number.filter(|_| of_attempt),
            ..record.clone()
        }
    };
    records.iter().map(with).collect()
}

/// The same attempts, so many at once: each begins when a place is free.
pub(crate) fn side_by_side(records: &[Record], places: usize) -> Vec<Record> {
    let records = with_attempts(records);
    let mut times: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for record in &records {
        if let Some(number) = record.attempt {
            let (_, end) = times.entry(number).or_insert((record.at_ms, record.at_ms));
            *end = record.at_ms;
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
    let mut tangled: Vec<Record> = records
        .into_iter()
        .map(|mut record| {
            match record.attempt.and_then(|number| earlier_by.get(&number)) {
                Some(by) => record.at_ms -= by,
                None => record.at_ms = record.at_ms.min(last),
            }
            if let Event::RunFinished { duration_ms, .. } = &mut record.event {
                *duration_ms = last;
            }
            record
        })
        .collect();
    tangled.sort_by_key(|record| record.at_ms);
    for (seq, record) in (0..).zip(&mut tangled) {
        record.seq = seq;
    }
    tangled
}
