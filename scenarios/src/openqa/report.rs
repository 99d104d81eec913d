//! The report of an import: numbers, and all that did not come over.

use std::collections::BTreeMap;

/// The most lines of the page on the terminal.
const MOST_LINES: usize = 12;

/// The numbers of an import, and all that did not come over, by line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Needles.
    pub needles: usize,
    /// Test modules in Perl.
    pub modules: usize,
    /// Modules of which everything could be told.
    pub whole_modules: usize,
    /// Scenarios, without fragments.
    pub scenarios: usize,
    /// Calls and other statements that became steps.
    pub told: usize,
    /// Those that became comments.
    pub left: usize,
    /// Jobs: a test suite on a product and a machine.
    pub jobs: usize,
    /// Job groups, and files of scenario definitions.
    pub groups: usize,
    /// Machines.
    pub machines: usize,
    /// Images.
    pub images: usize,
    /// Matrices.
    pub matrices: usize,
    /// What could not be told in modules: place, source, and what is in the way.
    pub todos: Vec<(String, String, Option<String>)>,
    /// What else did not come over: sentences, with a place where there is one.
    pub problems: Vec<String>,
    /// Settings that have no counterpart, with the number of jobs that have them.
    pub settings: BTreeMap<String, usize>,
    /// What the user has to give: sentences.
    pub to_give: Vec<String>,
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

impl ImportReport {
    /// Returns the page for the terminal: at most a screen. `file` has the whole report.
    #[must_use]
    pub fn page(&self, file: &str) -> String {
        let mut lines = vec![
            format!(
                "came over: {}, {} of {}, {}, {}",
                counted(self.needles, "needle", "needles"),
                counted(self.scenarios, "scenario", "scenarios"),
                counted(self.modules, "module", "modules"),
                counted(self.machines, "machine", "machines"),
                counted(self.images, "image", "images"),
            ),
            format!(
                "           {} of {} as {}",
                counted(self.jobs, "job", "jobs"),
                counted(self.groups, "job group", "job groups"),
                counted(self.matrices, "matrix", "matrices"),
            ),
            format!(
                "           {} became steps; {} with nothing left to do",
                counted(self.told, "statement", "statements"),
                counted(self.whole_modules, "module", "modules"),
            ),
            format!(
                "did not:   {}, at {}; {}; {}",
                counted(self.left, "statement", "statements"),
                counted(self.todos.len(), "place", "places"),
                counted(self.problems.len(), "other thing", "other things"),
                counted(self.settings.len(), "setting", "settings"),
            ),
        ];
        for (place, source, reason) in self.todos.iter().take(MOST_LINES) {
            let why = reason
                .as_deref()
                .map(|reason| format!("  ({reason})"))
                .unwrap_or_default();
            let line = shortened(&format!("  {place}: {source}{why}"));
            lines.push(line);
        }
        if self.todos.len() > MOST_LINES {
            lines.push(format!(
                "  and {} more in {file}",
                self.todos.len() - MOST_LINES
            ));
        }
        lines.extend(self.to_give.iter().map(|what| format!("to give:   {what}")));
        lines.push(format!("all of it: {file}"));
        lines.join("\n")
    }

    /// Returns the whole report as Markdown.
    #[must_use]
    pub fn whole(&self) -> String {
        let mut out = String::from("# What came over from openQA\n\n");
        out.push_str("| | came over | did not |\n| --- | --- | --- |\n");
        let rows = [
            ("needles", self.needles.to_string(), String::new()),
            (
                "test modules",
                format!("{}, as {} scenarios", self.modules, self.scenarios),
                String::new(),
            ),
            (
                "modules with nothing left to do",
                self.whole_modules.to_string(),
                (self.modules - self.whole_modules.min(self.modules)).to_string(),
            ),
            (
                "statements of modules",
                self.told.to_string(),
                self.left.to_string(),
            ),
            (
                "job groups",
                format!("{}, as {} matrices", self.groups, self.matrices),
                String::new(),
            ),
            ("jobs", self.jobs.to_string(), String::new()),
            ("machines", self.machines.to_string(), String::new()),
            ("images", self.images.to_string(), String::new()),
        ];
        for (what, came, not) in rows {
            out.push_str(&format!("| {what} | {came} | {not} |\n"));
        }
        if !self.to_give.is_empty() {
            out.push_str("\n## To give before the first run\n\n");
            for what in &self.to_give {
                out.push_str(&format!("- {}\n", line(what)));
            }
        }
        if !self.todos.is_empty() {
            out.push_str("\n## Statements that could not be told\n\n");
            out.push_str("Each is a comment `# TODO` in its scenario, at its place.\n\n");
            for (place, source, reason) in &self.todos {
                let why = reason
                    .as_deref()
                    .map(|reason| format!(" ({})", line(reason)))
                    .unwrap_or_default();
                out.push_str(&format!("- {}: {}{why}\n", line(place), code(source)));
            }
        }
        if !self.problems.is_empty() {
            out.push_str("\n## What else did not come over\n\n");
            for problem in &self.problems {
                out.push_str(&format!("- {}\n", line(problem)));
            }
        }
        if !self.settings.is_empty() {
            out.push_str("\n## Settings without a counterpart\n\n");
            out.push_str("No scenario uses them. They are not in `qa.yaml`.\n\n| setting | jobs |\n| --- | --- |\n");
            for (name, jobs) in &self.settings {
                out.push_str(&format!("| {} | {jobs} |\n", code(name)));
            }
        }
        out
    }
}

/// Returns a line that fits on a terminal of 120 columns.
fn shortened(line: &str) -> String {
    match line.chars().count() {
        0..=118 => line.to_owned(),
        _ => line.chars().take(115).chain("...".chars()).collect(),
    }
}

/// Returns text in one line of Markdown, without what a terminal or a browser obeys.
fn line(text: &str) -> String {
    super::steps::comment(text).replace('<', "&lt;")
}

/// Returns text as code of Markdown.
fn code(text: &str) -> String {
    let text = super::steps::comment(text);
    match text.contains('`') {
        true => format!("`` {text} ``"),
        false => format!("`{text}`"),
    }
}
