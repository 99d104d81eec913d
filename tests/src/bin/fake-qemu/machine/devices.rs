//! What goes in and out of the machine: captures, keys and pointer, the serial console, the agent.

use std::fs;

use qa_tests::{Action, Entry};
use serde_json::Value;

use super::{Happened, Machine};
use crate::agent::End;

impl Machine {
    pub(super) fn capture(&mut self, path: &str) -> Result<(), String> {
        if !self.has_screen {
            self.problem("a machine without a screen was captured");
            return Err("There is no console to take a screendump from".to_owned());
        }
        let (_, bytes) = self.guest.screen.as_ref().ok_or("no surface")?;
        fs::write(path, bytes).map_err(|error| format!("failed to open file '{path}': {error}"))
    }

    pub(super) fn input(&mut self, arguments: &Value) -> Result<(), String> {
        if self.status != "running" {
            return Err("VM not running".to_owned());
        }
        let events = arguments["events"].as_array().cloned().unwrap_or_default();
        let now = self.keyboard.send(&events);
        self.take_input(&now)?;
        let fetched = self.keyboard.fetched();
        self.take_input(&fetched)
    }

    /// Lets the guest have events of its devices.
    pub(super) fn take_input(&mut self, events: &[Value]) -> Result<(), String> {
        let size = self
            .guest
            .screen
            .as_ref()
            .map_or((1, 1), |(frame, _)| (frame.width, frame.height));
        for event in events {
            let entries = match self.input.take(event, size) {
                Ok(entries) => entries,
                Err(error) => {
                    self.problem(error.clone());
                    return Err(error);
                }
            };
            for entry in entries {
                self.note(&entry);
                match &entry {
                    Entry::Typed(text) => {
                        self.guest.typed.push_str(text);
                        self.fire(Happened::Typed);
                    }
                    Entry::Pressed(keys) => self.fire(Happened::Pressed(keys)),
                    Entry::Clicked { button, x, y } if button == "left" => {
                        self.fire(Happened::Clicked(*x, *y))
                    }
                    _ => {}
                }
            }
        }
        if events.iter().any(|event| event["type"] == "abs") {
            let (x, y) = self.input.pointer(size);
            self.fire(Happened::Moved(x, y));
        }
        Ok(())
    }

    /// Takes what was sent to the serial console.
    pub(crate) fn serial_sent(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.guest.sent.push_str(&text);
        self.note(&Entry::Serial(text));
        self.fire(Happened::SerialSent);
    }

    /// Takes a line to the agent; nobody reads it where none runs.
    pub(crate) fn agent_line(&mut self, line: &[u8]) {
        if !self.guest.agent_open {
            return;
        }
        // What stands before the byte 255 is left over from a client that gave up.
        let line = line.rsplit(|&byte| byte == 0xff).next().unwrap_or_default();
        let message: Value = match serde_json::from_slice(line) {
            Ok(message) => message,
            Err(error) => {
                return self.problem(format!(
                    "the agent was sent {error}: {}",
                    String::from_utf8_lossy(line)
                ));
            }
        };
        self.note(&Entry::Agent(message.clone()));
        let reply = match self.agent.take(&message) {
            Ok(reply) => reply,
            Err(problem) => return self.problem(problem),
        };
        if let (Some(bytes), Some(port)) = (&reply.bytes, &mut self.port) {
            port.say(bytes);
        }
        if let Some(line) = &reply.ran {
            self.fire(Happened::Ran(line));
        }
        match reply.ends {
            Some(End::PowerOff) => {
                self.act(Action::Agent(false));
                self.act(Action::PowerOff);
            }
            Some(End::Reboot) => {
                self.act(Action::Agent(false));
                self.act(Action::Reset);
            }
            None => {}
        }
    }
}
