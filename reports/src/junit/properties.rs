//! Properties of a suite: facts of the run, of the hosts, and of each scenario.

use super::document::Document;
use super::suite::Suite;
use crate::log::{Host, StartedFrom, Verdict};
use crate::run::{Run, Scenario};

/// Name and value.
type Property = (String, String);

/// Adds the properties of a suite.
pub(super) fn write(document: &mut Document, run: &Run, suite: &Suite<'_>) {
    let mut properties = of_run(run);
    properties.extend(of_place(suite));
    properties.extend(of_end(run));
    properties.extend(of_hosts(&run.hosts));
    for scenario in &suite.scenarios {
        properties.extend(of_attempts(scenario, run.hosts.len() > 1));
        properties.extend(of_judgement(scenario));
    }
    document.begin("properties", Vec::new());
    for (name, value) in properties {
        document.empty("property", vec![("name", name), ("value", value)]);
    }
    document.end();
}

fn of_run(run: &Run) -> Vec<Property> {
    let mut properties = vec![
        ("qa.version".to_owned(), run.version.clone()),
        ("qa.run".to_owned(), run.name.clone()),
        ("qa.command".to_owned(), run.command.join(" ")),
        ("qa.exit-status".to_owned(), run.exit().code().to_string()),
    ];
    let matrix = run.matrix.iter();
    properties.extend(matrix.map(|matrix| ("qa.matrix".to_owned(), matrix.clone())));
    properties
}

/// Returns image and machine of a suite of a matrix.
fn of_place(suite: &Suite<'_>) -> Vec<Property> {
    match suite.on {
        Some((image, machine)) => vec![
            ("image".to_owned(), image.to_owned()),
            ("machine".to_owned(), machine.to_owned()),
        ],
        None => Vec::new(),
    }
}

/// Returns the property of a log without an end.
fn of_end(run: &Run) -> Option<Property> {
    let name = match (run.is_cut_short(), run.goes_on()) {
        (true, _) => "qa.interrupted",
        (_, true) => "qa.goes-on",
        (false, false) => return None,
    };
    Some((name.to_owned(), "true".to_owned()))
}

fn of_hosts(hosts: &[Host]) -> Vec<Property> {
    match hosts {
        [] => Vec::new(),
        [host] => vec![
            ("host.os".to_owned(), host.os.clone()),
            ("host.cores".to_owned(), host.cores.to_string()),
            ("host.memory-mib".to_owned(), host.memory_mib.to_string()),
        ],
        several => {
            let names: Vec<&str> = several.iter().map(|host| host.name.as_str()).collect();
            vec![("hosts".to_owned(), names.join(", "))]
        }
    }
}

/// Returns host, origin and restarts of the deciding attempt, and the number of attempts.
fn of_attempts(scenario: &Scenario, several_hosts: bool) -> Vec<Property> {
    let name = &scenario.info.name;
    let mut properties = Vec::new();
    if let Some(attempt) = scenario.deciding_attempt() {
        if several_hosts {
            properties.push((format!("host.{name}"), attempt.host.clone()));
        }
        let (from, age_ms) = started(&attempt.from);
        properties.push((format!("started-from.{name}"), from));
        if let Some(age_ms) = age_ms {
            let seconds = (age_ms / 1000).to_string();
            properties.push((format!("checkpoint-age-seconds.{name}"), seconds));
        }
        let resets = attempt.resets_text();
        properties.extend(resets.map(|resets| (format!("resets.{name}"), resets)));
    }
    if scenario.attempts.len() > 1 {
        let count = scenario.attempts.len().to_string();
        properties.push((format!("attempts.{name}"), count));
    }
    properties
}

/// Returns the findings, the verdicts that have no element in JUnit, and the known defects.
fn of_judgement(scenario: &Scenario) -> Vec<Property> {
    let name = &scenario.info.name;
    let findings = scenario.findings.iter();
    let mut properties: Vec<Property> = findings
        .map(|finding| (format!("finding.{name}"), finding.text()))
        .collect();
    match scenario.verdict {
        Verdict::SoftFailed | Verdict::Flaky => {
            let word = scenario.verdict.word().to_owned();
            properties.push((format!("verdict.{name}"), word));
        }
        Verdict::Passed
        | Verdict::Failed
        | Verdict::Error
        | Verdict::Skipped
        | Verdict::Cancelled => {}
    }
    let defects = scenario
        .attempts
        .iter()
        .flat_map(|attempt| &attempt.soft_failures);
    properties.extend(defects.map(|defect| (format!("soft-failure.{name}"), defect.text())));
    properties
}

/// Returns the origin of an attempt for programs: the kind, then scenario and key; and the age of a checkpoint in
/// milliseconds.
fn started(from: &StartedFrom) -> (String, Option<u64>) {
    match from {
        StartedFrom::PowerOn => ("power-on".to_owned(), None),
        StartedFrom::Continued { scenario } => (format!("continued {scenario}"), None),
        StartedFrom::Checkpoint {
            scenario,
            key,
            saved: _,
            age_ms,
            this_run: _,
        } => (format!("checkpoint {scenario} {key}"), Some(*age_ms)),
    }
}
