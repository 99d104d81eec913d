//! The diagnostics of a test point: how the scenario ended, where, why, and the evidence.

use super::yaml::Yaml;
use crate::junit::{attempt_head, evidence_files, place_of};
use crate::log::{ExitStatus, Verdict};
use crate::run::{Attempt, Run, Scenario, Step};

/// Returns the diagnostics of a scenario.
pub(super) fn block(run: &Run, scenario: &Scenario, folder: &str) -> String {
    let mut yaml = Yaml::new();
    yaml.text("verdict", scenario.verdict.word());
    yaml.number("duration_ms", scenario.duration_ms());
    if let Some(cause) = &scenario.cause {
        yaml.some_text("message", scenario.why().as_deref());
        yaml.text("severity", severity(run, scenario));
        yaml.text("cause", cause.kind.word());
    }
    if let Some((file, line)) = place_of(scenario) {
        yaml.group("at", |at| {
            at.text("file", file);
            at.number("line", line.into());
        });
    }
    yaml.some_text("title", Some(&scenario.info.title));
    yaml.some_text("image", Some(&scenario.info.image));
    yaml.some_text("image_digest", scenario.info.image_digest.as_deref());
    yaml.some_text("machine", Some(&scenario.info.machine));
    if let Some(step) = scenario.deciding_attempt().and_then(Attempt::decisive_step) {
        write_step(&mut yaml, step);
    }
    let hints = scenario.cause.iter().flat_map(|cause| &cause.hints);
    yaml.list("next", hints);
    let attempts = scenario.attempts.iter();
    let defects = attempts.flat_map(|attempt| &attempt.soft_failures);
    yaml.list("known_defects", defects.map(|defect| defect.text()));
    yaml.list(
        "findings",
        scenario.findings.iter().map(|finding| finding.text()),
    );
    if scenario.attempts.len() > 1 {
        yaml.list("attempts", scenario.attempts.iter().map(attempt_head));
    }
    yaml.list("files", evidence_files(scenario, folder));
    yaml.finish()
}

/// Returns the word that readers of TAP use for how bad it is.
fn severity(run: &Run, scenario: &Scenario) -> &'static str {
    match (scenario.verdict, run.gate_of(scenario)) {
        (Verdict::SoftFailed, _) => "todo",
        (_, ExitStatus::Success) => "comment",
        (_, ExitStatus::Failed) => "fail",
        (_, ExitStatus::Error | ExitStatus::Cancelled | ExitStatus::Usage) => "error",
    }
}

/// Writes the step that decided, with what the guest said.
fn write_step(yaml: &mut Yaml, step: &Step) {
    yaml.group("step", |group| {
        group.text("number", &step.id);
        group.text("text", &step.text);
        group.some_text("place", Some(&step.place));
        group.some_text("machine", step.machine.as_deref());
        group.number("duration_ms", step.duration_ms);
    });
    let evidence = &step.evidence;
    if let Some(command) = &evidence.command {
        yaml.group("command", |group| {
            group.text("line", &command.command);
            group.some_text(
                "exit_status",
                command.exit.map(|exit| exit.to_string()).as_deref(),
            );
            group.list("stdout", command.stdout.lines());
            group.list("stderr", command.stderr.lines());
        });
    }
    yaml.list("kernel_crash", &evidence.kernel_crash);
    yaml.list("serial", &evidence.serial_tail);
}
