//! Finds what differs in what two attempts were given: image, machine, host, program, files, steps.

use std::collections::BTreeMap;

use super::parting::steps;
use crate::log::{BackendFacts, Host, InputFile, MachineFacts};
use crate::run::{Attempt, Run, Scenario};
use crate::size::human_size;

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The thing: `image`, `QEMU`, `scenarios/login.yaml`.
    pub what: String,
    /// Its value now; none if it is missing.
    pub now: Option<String>,
    /// Its value then; none if it was missing.
    pub then: Option<String>,
}

/// A run, a scenario of it, and the attempt that counts.
type Given<'r> = (&'r Run, &'r Scenario, &'r Attempt);

/// Returns what differs, the most likely reason first.
pub(super) fn differences(now: Given, then: Given) -> Vec<Difference> {
    let facts = [now, then].map(|(run, scenario, attempt)| facts(run, scenario, attempt));
    let files = [now, then].map(|(_, scenario, _)| files(&scenario.info.inputs));
    let mut found = between(facts);
    // A log that names no files says nothing about them.
    if files.iter().all(|files| !files.is_empty()) {
        found.extend(between(files));
    }
    found.extend(changed_steps(now.2, then.2));
    found
}

/// Names with their values, in the order in which they are shown.
type Named = Vec<(String, String)>;

/// Returns the names whose values differ.
fn between([now, then]: [Named; 2]) -> Vec<Difference> {
    let known: BTreeMap<&str, &str> = then
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut found = Vec::new();
    for (name, value) in &now {
        let before = known.get(name.as_str()).copied();
        if before != Some(value.as_str()) {
            found.push(Difference {
                what: name.clone(),
                now: Some(value.clone()),
                then: before.map(str::to_owned),
            });
        }
    }
    for (name, value) in &then {
        if !now.iter().any(|(known, _)| known == name) {
            found.push(Difference {
                what: name.clone(),
                now: None,
                then: Some(value.clone()),
            });
        }
    }
    found
}

fn facts(run: &Run, scenario: &Scenario, attempt: &Attempt) -> Named {
    let mut facts: Named = Vec::new();
    let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
    if let Some(digest) = &scenario.info.image_digest {
        fact("image", digest.clone());
    }
    for machine in attempt.last_machines() {
        let prefix = match &machine.name {
            Some(name) => format!("{name}: "),
            None => String::new(),
        };
        for (name, value) in machine_facts(&machine.facts) {
            fact(&format!("{prefix}{name}"), value);
        }
    }
    fact("start", attempt.from.short_text());
    if let Some(host) = run.hosts.iter().find(|host| host.name == attempt.host) {
        fact("host", host_text(host));
    }
    if !run.version.is_empty() {
        fact("qa", run.version.clone());
    }
    facts
}

fn machine_facts(facts: &MachineFacts) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("machine", facts.name.clone()),
        ("architecture", facts.arch.clone()),
        ("firmware", facts.firmware.clone()),
        ("processor", format!("{} × {}", facts.cpus, facts.cpu)),
        (
            "memory",
            human_size(facts.memory_mib.saturating_mul(1 << 20)),
        ),
        ("deadlines", format!("× {}", facts.deadline_factor)),
    ];
    match &facts.backend {
        BackendFacts::Qemu { version, accel, .. } => {
            all.push(("accelerator", accel.clone()));
            all.push(("QEMU", version.clone()));
        }
        BackendFacts::Board { sources } => all.push(("board", sources.clone())),
        BackendFacts::Scripted => all.push(("backend", facts.backend.word().to_owned())),
    }
    all
}

fn host_text(host: &Host) -> String {
    let memory = human_size(host.memory_mib.saturating_mul(1 << 20));
    format!("{}, {}, {} cores, {memory}", host.name, host.os, host.cores)
}

fn files(inputs: &[InputFile]) -> Named {
    let named = inputs.iter();
    named
        .map(|input| (input.file.clone(), input.digest.clone()))
        .collect()
}

/// Returns the steps that do something else than they did, for stages that both attempts ran.
fn changed_steps(now: &Attempt, then: &Attempt) -> Vec<Difference> {
    let texts = |attempt: &Attempt| -> BTreeMap<(String, String), String> {
        let named = steps(attempt).map(|(stage, step)| {
            let key = (stage.name.clone(), step.id.clone());
            (key, step.text.clone())
        });
        named.collect()
    };
    let (texts_then, found_now) = (texts(then), texts(now));
    let changed = found_now.into_iter().filter_map(|((stage, id), text)| {
        let before = texts_then.get(&(stage.clone(), id.clone()))?;
        (*before != text).then(|| Difference {
            what: format!("{stage} step {id}"),
            now: Some(text),
            then: Some(before.clone()),
        })
    });
    changed.collect()
}
