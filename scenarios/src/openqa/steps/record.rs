//! Calls that record something, switch the power or the console.

use super::arguments::word;
use super::entry::{Entry, StepText, Value};
use super::writer::Writer;
use crate::openqa::perl::Expression;

/// Consoles on which commands only go through a line, not the screen.
const LINES: [&str; 4] = [
    "root-virtio-terminal",
    "virtio-terminal",
    "root-serial-terminal",
    "user-serial-terminal",
];

impl Writer<'_> {
    pub(super) fn soft_fail(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let reason = match arguments.first() {
            Some(reason) => self.text(reason)?,
            None => String::new(),
        };
        let reason = reason.trim();
        let Some(ticket) = ticket(reason) else {
            self.because("a soft failure needs a ticket: its text names none");
            return None;
        };
        let step = StepText::new("soft_fail").text("reason", reason);
        Some(Entry::Step(step.text("ticket", ticket)))
    }

    pub(super) fn info(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let arguments = self.arguments(arguments, &["result", "resultname"])?;
        if let Some(result) = arguments.named("result")
            && word(result) != Some("ok")
        {
            self.because("a result that only the step itself can have");
            return None;
        }
        let mut parts = Vec::new();
        for part in &arguments.placed {
            parts.push(self.text(part)?.trim().to_owned());
        }
        parts.retain(|part| !part.is_empty());
        if parts.is_empty() {
            return None;
        }
        Some(Entry::Step(
            StepText::new("note").text("text", parts.join(": ")),
        ))
    }

    pub(super) fn power(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let word = match self.literal(arguments.first()?)?.as_str() {
            "on" => "on",
            // The button, as `acpi`; `off` ends the machine at once.
            "acpi" => "off",
            "off" => "cut",
            "reset" => "reset",
            _ => return None,
        };
        Some(Entry::Step(StepText::alone("power", word)))
    }

    /// Tells `assert_shutdown`: the step before it powers the machine off.
    pub(super) fn shutdown(
        &mut self,
        arguments: &[Expression],
        out: &mut [Entry],
    ) -> Option<Vec<Entry>> {
        let arguments = self.arguments(arguments, &["timeout"])?;
        let within = match self.duration(arguments.get("timeout", 0))? {
            Some(within) => within,
            None => "60s".to_owned(),
        };
        let Some(Entry::Step(step)) = out.last_mut() else {
            self.because("it is not known which step powers the machine off");
            return None;
        };
        let acts = matches!(step.verb, "type" | "press" | "click" | "run");
        let button = step.verb == "power" && step.alone.as_deref() == Some("off");
        if step.has("powers_off") || !(acts || button) {
            self.because("it is not known which step powers the machine off");
            return None;
        }
        step.fields.retain(|(name, _)| name != "within");
        step.beside
            .push(("powers_off", Value::Word("true".to_owned())));
        step.beside.push(("within", Value::Word(within)));
        Some(Vec::new())
    }

    pub(super) fn select_console(&mut self, arguments: &[Expression]) -> Option<Vec<Entry>> {
        let Some(name) = self.literal(arguments.first()?) else {
            self.because("the console is not known");
            return None;
        };
        if LINES.contains(&name.as_str()) || name == "sut" {
            self.user = name.starts_with("user");
            return Some(vec![Entry::Comment(format!(
                "# openQA: select_console {name}; `run` needs no console"
            ))]);
        }
        let terminal = match self.facts.consoles.get(&name) {
            Some(terminal) => *terminal,
            None => {
                self.because(format!(
                    "no `add_console` in lib/ says which terminal `{name}` is"
                ));
                return None;
            }
        };
        if !(1..=12).contains(&terminal) {
            self.because(format!("`{name}` has the terminal {terminal}"));
            return None;
        }
        self.user = name.starts_with("user");
        let comment = Entry::Comment(format!(
            "# openQA: select_console {name}; a first login is not told"
        ));
        let press = StepText::new("press").text("keys", format!("ctrl-alt-f{terminal}"));
        Some(vec![comment, Entry::Step(press)])
    }
}

/// Returns the ticket that a reason names: `bsc#123`, `poo#123`, an address.
fn ticket(reason: &str) -> Option<String> {
    reason.split_whitespace().find_map(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
        let is_address = word.starts_with("http://") || word.starts_with("https://");
        let is_number = word.split_once('#').is_some_and(|(tracker, number)| {
            !tracker.is_empty() && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
        });
        (is_address || is_number).then(|| word.to_owned())
    })
}
