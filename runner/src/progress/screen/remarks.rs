//! Lines of events that belong to no step: notes, known defects, checkpoints, lost evidence.

use anstyle::{AnsiColor, Style};
use reports::Event;
use reports::console::{on_machine, plain_line};

use super::{About, Screen};

impl Screen {
    /// Returns the line of an event that belongs to no step.
    pub(super) fn remark(&mut self, about: &About, event: &Event) -> Option<String> {
        let warning = AnsiColor::Yellow.on_default();
        let plain = |text: &str| plain_line(&on_machine(about.machine.as_deref(), text));
        let line = match event {
            Event::SoftFailure { reason, ticket } => {
                let ticket = match ticket {
                    Some(ticket) => format!(" ({ticket})"),
                    None => String::new(),
                };
                let head = self.paint(warning, "soft failure:");
                format!("{head} {}", plain(&format!("{reason}{ticket}")))
            }
            Event::Note { text } => {
                let text = plain(text);
                // Lines of other attempts push the note away, so the line of the attempt repeats it.
                if let Some(pause) = self.step(&about.which).filter(|step| step.is_pause) {
                    pause.for_person = Some(text.clone());
                }
                format!("note: {text}")
            }
            Event::CheckpointSaved { .. } => {
                self.paint(Style::new().dimmed(), &plain(&event.remark_text()?))
            }
            // It is about earlier attempts, whose lines may be far above, so it names the scenario.
            Event::CheckpointBlamed { .. } => {
                let text = self.paint(warning.bold(), &plain(&event.remark_text()?));
                return Some(format!("{}: {text}", about.name));
            }
            _ => self.paint(warning, &plain(&event.remark_text()?)),
        };
        Some(self.indented(about, &line))
    }
}
