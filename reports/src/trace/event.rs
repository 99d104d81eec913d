//! The events of the Trace Event Format: complete ones, instants, and names.

use serde_json::{Map, Value, json};

use super::lanes::{Lanes, Span};
use crate::plain_text::plain_line;

/// The events of one process.
#[derive(Debug)]
pub(super) struct Process {
    id: usize,
    threads: usize,
    events: Vec<Value>,
}

/// Something that took time.
#[derive(Debug, Clone)]
pub(super) struct Lasting {
    pub(super) span: Span,
    pub(super) name: String,
    pub(super) facts: Map<String, Value>,
}

/// Something that happened at a moment.
#[derive(Debug, Clone)]
pub(super) struct Instant {
    /// Milliseconds from the beginning of the run.
    pub(super) at_ms: u64,
    pub(super) name: String,
    pub(super) facts: Map<String, Value>,
}

impl Process {
    /// Makes a process with a number and a name. Viewers sort processes by their numbers.
    pub(super) fn new(id: usize, name: &str) -> Self {
        let meta = |what: &str, facts: Value| json!({ "ph": "M", "name": what, "pid": id, "tid": 0, "args": facts });
        Self {
            id,
            threads: 0,
            events: vec![
                meta("process_name", json!({ "name": name })),
                meta("process_sort_index", json!({ "sort_index": id })),
            ],
        }
    }

    /// Adds a thread; none without events. Events of which one begins in the other and ends after it cannot be on one
    /// thread, so there may be several threads of this name.
    pub(super) fn thread(&mut self, name: &str, lasting: Vec<Lasting>, instants: Vec<Instant>) {
        let spans: Vec<Span> = lasting.iter().map(|event| event.span).collect();
        let lanes = Lanes::of(&spans);
        let count = lanes.count().max(usize::from(!instants.is_empty()));
        let first = self.threads + 1;
        for lane in 0..count {
            self.threads += 1;
            let tid = self.threads;
            for (what, facts) in [
                ("thread_name", json!({ "name": name })),
                ("thread_sort_index", json!({ "sort_index": tid })),
            ] {
                self.push(tid, json!({ "ph": "M", "name": what, "args": facts }));
            }
            for place in lanes.places_of(lane) {
                let Lasting { span, name, facts } = &lasting[place];
                let event = json!({
                    "ph": "X",
                    "name": plain_line(name),
                    "ts": micros(span.from_ms),
                    "dur": micros(span.to_ms.saturating_sub(span.from_ms)),
                    "args": facts,
                });
                self.push(tid, event);
            }
        }
        for instant in instants {
            let event = json!({
                "ph": "i",
                "s": "t",
                "name": plain_line(&instant.name),
                "ts": micros(instant.at_ms),
                "args": instant.facts,
            });
            self.push(first, event);
        }
    }

    pub(super) fn into_events(self) -> Vec<Value> {
        self.events
    }

    fn push(&mut self, thread: usize, mut event: Value) {
        event["pid"] = self.id.into();
        event["tid"] = thread.into();
        self.events.push(event);
    }
}

/// Returns milliseconds in the unit of the format.
fn micros(ms: u64) -> u64 {
    // JavaScript, in which viewers read it, has whole numbers up to here only.
    const MOST: u64 = (1 << 53) - 1;
    ms.saturating_mul(1000).min(MOST)
}

/// Collects facts; what is not there is left out.
pub(super) fn facts<const N: usize>(all: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let known = all
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    known.collect()
}

/// Returns a text as a fact: one safe line.
pub(super) fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| plain_line(text).into())
}
