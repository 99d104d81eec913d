//! Calls that look at the screen.

use super::arguments::Arguments;
use super::entry::{Entry, StepText, Todo, Value};
use super::text::in_words;
use super::writer::Writer;
use crate::openqa::perl::Expression;

/// Options that decide nothing here.
const IGNORED: [&str; 6] = [
    "no_wait",
    "clicktime",
    "mousehide",
    "similarity_level",
    "quiet",
    "dclick",
];

impl Writer<'_> {
    /// Reads arguments that may have these names. Says what is in the way, if something is.
    pub(super) fn arguments<'e>(
        &mut self,
        arguments: &'e [Expression],
        names: &[&str],
    ) -> Option<Arguments<'e>> {
        let all: Vec<&str> = names.iter().chain(&IGNORED).copied().collect();
        match Arguments::read(arguments, &all) {
            Ok(arguments) => Some(arguments),
            Err(what) => {
                self.because(format!("{what} has no counterpart"));
                None
            }
        }
    }

    /// Returns those of the tags that a needle has. Those that none has become a remark.
    fn tags_of_needles(&mut self, tags: Vec<String>) -> Option<Vec<String>> {
        let (found, missing): (Vec<_>, Vec<_>) =
            tags.into_iter().partition(|tag| self.facts.has_needle(tag));
        if found.is_empty() {
            let names: Vec<String> = missing.iter().map(|tag| format!("`{tag}`")).collect();
            self.because(format!("no needle has the tag {}", names.join(", ")));
            return None;
        }
        for tag in missing {
            let source = format!("no needle has the tag `{tag}`; it is left out of the list");
            self.remark(source);
        }
        Some(found)
    }

    /// Tells a look. `usual` is the time in seconds where the call has none of its own.
    pub(super) fn see(&mut self, arguments: &[Expression], usual: Option<f64>) -> Option<Entry> {
        let arguments = self.arguments(arguments, &["timeout", "point_id"])?;
        let tags = self.tags(arguments.placed.first()?)?;
        let tags = self.tags_of_needles(tags)?;
        let within = self.duration(arguments.get("timeout", 1))?;
        let within = within.or(usual.map(in_words)).filter(|time| time != "30s");
        self.looked_for = Some(tags.clone());
        let step = StepText::new("see").with("needle", needle(tags));
        Some(Entry::Step(step.word_if("within", within)))
    }

    pub(super) fn click(&mut self, arguments: &[Expression], count: u32) -> Option<Entry> {
        let arguments = self.arguments(arguments, &["timeout", "button", "point_id"])?;
        let tags = self.tags(arguments.placed.first()?)?;
        let tags = self.tags_of_needles(tags)?;
        let within = self
            .duration(arguments.named("timeout"))?
            .filter(|time| time != "30s");
        self.looked_for = Some(tags.clone());
        let button = arguments.get("button", 1);
        let count = if arguments.flag("dclick") { 2 } else { count };
        let point = arguments.named("point_id");
        self.clicked(
            StepText::new("click").with("needle", needle(tags)),
            button,
            count,
            point,
            within,
        )
    }

    /// Tells a click on what was looked for last.
    pub(super) fn click_last(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let arguments = self.arguments(arguments, &["button", "point_id"])?;
        let Some(tags) = self.looked_for.clone() else {
            self.because("it is not known what was looked for last");
            return None;
        };
        let count = if arguments.flag("dclick") { 2 } else { 1 };
        let (button, point) = (arguments.named("button"), arguments.named("point_id"));
        self.clicked(
            StepText::new("click").with("needle", needle(tags)),
            button,
            count,
            point,
            None,
        )
    }

    fn clicked(
        &mut self,
        step: StepText,
        button: Option<&Expression>,
        count: u32,
        point: Option<&Expression>,
        within: Option<String>,
    ) -> Option<Entry> {
        let mut step = step;
        if let Some(button) = button {
            let button = self.literal(button)?;
            if button != "left" {
                step = step.text("button", button);
            }
        }
        if count > 1 {
            step = step.word("count", count.to_string());
        }
        if let Some(point) = point {
            step = step.text("point", self.literal(point)?);
        }
        Some(Entry::Step(step.word_if("within", within)))
    }

    pub(super) fn still(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let arguments = self.arguments(arguments, &["stilltime", "timeout"])?;
        let still = self.duration(arguments.get("stilltime", 0))?;
        let within = self
            .duration(arguments.get("timeout", 1))?
            .filter(|time| time != "30s");
        let step = StepText::new("still").word("for", still.unwrap_or_else(|| "7s".to_owned()));
        Some(Entry::Step(step.word_if("within", within)))
    }

    /// Tells `wait_screen_change { ... }`: its steps, then the wait for a change.
    pub(super) fn changed(&mut self, arguments: &[Expression]) -> Option<Vec<Entry>> {
        let (first, rest) = arguments.split_first()?;
        let Expression::Code(body) = first else {
            self.because("its code is not known");
            return None;
        };
        let placed = std::iter::once(first.clone()).chain(rest.iter().cloned());
        let placed: Vec<Expression> = placed.collect();
        let arguments = self.arguments(&placed, &["timeout"])?;
        let within = self
            .duration(arguments.get("timeout", 1))?
            .filter(|time| time != "10s");
        let mut steps = self.statements(body);
        if steps
            .iter()
            .any(|step| matches!(step, Entry::Todo(Todo { .. })))
        {
            self.because("its code has parts that cannot be told");
            return None;
        }
        let changed = StepText::new("changed").word_if("within", within);
        steps.push(Entry::Step(changed));
        Some(steps)
    }
}

/// Returns one tag alone, or a list.
pub(super) fn needle(mut tags: Vec<String>) -> Value {
    match tags.len() {
        1 => Value::Text(tags.remove(0)),
        _ => Value::List(tags),
    }
}
