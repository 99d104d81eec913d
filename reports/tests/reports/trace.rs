//! The trace, read back strictly.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use reports::{Entry, Run, trace};
use serde_json::Value;

use crate::sample::{RUNS, log_of, random};

fn events(text: &str) -> Vec<Value> {
    let document: Value = text.parse().expect("one JSON document");
    document["traceEvents"].as_array().expect("events").clone()
}

/// Panics unless every event is one of the Trace Event Format, on a thread that has a name.
fn check(text: &str) {
    let events = events(text);
    let key = |event: &Value| {
        let number = |name: &str| event[name].as_u64().expect("a number");
        (number("pid"), number("tid"))
    };
    let mut named = BTreeSet::new();
    let mut spans: BTreeMap<_, Vec<(u64, u64)>> = BTreeMap::new();
    for event in &events {
        assert!(event["args"].is_object(), "{event}");
        let name = event["name"].as_str().expect("a name");
        assert!(!name.contains(char::is_control), "{event}");
        match event["ph"].as_str().expect("a phase") {
            "M" if name == "thread_name" => {
                named.insert(key(event));
            }
            "M" => {}
            "i" => {
                assert!(event["ts"].is_u64() && event["s"] == "t", "{event}");
            }
            "X" => {
                let number = |name: &str| event[name].as_u64().expect("not negative");
                let span = (number("ts"), number("ts").saturating_add(number("dur")));
                spans.entry(key(event)).or_default().push(span);
            }
            other => panic!("unknown phase {other}"),
        }
        assert!(event["ph"] == "M" || named.contains(&key(event)), "{event}");
    }
    for own in spans.values() {
        for (one, other) in own
            .iter()
            .flat_map(|one| own.iter().map(move |other| (one, other)))
        {
            let crosses = one.0 < other.0 && other.0 < one.1 && one.1 < other.1;
            assert!(!crosses, "{one:?} crosses {other:?}");
        }
    }
}

fn of(entries: &[Entry]) -> String {
    trace(&Run::of(entries), None)
}

#[test]
fn every_run_has_its_trace() {
    for name in RUNS {
        check(&of(&log_of(name)));
    }
    for name in ["failed-look", "checkpoint", "hostile"] {
        insta::assert_snapshot!(format!("trace_{name}"), of(&log_of(name)));
    }
}

#[test]
fn a_trace_of_one_scenario_has_one_process() {
    let run = Run::of(&log_of("matrix"));
    let name = &run.scenarios[1].info.name;
    let text = trace(&run, Some(name));
    let processes: BTreeSet<u64> = events(&text)
        .iter()
        .filter_map(|event| event["pid"].as_u64())
        .collect();
    assert_eq!(processes, BTreeSet::from([2]));
}

proptest! {
    #[test]
    fn a_trace_of_any_run_is_valid(entries in random::log(&["a", "b"])) {
        check(&of(&entries));
    }

    #[test]
    fn a_trace_of_any_entries_is_valid(entries in random::entries()) {
        check(&of(&entries));
    }

    #[test]
    fn times_of_any_size_are_numbers(at in any::<u64>(), entries in random::log(&["a"])) {
        let mut entries = entries;
        for entry in &mut entries {
            entry.envelope.at_ms = entry.envelope.at_ms.saturating_add(at);
        }
        check(&of(&entries));
    }
}
