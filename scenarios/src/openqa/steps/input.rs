//! Calls that press keys, type and move the pointer.

use super::entry::{Entry, StepText, Value};
use super::look::needle;
use super::text::in_words;
use super::writer::Writer;
use crate::keyboard::Keyboard;
use crate::openqa::perl::Expression;

impl Writer<'_> {
    pub(super) fn send_key(&mut self, arguments: &[Expression]) -> Option<Vec<Entry>> {
        let arguments = self.arguments(arguments, &["wait_screen_change", "max_interval"])?;
        let key = self.text(arguments.placed.first()?)?;
        let press = Entry::Step(StepText::new("press").text("keys", key));
        let mut steps = vec![press];
        let waits = match arguments.placed.get(1) {
            Some(Expression::Number(number)) => number != "0",
            Some(_) => return None,
            None => arguments.flag("wait_screen_change"),
        };
        if waits {
            steps.push(Entry::Step(StepText::new("changed")));
        }
        Some(steps)
    }

    pub(super) fn send_key_until(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let arguments = self.arguments(arguments, &["counter", "timeout"])?;
        let tags = self.tags(arguments.placed.first()?)?;
        if let Some(missing) = tags.iter().find(|tag| !self.facts.has_needle(tag)) {
            self.because(format!("no needle has the tag `{missing}`"));
            return None;
        }
        let key = self.text(arguments.placed.get(1)?)?;
        let counter = match arguments.get("counter", 2) {
            Some(counter) => self.number(counter)?,
            None => 20.0,
        };
        let timeout = match arguments.get("timeout", 3) {
            Some(timeout) => self.number(timeout)?,
            None => 1.0,
        };
        let (counter, timeout) = (counter.clamp(1.0, 1000.0).round(), timeout.max(1.0));
        self.looked_for = Some(tags.clone());
        let step = StepText::new("press")
            .text("keys", key)
            .with("until", needle(tags))
            .word("repeat", format!("{counter}"))
            .word("every", in_words(timeout));
        // Longer than all presses together, so that their number decides.
        let within = (counter + 1.0) * timeout + 30.0;
        Some(Entry::Step(step.word("within", in_words(within.max(60.0)))))
    }

    /// Tells typing. `enter` adds Enter; a password is kept out of logs.
    pub(super) fn type_string(
        &mut self,
        arguments: &[Expression],
        enter: bool,
        secret: bool,
    ) -> Option<Vec<Entry>> {
        const NAMES: [&str; 8] = [
            "max_interval",
            "wait_screen_change",
            "wait_still_screen",
            "timeout",
            "secret",
            "lf",
            "terminate_with",
            "quiet",
        ];
        let arguments = self.arguments(arguments, &NAMES)?;
        let mut text = match arguments.placed.first() {
            Some(text) => self.text(text)?,
            None if secret => {
                self.uses.password = true;
                "{{ password }}".to_owned()
            }
            None => return None,
        };
        let mut enter = enter || arguments.flag("lf");
        if let Some(line) = text.strip_suffix('\n')
            && !line.contains('\n')
            && !line.is_empty()
        {
            text = line.to_owned();
            enter = true;
        }
        if text == "\n" || (text.is_empty() && enter) {
            return Some(vec![Entry::Step(
                StepText::new("press").text("keys", "ret"),
            )]);
        }
        if let Some(character) = untyped(&text) {
            self.because(format!("no key of the US layout types `{character}`"));
            return None;
        }
        let secret = secret || arguments.flag("secret");
        let short = !secret && enter && arguments.named("wait_still_screen").is_none();
        let mut step = StepText::new("type");
        step = match short {
            true => step.text("text", format!("{text}\n")),
            false => step.text("text", text),
        };
        if secret {
            step = step.word("secret", "true");
        }
        if enter && !short {
            step = step.word("enter", "true");
        }
        let mut steps = vec![Entry::Step(step)];
        if let Some(still) = arguments.named("wait_still_screen") {
            let still = self.number(still)?;
            if still > 0.0 {
                let step = StepText::new("still").word("for", in_words(still));
                let within = self.duration(arguments.named("timeout"))?;
                steps.push(Entry::Step(
                    step.word_if("within", within.filter(|time| time != "30s")),
                ));
            }
        }
        Some(steps)
    }

    pub(super) fn mouse_set(&mut self, arguments: &[Expression]) -> Option<Entry> {
        let pixel = |number: f64| (0.0..100_000.0).contains(&number).then_some(number as u32);
        let x = pixel(self.number(arguments.first()?)?)?;
        let y = pixel(self.number(arguments.get(1)?)?)?;
        self.pointer = Some((x, y));
        Some(at(StepText::new("move"), (x, y)))
    }

    /// Tells that the pointer goes to the corner at the lower right.
    pub(super) fn mouse_hide(&mut self) -> Option<Entry> {
        let (width, height) = self.facts.screen;
        let corner = (width.saturating_sub(1), height.saturating_sub(1));
        self.pointer = Some(corner);
        Some(at(StepText::new("move"), corner))
    }

    pub(super) fn mouse_click(&mut self, arguments: &[Expression], count: u32) -> Option<Entry> {
        let Some(place) = self.pointer else {
            self.because("it is not known where the pointer is");
            return None;
        };
        let button = match arguments.first() {
            Some(button) => self.literal(button)?,
            None => "left".to_owned(),
        };
        let mut step = StepText::new("click");
        if button != "left" {
            step = step.text("button", button);
        }
        if count > 1 {
            step = step.word("count", count.to_string());
        }
        Some(at(step, place))
    }

    pub(super) fn mouse_drag(&mut self, arguments: &[Expression]) -> Option<Entry> {
        const NAMES: [&str; 7] = [
            "startpoint",
            "endpoint",
            "startx",
            "starty",
            "endx",
            "endy",
            "button",
        ];
        let arguments = self.arguments(arguments, &NAMES)?;
        let mut end = |needle_name: &str, x: &str, y: &str| {
            if let Some(tag) = arguments.named(needle_name) {
                let tag = self.literal(tag)?;
                let known = self.facts.has_needle(&tag);
                return known.then(|| super::scalar::scalar(&tag));
            }
            let x = self.number(arguments.named(x)?)?;
            let y = self.number(arguments.named(y)?)?;
            Some(format!("{{ x: {x}, y: {y} }}"))
        };
        let from = end("startpoint", "startx", "starty")?;
        let to = end("endpoint", "endx", "endy")?;
        let mut step = StepText::new("drag").word("from", from).word("to", to);
        if let Some(button) = arguments.named("button") {
            step = step.text("button", self.literal(button)?);
        }
        Some(Entry::Step(step))
    }

    /// Tells that a program is started by the runner of the desktop.
    pub(super) fn start_program(&mut self, arguments: &[Expression]) -> Option<Vec<Entry>> {
        const NAMES: [&str; 7] = [
            "timeout",
            "valid",
            "target_match",
            "match_timeout",
            "match_no_wait",
            "match_typed",
            "no_wait",
        ];
        let arguments = self.arguments(arguments, &NAMES)?;
        let program = self.text(arguments.placed.first()?)?;
        let keys = Entry::Step(StepText::new("press").text("keys", "alt-f2"));
        let typed = StepText::new("type")
            .text("text", program.clone())
            .word("enter", "true");
        let mut steps = vec![keys, Entry::Step(typed.word("when_still", "1s"))];
        let checks = arguments.named("valid").is_none() || arguments.flag("valid");
        if checks {
            let tags = match arguments.named("target_match") {
                Some(tags) => self.tags(tags)?,
                None => vec![program.split(' ').next()?.to_owned()],
            };
            if let Some(missing) = tags.iter().find(|tag| !self.facts.has_needle(tag)) {
                self.because(format!("no needle has the tag `{missing}`"));
                return None;
            }
            let within = self
                .duration(arguments.named("match_timeout"))?
                .filter(|time| time != "30s");
            self.looked_for = Some(tags.clone());
            let see = StepText::new("see").with("needle", needle(tags));
            steps.push(Entry::Step(see.word_if("within", within)));
        }
        Some(steps)
    }
}

fn at(step: StepText, (x, y): (u32, u32)) -> Entry {
    Entry::Step(
        step.with("x", Value::Word(x.to_string()))
            .with("y", Value::Word(y.to_string())),
    )
}

/// Returns the first character of text, outside of its variables, that the keyboard of the test API does not have.
fn untyped(text: &str) -> Option<char> {
    let mut rest = text;
    let keyboard = Keyboard::default();
    loop {
        let (literal, after) = match rest.split_once("{{") {
            Some((literal, after)) => (literal, Some(after)),
            None => (rest, None),
        };
        if let Err(untyped) = keyboard.text(literal) {
            return Some(untyped.character);
        }
        rest = after?.split_once("}}")?.1;
    }
}
