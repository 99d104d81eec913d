//! What ends a command before or outside the judgement of a scenario.

use std::fmt;

use reports::ExitStatus;

use crate::visible::visible;

/// An error for the person at the terminal: what happened, and what to do next.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: ExitStatus,
    message: String,
    hints: Vec<String>,
    /// Rendered diagnostics, printed as they are in front of the message.
    diagnostics: Option<String>,
}

impl Failure {
    /// What is wrong, without what to do.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The call, a scenario or the project file is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Usage, message)
    }

    /// The harness or the host broke, or something that must exist does not.
    pub(crate) fn error(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Error, message)
    }

    /// The user stopped it.
    pub(crate) fn cancelled(message: impl Into<String>) -> Self {
        Self::new(ExitStatus::Cancelled, message)
    }

    fn new(exit: ExitStatus, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            hints: Vec::new(),
            diagnostics: None,
        }
    }

    /// Adds a sentence on what to do next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds rendered diagnostics, which are printed first.
    pub(crate) fn diagnostics(mut self, rendered: String) -> Self {
        self.diagnostics = Some(rendered);
        self
    }

    /// The process's exit status.
    pub(crate) fn exit(&self) -> ExitStatus {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(diagnostics) = &self.diagnostics {
            writeln!(f, "{}", diagnostics.trim_end())?;
        }
        write!(f, "error: {}", visible(&self.message))?;
        for hint in &self.hints {
            write!(f, "\n  next: {}", visible(hint))?;
        }
        Ok(())
    }
}

/// One line with every cause of an error: `reading qa.yaml: permission denied`.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        // A transparent wrapper says what its source says; once is enough.
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
