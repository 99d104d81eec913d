//! The trace of a run: its times as Trace Event JSON, which ui.perfetto.dev and `chrome://tracing` show.
//!
//! A scenario is a process. Its attempts, stages, steps, looks, inputs, checkpoints, machine events and screens are
//! threads. Attempts that run side by side have threads of their own.

mod attempt;
mod event;
mod lanes;

use serde_json::{Value, json};

use crate::plain_text::plain_line;
use crate::run::{Run, Scenario};
use event::Process;

/// Returns the trace of a run as one JSON document. With `only`, it has this scenario alone.
///
/// Times are microseconds from the beginning of the run.
pub fn trace(run: &Run, only: Option<&str>) -> String {
    let mut events = Vec::new();
    for (number, scenario) in (1..).zip(&run.scenarios) {
        if only.is_none_or(|name| scenario.info.name == name) {
            events.extend(of_scenario(number, scenario));
        }
    }
    let hosts = run.hosts.iter().map(|host| plain_line(&host.name));
    let about = json!({
        "run": plain_line(&run.name),
        "qa": plain_line(&run.version),
        "started": plain_line(&run.started),
        "hosts": hosts.collect::<Vec<_>>(),
    });
    // One line for each event: people and line-based programs can read it, and it is much shorter than indented JSON.
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    format!(
        "{{\"displayTimeUnit\": \"ms\", \"otherData\": {about}, \"traceEvents\": [\n{}\n]}}\n",
        lines.join(",\n")
    )
}

fn of_scenario(number: usize, scenario: &Scenario) -> Vec<Value> {
    let name = plain_line(&scenario.info.name);
    let mut process = Process::new(number, &format!("{name} ({})", scenario.verdict.word()));
    let has_several = scenario.attempts.len() > 1;
    for attempt in &scenario.attempts {
        attempt::add(&mut process, attempt, has_several);
    }
    process.into_events()
}
