//! The texts of a test case: why it failed, and its story step by step.

use std::fmt::Write;

use super::xml_text::no_marks;
use crate::duration::human_duration;
use crate::log::{BackendFacts, Candidate, Cause, Look, MachineFacts, StepOutcome, Wanted};
use crate::plain_text::plain_line;
use crate::run::{Attempt, Comparison, Remark, Scenario, StageEntry, Step};
use crate::words::on_machine;

/// Returns the text of `failure` or `error`: cause, place, nearest needles, end of the serial console, next steps.
pub(super) fn failure(cause: Option<&Cause>, attempt: Option<&Attempt>) -> String {
    let mut text = String::new();
    if let Some(cause) = cause {
        write_cause(&mut text, cause);
    }
    if let Some(step) = attempt.and_then(Attempt::decisive_step) {
        if let Some(machine) = &step.machine {
            line(&mut text, &format!("machine: {machine}"));
        }
        let evidence = &step.evidence;
        if let Some(look) = &evidence.look {
            write_look(&mut text, look);
        }
        if let Some(command) = &evidence.command {
            line(&mut text, &format!("command: {}", command.command));
            if let Some(exit) = command.exit {
                line(&mut text, &format!("exit status: {exit}"));
            }
            for remark in &command.remarks {
                line(&mut text, remark);
            }
            block(&mut text, "stdout", command.stdout.lines());
            block(&mut text, "stderr", command.stderr.lines());
        }
        block(
            &mut text,
            "the guest's kernel crashed",
            evidence.kernel_crash.iter().map(String::as_str),
        );
        block(
            &mut text,
            "serial console, last lines",
            evidence.serial_tail.iter().map(String::as_str),
        );
    }
    for hint in cause.iter().flat_map(|cause| &cause.hints) {
        line(&mut text, &format!("next: {hint}"));
    }
    no_marks(&text)
}

/// Returns the first line of an attempt: its origin and its verdict.
pub(crate) fn head(attempt: &Attempt) -> String {
    format!(
        "attempt {}, {}: {} in {}",
        attempt.number,
        attempt.from.text(),
        attempt.verdict,
        human_duration(attempt.duration_ms)
    )
}

/// Returns the text of `system-out`: attachments first, as GitLab shows only the first; then every attempt, step by
/// step.
pub(super) fn story(scenario: &Scenario, folder: &str) -> String {
    let mut text = String::new();
    for path in evidence_files(scenario, folder) {
        // A path with these characters cannot be written in this notation. The report has it.
        if !path.contains(['[', ']', '|']) {
            let _ = writeln!(text, "[[ATTACHMENT|{path}]]");
        }
    }
    let mut story = String::new();
    let info = &scenario.info;
    line(&mut story, &format!("{}: {}", info.name, scenario.verdict));
    if !info.title.is_empty() {
        line(&mut story, &info.title);
    }
    line(&mut story, &format!("file: {}", info.file));
    match &info.image_digest {
        Some(digest) => line(&mut story, &format!("image: {} ({digest})", info.image)),
        None => line(&mut story, &format!("image: {}", info.image)),
    }
    for finding in &scenario.findings {
        line(&mut story, &format!("finding: {}", finding.text()));
        line(&mut story, finding.meaning());
        line(&mut story, &format!("next: {}", finding.next()));
    }
    let shown = Comparison::of(scenario).map(|comparison| comparison.worth_showing());
    for (place, attempt) in scenario.attempts.iter().enumerate() {
        if shown.as_ref().is_none_or(|shown| shown.contains(&place)) {
            write_attempt(&mut story, attempt);
        } else {
            line(&mut story, &format!("\n{}", head(attempt)));
        }
    }
    text + &no_marks(&story)
}

/// Returns the paths of pictures, kept files of the guest and logs of the deciding attempt, the most important first.
/// They begin with `folder`, the run's folder.
pub(crate) fn evidence_files(scenario: &Scenario, folder: &str) -> Vec<String> {
    let path = |file| match folder {
        "" => plain_line(file),
        folder => plain_line(&format!("{}/{file}", folder.trim_end_matches('/'))),
    };
    attachments(scenario).into_iter().map(path).collect()
}

fn attachments(scenario: &Scenario) -> Vec<&str> {
    let Some(attempt) = scenario.deciding_attempt() else {
        return Vec::new();
    };
    let mut files: Vec<&str> = Vec::new();
    let decisive = attempt.decisive_step();
    let frames = decisive
        .and_then(|step| step.evidence.frame.as_ref())
        .into_iter()
        .chain(&attempt.last_frame)
        .map(|frame| frame.file.as_str());
    let logs = attempt.files.iter().map(String::as_str);
    for file in frames.chain(attempt.kept_files()).chain(logs) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    files
}

fn write_attempt(text: &mut String, attempt: &Attempt) {
    line(text, &format!("\n{}", head(attempt)));
    let mut told: Vec<Option<&str>> = Vec::new();
    for machine in &attempt.machines {
        let name = machine.name.as_deref();
        if !told.contains(&name) {
            told.push(name);
            line(text, &on_machine(name, &machine_line(&machine.facts)));
        }
    }
    for stage in &attempt.stages {
        if attempt.stages.len() > 1 {
            line(text, &format!("{}:", stage.name));
        }
        for entry in &stage.entries {
            match entry {
                StageEntry::Step(step) => write_step(text, step),
                StageEntry::Remark {
                    depth,
                    machine,
                    remark,
                    at_ms: _,
                } => {
                    let remark = on_machine(machine.as_deref(), &remark_text(remark));
                    line(text, &format!("{}{remark}", indent(*depth)));
                }
            }
        }
    }
}

fn machine_line(machine: &MachineFacts) -> String {
    let (backend, version) = match &machine.backend {
        BackendFacts::Qemu {
            version,
            accel,
            accel_reason,
        } => (
            format!("{accel} ({accel_reason})"),
            format!("QEMU {version}, "),
        ),
        BackendFacts::Board { sources } => {
            return format!(
                "machine {}: {}, a board ({sources}), deadlines x {}",
                machine.name, machine.arch, machine.deadline_factor
            );
        }
        BackendFacts::Scripted => ("scripted".to_owned(), String::new()),
    };
    format!(
        "machine {}: {}, {}, {backend}, CPU {} x {}, {} MiB, {version}deadlines x {}",
        machine.name,
        machine.arch,
        machine.firmware,
        machine.cpu,
        machine.cpus,
        machine.memory_mib,
        machine.deadline_factor
    )
}

fn write_step(text: &mut String, step: &Step) {
    let outcome = step.outcome.map_or("interrupted", StepOutcome::word);
    let after = step.evidence.after_text();
    line(
        text,
        &format!(
            "{}{outcome:<9} {} {}  {}{}",
            indent(step.depth),
            step.id,
            on_machine(step.machine.as_deref(), &step.text),
            human_duration(step.duration_ms),
            after.map_or_else(String::new, |after| format!(", {after}"))
        ),
    );
}

fn remark_text(remark: &Remark) -> String {
    match remark {
        Remark::Note(_) => format!("note: {}", remark.text()),
        Remark::SoftFailure(_) => format!("soft failure: {}", remark.text()),
        Remark::Machine(_)
        | Remark::Started(_)
        | Remark::CheckpointSaved { .. }
        | Remark::CheckpointUnusable { .. } => remark.text(),
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(1 + depth.min(12))
}

fn write_cause(text: &mut String, cause: &Cause) {
    line(text, &cause.message);
    let at: Vec<&str> = [&cause.place, &cause.step]
        .into_iter()
        .filter_map(Option::as_deref)
        .collect();
    if !at.is_empty() {
        line(text, &format!("at: {}", at.join(", ")));
    }
}

fn write_look(text: &mut String, look: &Look) {
    let wanted = match look.wanted {
        Wanted::Present => "looked for",
        Wanted::Absent => "must be gone",
    };
    line(text, &format!("{wanted}: {}", look.query));
    if let Some(matched) = &look.matched {
        line(text, &format!("on the screen: {}", scores(matched)));
    }
    for candidate in &look.candidates {
        line(text, &format!("candidate: {}", scores(candidate)));
    }
}

fn scores(candidate: &Candidate) -> String {
    let areas: Vec<_> = candidate
        .areas
        .iter()
        .enumerate()
        .map(|(index, area)| {
            format!(
                "area {} similarity {:.2} of {:.2}",
                index + 1,
                area.similarity,
                area.required
            )
        })
        .collect();
    let mut scores = format!("{}: {}", candidate.needle, areas.join(", "));
    for text in &candidate.texts {
        scores.push_str("; ");
        scores.push_str(&text.text());
    }
    scores
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn block<'t>(text: &mut String, title: &str, lines: impl Iterator<Item = &'t str>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        line(text, &format!("{title}:"));
    }
    for shown in lines {
        line(text, &format!("  {shown}"));
    }
}
