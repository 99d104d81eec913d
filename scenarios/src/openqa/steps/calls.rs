//! Tells one call, one assignment, or a call `or die`.

use super::arguments::word;
use super::entry::{Entry, StepText, Value};
use super::text::own_name;
use super::writer::{Known, Writer};
use crate::openqa::perl::Expression;

/// Calls that have no meaning for `qa`: it waits, keeps frames and finds serial patterns by itself.
const WITHOUT_A_STEP: [&str; 7] = [
    "reset_consoles",
    "select_serial_terminal",
    "set_serial_prompt",
    "wait_idle",
    "turn_off_screensaver_for_tests",
    "save_memory_dump",
    "force_refresh",
];

impl Writer<'_> {
    /// Tells an expression. `out` has the steps before it.
    pub(super) fn expression(
        &mut self,
        expression: &Expression,
        out: &mut [Entry],
    ) -> Option<Vec<Entry>> {
        match expression {
            Expression::Call { name, arguments } => self.call(name, arguments, out),
            Expression::Word(name) => self.call(name, &[], out),
            Expression::Method {
                object,
                name,
                arguments,
            } => self.method(object, name, arguments, out),
            Expression::Binary("=", left, right) => self.assignment(left, right, out),
            Expression::Binary(".=", left, right) => {
                let name = variable(left)?;
                let before = self.text(left)?;
                let more = self.text(right)?;
                self.assign(name, &(before + &more))
            }
            Expression::Binary("or" | "||", left, right) if is_die(right) => {
                self.or_die(left, right, out)
            }
            Expression::Binary("and" | "&&", left, right) => {
                let told = self.condition(left)?;
                let steps = self.expression(right, out)?;
                let mut all = told.before;
                for step in steps {
                    all.push(match step {
                        Entry::Step(step) if !step.has("when") => {
                            Entry::Step(step.when(&told.text))
                        }
                        _ => return None,
                    });
                }
                Some(all)
            }
            Expression::List(items) => match items.as_slice() {
                [one] => self.expression(one, out),
                _ => None,
            },
            // `1;`
            Expression::Number(_) | Expression::Text(_) | Expression::Declared(_) => {
                Some(Vec::new())
            }
            _ => None,
        }
    }

    fn method(
        &mut self,
        object: &Expression,
        name: &str,
        arguments: &[Expression],
        out: &mut [Entry],
    ) -> Option<Vec<Entry>> {
        let is_own = match object {
            Expression::Variable(object) => {
                matches!(object.as_str(), "$self" | "$testapi::distri" | "$distri")
            }
            Expression::Word(class) => class == "testapi",
            _ => false,
        };
        if !is_own {
            return None;
        }
        self.call(name, arguments, out)
    }

    fn call(
        &mut self,
        name: &str,
        arguments: &[Expression],
        out: &mut [Entry],
    ) -> Option<Vec<Entry>> {
        let name = name.strip_prefix("testapi::").unwrap_or(name);
        let one = |step: Option<Entry>| step.map(|step| vec![step]);
        match name {
            "assert_screen" => one(self.see(arguments, None)),
            "check_screen" => self.check_screen_alone(arguments),
            "assert_and_click" => one(self.click(arguments, 1)),
            "assert_and_dclick" => one(self.click(arguments, 2)),
            "click_lastmatch" => one(self.click_last(arguments)),
            "wait_still_screen" | "assert_still_screen" => one(self.still(arguments)),
            "wait_screen_change" | "assert_screen_change" => self.changed(arguments),
            "save_screenshot" => Some(vec![Entry::Step(StepText::new("screenshot"))]),
            "send_key" => self.send_key(arguments),
            "send_key_until_needlematch" => one(self.send_key_until(arguments)),
            "hold_key" | "release_key" => None,
            "type_string" => self.type_string(arguments, false, false),
            "enter_cmd" => self.type_string(arguments, true, false),
            "type_password" => self.type_string(arguments, false, true),
            "mouse_set" => one(self.mouse_set(arguments)),
            "mouse_hide" => one(self.mouse_hide()),
            "mouse_click" => one(self.mouse_click(arguments, 1)),
            "mouse_dclick" => one(self.mouse_click(arguments, 2)),
            "mouse_tclick" => one(self.mouse_click(arguments, 3)),
            "mouse_drag" => one(self.mouse_drag(arguments)),
            "assert_script_run" => one(self.run(arguments, 90.0, false)),
            "assert_script_sudo" => one(self.run_as_root(arguments, 90.0, false)),
            "script_run" => one(self.run(arguments, 30.0, true)),
            "script_sudo" => one(self.run_as_root(arguments, 2.0, true)),
            "script_output" => one(self.output(arguments, None)),
            "validate_script_output" => one(self.validate(arguments)),
            "wait_serial" => one(self.wait_serial(arguments, None)),
            "upload_logs" | "upload_asset" => one(self.upload(arguments)),
            "x11_start_program" => self.start_program(arguments),
            "select_console" => self.select_console(arguments),
            "become_root" => {
                self.user = false;
                Some(vec![Entry::Comment(
                    "# openQA: become_root; `run` is root".to_owned(),
                )])
            }
            "record_soft_failure" => one(self.soft_fail(arguments)),
            "record_info" => one(self.info(arguments)),
            "diag" | "bmwqemu::diag" | "record_test_message" => one(self.info(arguments)),
            "eject_cd" => Some(vec![Entry::Step(StepText::alone("media", "eject"))]),
            "power" => one(self.power(arguments)),
            "assert_shutdown" | "check_shutdown" => self.shutdown(arguments, out),
            "set_var" => self.set_var(arguments),
            "die" => one(self.die(arguments, "false")),
            // There is no step that only waits: what follows waits for what it needs.
            "sleep" => {
                self.because("a fixed time: wait for what it is meant for, or leave it out");
                None
            }
            name if WITHOUT_A_STEP.contains(&name) => {
                self.user = false;
                Some(vec![Entry::Comment(format!(
                    "# openQA: {name}; nothing to do here"
                ))])
            }
            name => {
                let told = self.function(name, arguments);
                if told.is_none() {
                    self.because(format!("`{name}` is not known"));
                }
                told
            }
        }
    }

    fn assignment(
        &mut self,
        left: &Expression,
        right: &Expression,
        out: &mut [Entry],
    ) -> Option<Vec<Entry>> {
        if matches!(right, Expression::Variable(all) if all == "@_")
            || matches!(right, Expression::Word(word) if word == "shift")
        {
            return match left {
                Expression::Declared(names) if names.iter().all(|name| name == "$self") => {
                    Some(Vec::new())
                }
                _ => {
                    self.because("the arguments of the module are not known");
                    None
                }
            };
        }
        let name = variable(left)?;
        match right {
            Expression::Call {
                name: call,
                arguments,
            } if call == "script_output" => {
                let own = own_name(name)?;
                let step = self.output(arguments, Some(own.clone()))?;
                self.remember(name, Known::Variable(own));
                Some(vec![step])
            }
            Expression::Call {
                name: call,
                arguments,
            } if call == "wait_serial" => {
                let own = own_name(name)?;
                let step = self.wait_serial(arguments, Some(own.clone()))?;
                self.remember(name, Known::Variable(own));
                Some(vec![step])
            }
            // Their results are not used by what can be told.
            Expression::Call {
                name: call,
                arguments,
            } if matches!(
                call.as_str(),
                "assert_screen" | "script_run" | "assert_and_click" | "select_console"
            ) =>
            {
                let steps = self.call(call, arguments, out)?;
                self.known.remove(name);
                Some(steps)
            }
            Expression::Call { name: call, .. } if call == "check_screen" => {
                let told = self.condition(right)?;
                self.remember(name, Known::Variable(told.text));
                Some(told.before)
            }
            _ => {
                let text = self.text(right)?;
                self.assign(name, &text)
            }
        }
    }

    /// Gives a variable of the module a text: remembered if it never changes, otherwise set by a step.
    fn assign(&mut self, name: &str, text: &str) -> Option<Vec<Entry>> {
        if !self.changing.contains(name) && text.len() < 200 {
            self.remember(name, Known::Text(text.to_owned()));
            return Some(Vec::new());
        }
        let own = own_name(name)?;
        self.remember(name, Known::Variable(own.clone()));
        let set = StepText::new("set").with(&own, Value::Text(text.to_owned()));
        Some(vec![Entry::Step(set)])
    }

    fn set_var(&mut self, arguments: &[Expression]) -> Option<Vec<Entry>> {
        let name = self.variable_name(arguments.first()?)?;
        let value = self.text(arguments.get(1)?)?;
        self.uses.vars.entry(name.clone()).or_default();
        let set = StepText::new("set").with(&name, Value::Text(value));
        Some(vec![Entry::Step(set)])
    }

    /// Tells `... or die "..."`.
    fn or_die(
        &mut self,
        left: &Expression,
        right: &Expression,
        out: &mut [Entry],
    ) -> Option<Vec<Entry>> {
        let message = match right {
            Expression::Call { arguments, .. } => arguments.first(),
            _ => None,
        };
        if let Expression::Call { name, arguments } = left {
            match name.as_str() {
                "check_screen" => return self.see(arguments, Some(1.0)).map(|step| vec![step]),
                "wait_serial" | "wait_still_screen" | "wait_screen_change" | "check_shutdown" => {
                    return self.call(name, arguments, out);
                }
                _ => {}
            }
        }
        let told = self.condition(left)?;
        let mut steps = told.before;
        let message: Vec<Expression> = message.cloned().into_iter().collect();
        steps.push(self.die(&message, &told.text)?);
        Some(steps)
    }

    /// Tells a failure unless a condition is true.
    pub(super) fn die(&mut self, arguments: &[Expression], condition: &str) -> Option<Entry> {
        let step = StepText::new("assert").text("that", condition);
        let message = match arguments.first() {
            Some(message) => Some(self.text(message)?),
            None => None,
        };
        let message = message.map(|message| message.trim().to_owned());
        Some(Entry::Step(
            match message.filter(|message| !message.is_empty()) {
                Some(message) => step.text("message", message),
                None => step,
            },
        ))
    }

    /// Tells `check_screen` whose answer nobody uses: the scenario goes on either way.
    fn check_screen_alone(&mut self, arguments: &[Expression]) -> Option<Vec<Entry>> {
        let see = self.see(arguments, Some(1.0))?;
        let tag = self.looked_for.as_ref()?.first()?.clone();
        let group = StepText::group(&format!("is {tag} on the screen?"), vec![see]);
        Some(vec![Entry::Step(group.word("optional", "true"))])
    }
}

/// Returns the name of the scalar that stands left of a `=`, without its sigil.
fn variable(left: &Expression) -> Option<&str> {
    match left {
        Expression::Variable(name) => name.strip_prefix('$'),
        Expression::Declared(names) => match names.as_slice() {
            [name] => name.strip_prefix('$'),
            _ => None,
        },
        _ => None,
    }
}

fn is_die(expression: &Expression) -> bool {
    match expression {
        Expression::Call { name, .. } => matches!(name.as_str(), "die" | "croak" | "confess"),
        Expression::Word(name) => name == "die",
        other => word(other).is_some_and(|_| false),
    }
}
