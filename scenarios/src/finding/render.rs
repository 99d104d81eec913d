//! Renders a finding for the terminal.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::diagnostic::Diagnostic;
use super::severity::Severity;

/// Whether the output has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// With terminal escape sequences.
    On,
    /// Plain text.
    Off,
}

/// Longer source lines are not shown. A file of one endless line would fill the terminal.
const LONGEST_LINE: usize = 500;

impl Diagnostic {
    /// Returns the finding with its place, source line, caret and help: several lines, without a final line end.
    pub fn render(&self, colour: Colour) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let title = level
            .primary_title(self.message.as_str())
            .id(self.code.name());
        let mut group = Group::with_title(title);
        match &self.at {
            Some(at) if at.source_line().len() <= LONGEST_LINE => {
                let range = at.range();
                // For several lines, a caret under the first one is enough. For white space, the caret stands under its
                // first character, which may have several bytes.
                let written = at
                    .text()
                    .lines()
                    .next()
                    .map_or(0, |line| line.trim_end().len());
                let width = match at.text().chars().next() {
                    Some(first) if written == 0 => first.len_utf8(),
                    Some(_) | None => written,
                };
                let end = range.start + width;
                let snippet = Snippet::source(at.source().text())
                    .path(at.file())
                    .annotation(AnnotationKind::Primary.span(range.start..end));
                group = group.element(snippet);
            }
            Some(at) => group = group.element(annotate_snippets::Origin::path(at.to_string())),
            None => {
                if let Some(file) = &self.file {
                    group = group.element(annotate_snippets::Origin::path(file.as_str()));
                }
            }
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = match colour {
            Colour::On => Renderer::styled(),
            Colour::Off => Renderer::plain(),
        };
        renderer.render(&[group])
    }
}

#[cfg(test)]
mod tests {
    use super::super::code::Code;
    use super::super::source::Source;
    use super::super::span::Span;
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn a_finding_shows_place_line_caret_and_help() {
        let source = Source::new("scenarios/a.yaml", "title: A\nsteps:\n  - cilck: ok\n");
        let (_, findings) = Scenario::read(&source);
        assert_eq!(
            findings[0].render(Colour::Off),
            "\
error[unknown-verb]: unknown verb `cilck`
 --> scenarios/a.yaml:3:5
  |
3 |   - cilck: ok
  |     ^^^^^
  |
  = help: did you mean `click`?"
        );
    }

    #[test]
    fn colour_adds_escape_sequences_and_nothing_else() {
        let source = Source::new("a.yaml", "steps: 1\n");
        let (_, findings) = Scenario::read(&source);
        let plain = findings[0].render(Colour::Off);
        let coloured = findings[0].render(Colour::On);
        assert!(coloured.contains("\u{1b}["));
        let mut stripped = String::new();
        let mut rest = coloured.as_str();
        while let Some(at) = rest.find('\u{1b}') {
            stripped.push_str(&rest[..at]);
            rest = &rest[at + rest[at..].find('m').map_or(1, |end| end + 1)..];
        }
        stripped.push_str(rest);
        assert_eq!(stripped, plain);
    }

    #[test]
    fn a_place_of_wide_white_space_has_a_caret() {
        let source = Source::new("a.yaml", "\u{2028}\u{2028}x");
        let finding = Diagnostic::new(Code::InvalidValue, &Span::new(&source, 0..3), "odd");
        assert!(finding.render(Colour::Off).contains('^'));
    }

    #[test]
    fn a_finding_without_a_place_shows_what_it_has() {
        let finding = Diagnostic::without_place(Code::UnknownScenario, "unknown scenario `x`");
        assert_eq!(
            finding.render(Colour::Off),
            "error[unknown-scenario]: unknown scenario `x`"
        );
        let finding = Diagnostic::about_file(
            Code::UnusedNeedle,
            "needles/a.json",
            "no scenario looks for it",
        );
        assert_eq!(
            finding.render(Colour::Off),
            "warning[unused-needle]: no scenario looks for it\n--> needles/a.json"
        );
    }

    #[test]
    fn an_endless_line_and_odd_places_do_not_hurt() {
        let source = Source::new("a.yaml", "x".repeat(100_000));
        let finding = Diagnostic::new(Code::Syntax, &Span::new(&source, 5..9), "odd");
        assert!(finding.render(Colour::Off).len() < 1000);
        for text in ["", "\n", "a\n\n", "ä"] {
            let source = Source::new("a.yaml", text);
            for start in 0..4 {
                for end in start..4 {
                    let finding =
                        Diagnostic::new(Code::Syntax, &Span::new(&source, start..end), "odd");
                    assert!(finding.render(Colour::Off).contains("odd"));
                }
            }
        }
    }
}
