//! The cause of a verdict, and its evidence.

use super::page::{Page, paint_of};
use crate::log::{
    Candidate, Cause, CommandResult, Look, StartedFrom, TextFound, TextResult, Verdict, Wanted,
};
use crate::plain_text::{plain, plain_line};
use crate::run::{Attempt, Scenario, Step};

/// The most lines of the serial console; the report has more.
const SERIAL_LINES: usize = 5;

/// The most lines of a crash: they tell its kind, program and function. The report has more.
const CRASH_LINES: usize = 12;

/// The most lines of a command's output; the report has more.
const OUTPUT_LINES: usize = 8;

impl Page<'_> {
    /// Writes the line about why a scenario did not pass.
    pub(super) fn headline(&mut self, scenario: &Scenario) {
        let Some(cause) = explained(scenario) else {
            return;
        };
        self.text.push('\n');
        let head = format!("{} {}:", plain_line(&scenario.info.name), scenario.verdict);
        let head = self.paint(paint_of(scenario.verdict), &head);
        self.line(&format!("{head} {}", plain_line(&cause.message)));
    }

    /// Writes the place and the evidence, which follow that line.
    pub(super) fn explain(&mut self, scenario: &Scenario) {
        let Some(cause) = explained(scenario) else {
            return;
        };
        let attempt = scenario.deciding_attempt();
        self.place(cause, attempt);
        if let Some(step) = attempt.and_then(Attempt::decisive_step) {
            self.evidence(step);
        }
        for hint in &cause.hints {
            self.line(&format!("  next: {}", plain_line(hint)));
        }
    }

    /// Writes the part of that which a short summary has room for: nothing of it is quoted.
    pub(super) fn explain_shortly(&mut self, scenario: &Scenario) {
        let Some(cause) = explained(scenario) else {
            return;
        };
        let attempt = scenario.deciding_attempt();
        self.place(cause, attempt);
        let step = attempt.and_then(Attempt::decisive_step);
        if let Some(look) = step.and_then(|step| step.evidence.look.as_ref()) {
            self.look(look);
        }
        if let Some(hint) = cause.hints.first() {
            self.line(&format!("  next: {}", plain_line(hint)));
        }
    }

    fn place(&mut self, cause: &Cause, attempt: Option<&Attempt>) {
        let mut places: Vec<String> = [&cause.place, &cause.step]
            .into_iter()
            .flatten()
            .map(|part| plain_line(part))
            .collect();
        places.extend(attempt.and_then(machine));
        places.extend(attempt.and_then(Attempt::resets_text));
        if !places.is_empty() {
            self.line(&format!("  at  {}", places.join(", ")));
        }
        match attempt.map(|attempt| &attempt.from) {
            Some(from @ (StartedFrom::Checkpoint { .. } | StartedFrom::Continued { .. })) => {
                self.line(&format!("  started {}", plain_line(&from.text())));
            }
            Some(StartedFrom::PowerOn) | None => {}
        }
    }

    fn evidence(&mut self, step: &Step) {
        let evidence = &step.evidence;
        if let Some(look) = &evidence.look {
            self.look(look);
        }
        if let Some(command) = &evidence.command {
            self.command(command);
        }
        let crash = quotable(&evidence.kernel_crash);
        if !crash.is_empty() {
            self.line("  the guest's kernel crashed:");
            let first = crash.iter().take(CRASH_LINES);
            self.quote(first.map(String::as_str));
        }
        let tail = quotable(&evidence.serial_tail);
        let tail = &tail[tail.len().saturating_sub(SERIAL_LINES)..];
        if !tail.is_empty() {
            self.line("  serial console, last lines:");
            self.quote(tail.iter().map(String::as_str));
        }
    }

    fn look(&mut self, look: &Look) {
        match (look.wanted, &look.matched, look.candidates.first()) {
            (Wanted::Absent, Some(matched), _) => {
                self.line(&format!("  on the screen: {}", found(matched)));
            }
            (Wanted::Present, None, Some(nearest)) => {
                self.line(&format!("  best candidate: {}", nearest_text(nearest)));
            }
            (Wanted::Present, Some(_), _) | (_, None, _) => {}
        }
    }

    fn command(&mut self, command: &CommandResult) {
        let status = match command.exit {
            Some(exit) => format!("ended with status {exit}"),
            None => "did not end by itself".to_owned(),
        };
        let text = command.command.trim();
        let (first, others) = match text.split_once('\n') {
            None => (text, String::new()),
            Some((first, rest)) => match rest.lines().count() {
                1 => (first, " … (and 1 more line; the report has it)".to_owned()),
                lines => (
                    first,
                    format!(" … (and {lines} more lines; the report has them)"),
                ),
            },
        };
        self.line(&format!(
            "  command: `{}`{others} {status}",
            plain_line(first)
        ));
        for remark in &command.remarks {
            self.line(&format!("  {}", plain_line(remark)));
        }
        for (name, output) in [("stdout", &command.stdout), ("stderr", &command.stderr)] {
            let output = plain(output);
            let lines: Vec<&str> = output.trim_end().lines().collect();
            if lines.is_empty() {
                continue;
            }
            let left_out = lines.len().saturating_sub(OUTPUT_LINES);
            match left_out {
                0 => self.line(&format!("  {name}:")),
                _ => self.line(&format!(
                    "  {name}, last {OUTPUT_LINES} of {} lines:",
                    lines.len()
                )),
            }
            self.quote(lines[left_out..].iter().copied());
        }
    }
}

/// Returns the cause of a scenario that is explained.
fn explained(scenario: &Scenario) -> Option<&Cause> {
    match scenario.verdict {
        // The user knows the reason of a stop. The reason of a skip is in the line of the scenario.
        Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => None,
        // The line of a scenario without an attempt has the reason. The scenario where the run broke off has the
        // details.
        Verdict::Flaky | Verdict::Failed | Verdict::Error if scenario.attempts.is_empty() => None,
        Verdict::Flaky | Verdict::Failed | Verdict::Error => scenario.cause.as_ref(),
    }
}

/// Returns the machine that an attempt ended on, if the log tells it. Of several machines, it is the one of the step
/// that decided.
fn machine(attempt: &Attempt) -> Option<String> {
    let name = attempt
        .decisive_step()
        .and_then(|step| step.machine.as_ref());
    let mut started = attempt.machines.iter().rev();
    let machine = match name {
        Some(_) => started.find(|machine| machine.name.as_ref() == name)?,
        None => started.next()?,
    };
    let facts = &machine.facts;
    let (preset, backend) = (plain_line(&facts.name), plain_line(facts.backend.word()));
    Some(match &machine.name {
        Some(name) => format!("machine `{}`: `{preset}` ({backend})", plain_line(name)),
        None => format!("machine `{preset}` ({backend})"),
    })
}

/// Returns the lines of a guest's console that are not empty, fit for a terminal.
fn quotable(lines: &[String]) -> Vec<String> {
    let plain = lines.iter().map(|line| plain_line(line));
    plain.filter(|line| !line.trim().is_empty()).collect()
}

fn found(candidate: &Candidate) -> String {
    let needle = plain_line(&candidate.needle);
    let found = match candidate.areas.first() {
        Some(area) => format!(
            "`{needle}` at {},{}, similarity {:.2}, required {:.2}",
            area.x, area.y, area.similarity, area.required
        ),
        None => format!("`{needle}`"),
    };
    with_texts(found, candidate)
}

/// Returns the line of a candidate with the texts that differ or could not be read.
fn with_texts(mut line: String, candidate: &Candidate) -> String {
    let fits = |text: &&TextFound| matches!(text.result, TextResult::Fits { .. });
    for text in candidate.texts.iter().filter(|text| !fits(text)) {
        line.push_str("; ");
        line.push_str(&text.text());
    }
    line
}

fn nearest_text(candidate: &Candidate) -> String {
    let needle = plain_line(&candidate.needle);
    let nearest = match candidate.worst_area() {
        Some((number, area)) => format!(
            "`{needle}`, area {number}, similarity {:.2}, required {:.2}",
            area.similarity, area.required
        ),
        None => format!("`{needle}`"),
    };
    with_texts(nearest, candidate)
}
