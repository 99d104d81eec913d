//! The errors that end a command before or outside the judgement of a scenario.

use std::fmt;

use reports::ExitStatus;
use scenarios::{Colour, Diagnostic};

use crate::visible::{visible, visible_in_colour};

/// An error for the person at the terminal: what happened, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: ExitStatus,
    message: String,
    hints: Vec<String>,
    /// The errors in files that it is about, printed in front of the message.
    findings: Vec<Diagnostic>,
    /// True if the findings are printed in colour.
    in_colour: bool,
}

impl Failure {
    /// Makes the failure of findings in files. Warnings among them are printed, too.
    pub(crate) fn of_findings(mut findings: Vec<Diagnostic>) -> Self {
        scenarios::sort(&mut findings);
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        let plural = if errors == 1 { "error" } else { "errors" };
        let failure = Self::usage(format!("{errors} {plural} found; nothing was run"));
        Self {
            findings,
            ..failure
        }
    }

    /// Returns the message, without the hints.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Makes a failure of the call, a scenario or the project file.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, message)
    }

    /// Makes a failure of the harness or the host, or of something that must exist and does not.
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Error, message)
    }

    /// Makes the failure of a system under test that did not do what the command needs.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Failed, message)
    }

    /// Makes the failure of a command that the user stopped.
    pub(crate) fn cancelled(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Cancelled, message)
    }

    fn new(exit: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hints: Vec::new(),
            findings: Vec::new(),
            in_colour: false,
        }
    }

    /// Adds a sentence on what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Prints the findings in colour, if `colour` says so.
    pub(crate) fn in_colour(mut self, colour: bool) -> Self {
        self.in_colour = colour;
        self
    }

    /// Returns the exit status of the process.
    pub(crate) fn exit(&self) -> ExitStatus {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.findings.is_empty() {
            let findings = render(&self.findings, self.in_colour);
            writeln!(f, "{}", findings.trim_end())?;
        }
        write!(f, "error: {}", visible(&self.message))?;
        for hint in &self.hints {
            write!(f, "\n  next: {}", visible(hint))?;
        }
        Ok(())
    }
}

/// Renders findings as text, with a blank line between them.
pub(crate) fn render(findings: &[Diagnostic], colour: bool) -> String {
    let how = if colour { Colour::On } else { Colour::Off };
    let rendered: Vec<String> = findings.iter().map(|finding| finding.render(how)).collect();
    visible_in_colour(&rendered.join("\n\n"), colour).into_owned()
}

/// Returns one line with every cause of an error: `reading qa.yaml: permission denied`.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // A transparent error has the text of its source. It is not repeated.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_follow_the_message_a_line_each() {
        let failure = Failure::usage("no scenario `gnome-logni`")
            .hint("did you mean `gnome-login`?")
            .hint("`qa list` shows all");
        assert_eq!(
            failure.to_string(),
            "error: no scenario `gnome-logni`\n  next: did you mean `gnome-login`?\n  next: `qa list` shows all"
        );
    }
}
