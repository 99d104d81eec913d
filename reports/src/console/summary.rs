//! The end of a run on a terminal: a line for each scenario, why those failed that did, the counts, where the report
//! is.

use crate::number_ranges::number_ranges;
use crate::plain_text::{plain, plain_line};
use crate::{
    AreaFound, Attempt, Candidate, Cause, CauseKind, CommandResult, Comparison, Look, Run,
    Scenario, StartedFrom, Step, TextFound, TextResult, Verdict, Wanted, human_duration,
};

/// More lines of the serial console are for the report.
const SERIAL_LINES: usize = 5;

/// What happened, in which program and function; more lines of a crash are for the report.
const CRASH_LINES: usize = 12;

/// More lines of a command's output are for the report.
const OUTPUT_LINES: usize = 8;

/// How a summary is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryStyle<'p> {
    /// Whether to use colour. Whoever calls knows the terminal and `NO_COLOR`.
    pub colour: bool,
    /// Columns. Lines that list scenarios are cut to fit; those that explain a failure never are.
    pub width: usize,
    /// Where the report for people is, if it could be written.
    pub report: Option<&'p str>,
}

/// The end of a run for people. The text ends with a line end and holds nothing from a guest that a terminal would
/// obey.
pub fn summary(run: &Run, style: SummaryStyle<'_>) -> String {
    let mut page = Page {
        text: String::new(),
        style,
    };
    page.scenarios(run);
    for scenario in &run.scenarios {
        page.explain(scenario);
        page.findings(scenario);
        page.attempts(scenario);
    }
    page.counts(run);
    page.text
}

/// The numbers of the SGR sequence that paints a verdict.
fn paint_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "32",
        Verdict::SoftFailed | Verdict::Flaky => "33",
        Verdict::Failed => "1;31",
        Verdict::Error => "1;35",
        Verdict::Skipped | Verdict::Cancelled => "2",
    }
}

const DIM: &str = "2";

struct Page<'p> {
    text: String,
    style: SummaryStyle<'p>,
}

impl Page<'_> {
    fn scenarios(&mut self, run: &Run) {
        let names = run
            .scenarios
            .iter()
            .map(|scenario| plain_line(&scenario.info.name));
        // One very long name must not push the durations of all others off the screen.
        let widest = names.map(|name| name.chars().count()).max().unwrap_or(0);
        let name_width = widest.min((self.style.width / 2).max(12));
        for scenario in &run.scenarios {
            let verdict = format!("{:<11}", scenario.verdict);
            let name = fit(&plain_line(&scenario.info.name), name_width);
            let time = human_duration(scenario.duration_ms());
            let row = format!("{name:<name_width$}  {time:>7}  {}", told(scenario));
            let room = self.style.width.saturating_sub(12).max(20);
            let row = fit(row.trim_end(), room);
            let verdict = self.paint(paint_of(scenario.verdict), &verdict);
            self.line(&format!("{verdict} {row}"));
        }
    }

    /// Why a scenario did not pass.
    fn explain(&mut self, scenario: &Scenario) {
        match scenario.verdict {
            // What the user stopped needs no explanation to the user; a skip is told in its line.
            Verdict::Passed | Verdict::SoftFailed | Verdict::Skipped | Verdict::Cancelled => return,
            Verdict::Flaky | Verdict::Failed | Verdict::Error => {}
        }
        let Some(cause) = &scenario.cause else {
            return;
        };
        if scenario.attempts.is_empty() {
            return; // Why it was not begun is told in its line, and explained where the run broke off.
        }
        let attempt = scenario.deciding_attempt();
        self.text.push('\n');
        let head = format!("{} {}:", plain_line(&scenario.info.name), scenario.verdict);
        let head = self.paint(paint_of(scenario.verdict), &head);
        self.line(&format!("{head} {}", plain_line(&cause.message)));
        self.place(cause, attempt);
        if let Some(step) = attempt.and_then(Attempt::decisive_step) {
            self.evidence(step);
        }
        for hint in &cause.hints {
            self.line(&format!("  next: {}", plain_line(hint)));
        }
    }

    /// What came out besides the verdict: never left out, whatever the verdict.
    fn findings(&mut self, scenario: &Scenario) {
        for finding in &scenario.findings {
            self.text.push('\n');
            let head = format!("{} finding:", plain_line(&scenario.info.name));
            let head = self.paint(paint_of(Verdict::Flaky), &head);
            self.line(&format!("{head} {}", plain_line(&finding.text())));
            self.line(&format!("  {}", finding.meaning()));
            self.line(&format!("  next: {}", finding.next()));
        }
    }

    /// What several attempts came to: those that came out equal on one line, then what was not the same in all.
    fn attempts(&mut self, scenario: &Scenario) {
        let Some(comparison) = Comparison::of(scenario) else {
            return;
        };
        self.text.push('\n');
        let name = plain_line(&scenario.info.name);
        self.line(&format!("{name}, {} attempts:", scenario.attempts.len()));
        let most = comparison
            .groups
            .iter()
            .map(|group| group.attempts.len())
            .max();
        let digits = most.unwrap_or(0).to_string().len();
        for group in &comparison.groups {
            let count = format!("{:>digits$} {}", group.attempts.len(), group.verdict);
            let count = self.paint(paint_of(group.verdict), &count);
            let at = match &group.ended_at {
                Some(step) => format!(" at {}", plain_line(&step.text())),
                None => String::new(),
            };
            let time = group.durations.text();
            let which = which(scenario, &group.attempts);
            self.line(&format!("  {count}{at} in {time}: {which}"));
        }
        if !comparison.varied.is_empty() {
            self.line("  steps that did not always come out the same:");
            for varied in &comparison.varied {
                let step = plain_line(&varied.step.text());
                self.line(&format!("    {step}: {}", varied.counts()));
            }
        }
        if !comparison.spreads.is_empty() {
            self.line("  durations that varied most:");
            for spread in &comparison.spreads {
                let step = plain_line(&spread.step.text());
                self.line(&format!("    {step}: {}", spread.durations.text()));
            }
        }
    }

    fn place(&mut self, cause: &Cause, attempt: Option<&Attempt>) {
        let mut places: Vec<String> = [&cause.place, &cause.step]
            .into_iter()
            .flatten()
            .map(|part| plain_line(part))
            .collect();
        if let Some(machine) = attempt.and_then(|attempt| attempt.machines.last()) {
            let machine = &machine.facts;
            places.push(format!(
                "machine `{}` ({})",
                plain_line(&machine.name),
                plain_line(&machine.accel)
            ));
        }
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
        self.line(&format!(
            "  command: `{}` {status}",
            plain_line(&command.command)
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

    fn counts(&mut self, run: &Run) {
        let counts: Vec<String> = run
            .counts()
            .into_iter()
            .map(|(verdict, count)| self.paint(paint_of(verdict), &format!("{count} {verdict}")))
            .collect();
        let counts = if counts.is_empty() {
            "no scenario ran".to_owned()
        } else {
            counts.join(", ")
        };
        self.text.push('\n');
        self.line(&format!(
            "{counts} in {}",
            human_duration(run.duration_ms())
        ));
        if let Some(sentence) = run.not_whole() {
            self.line(sentence);
        }
        let exit = run.exit();
        if exit.code() != 0 && !run.goes_on() {
            self.line(&format!(
                "exit status {}: {}",
                exit.code(),
                run.exit_meaning()
            ));
        }
        if let Some(report) = self.style.report {
            self.line(&format!("report: {}", plain_line(report)));
        }
    }

    fn quote<'t>(&mut self, lines: impl Iterator<Item = &'t str>) {
        for line in lines {
            let line = self.paint(DIM, line);
            self.line(&format!("    {line}"));
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn paint(&self, paint: &str, text: &str) -> String {
        if self.style.colour {
            format!("\x1b[{paint}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

/// The attempts at these places, by number; where not all of the scenario started from the same, with what each started
/// from.
fn which(scenario: &Scenario, places: &[usize]) -> String {
    let mut starts: Vec<(String, Vec<u32>)> = Vec::new();
    for attempt in places.iter().map(|place| &scenario.attempts[*place]) {
        let start = plain_line(&attempt.from.short_text());
        match starts.iter_mut().find(|(known, _)| *known == start) {
            Some((_, numbers)) => numbers.push(attempt.number),
            None => starts.push((start, vec![attempt.number])),
        }
    }
    let mut texts = scenario
        .attempts
        .iter()
        .map(|attempt| attempt.from.short_text());
    let first = texts.next();
    let differ = texts.any(|text| Some(text) != first);
    if !differ {
        starts = vec![(
            String::new(),
            starts
                .into_iter()
                .flat_map(|(_, numbers)| numbers)
                .collect(),
        )];
    }
    let parts = starts.into_iter().map(|(start, numbers)| {
        let word = match numbers.len() {
            1 => "attempt",
            _ => "attempts",
        };
        let numbers = number_ranges(numbers);
        format!("{word} {numbers} {start}").trim_end().to_owned()
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// Returns the rest of a scenario's own line, behind verdict and time: why it did not pass, else from which checkpoint
/// it started, and what was found besides.
fn told(scenario: &Scenario) -> String {
    let mut parts = vec![why(scenario)];
    let part = scenario.info.part.as_deref();
    parts.extend(part.map(|part| format!("{} only", plain_line(part))));
    if scenario.verdict == Verdict::Passed {
        parts.extend(scenario.checkpoint().map(|from| plain_line(&from)));
    }
    let decided = scenario.deciding_attempt();
    parts.extend(decided.and_then(Attempt::resets_text));
    match scenario.findings.len() {
        0 => {}
        1 => parts.push("1 finding, see below".to_owned()),
        count => parts.push(format!("{count} findings, see below")),
    }
    parts.retain(|part| !part.is_empty());
    parts.join("; ")
}

fn why(scenario: &Scenario) -> String {
    let kind = scenario.cause.as_ref().map(|cause| &cause.kind);
    match scenario.verdict {
        Verdict::Passed => String::new(),
        // Which part is told anyway.
        Verdict::Skipped if kind == Some(&CauseKind::Partial) => "held".to_owned(),
        Verdict::SoftFailed => scenario
            .attempts
            .iter()
            .flat_map(|attempt| &attempt.soft_failures)
            .map(|defect| plain_line(&defect.text()))
            .collect::<Vec<_>>()
            .join("; "),
        Verdict::Flaky
        | Verdict::Failed
        | Verdict::Error
        | Verdict::Skipped
        | Verdict::Cancelled => scenario
            .why()
            .map_or_else(String::new, |why| plain_line(&why)),
    }
}

/// Lines of a guest's console that say something, fit for a terminal.
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

/// A candidate's line, with the texts that are not as they must be or could not be read.
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
    let nearest = match worst_area(candidate) {
        Some((number, area)) => format!(
            "`{needle}`, area {number}, similarity {:.2}, required {:.2}",
            area.similarity, area.required
        ),
        None => format!("`{needle}`"),
    };
    with_texts(nearest, candidate)
}

/// The area that is furthest from what it needs, with its number from 1.
pub(crate) fn worst_area(candidate: &Candidate) -> Option<(usize, &AreaFound)> {
    (1..).zip(&candidate.areas).max_by(|(_, a), (_, b)| {
        (a.required - a.similarity).total_cmp(&(b.required - b.similarity))
    })
}

/// Cuts a text to `width` characters, with a sign that it was cut.
fn fit(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(width.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
