//! How the machine is saved, and goes on as it was.
//!
//! ```text
//! paused --migrate--> setup, active, half of the state (rules on `Saving`) --> completed: postmigrate
//!                                                                          \-> failed: paused
//! inmigrate --migrate-incoming--> setup (rules on `Restoring`) --> active, completed: paused, or off
//!                                                              \-> the process ends
//! ```

use std::{
    env, fs,
    io::{self, Read, Write},
    path::Path,
};

use serde_json::{Value, json};

use super::{Happened, Machine};
use crate::{Ended, commands::Call, migration::Devices};

/// Clears away what is being saved in the cache of the user that this process belongs to.
pub(super) fn remove_drafts() -> io::Result<()> {
    let cache = env::var_os("XDG_CACHE_HOME").ok_or(io::ErrorKind::NotFound)?;
    for entry in fs::read_dir(Path::new(&cache).join("qa/checkpoints"))? {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with(".draft-") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

impl Machine {
    /// Carries out a command of migration; none for others. The error is QEMU's sentence.
    pub(super) fn migration_answer(&mut self, call: &Call) -> Option<Result<Value, String>> {
        let arguments = &call.arguments;
        let done = match call.name.as_str() {
            "query-migrate" => return Some(Ok(self.migration.told(&self.blocked))),
            "getfd" => {
                let passed = self.qmp.passed();
                self.migration.keep(arguments, passed)
            }
            "migrate-set-capabilities" => self.migration.set_capabilities(arguments),
            "migrate-set-parameters" => Ok(()),
            "migrate" => self.may_save(),
            "migrate-incoming" if self.status == "inmigrate" => Ok(()),
            "migrate-incoming" => Err("'-incoming' was not specified on the command line".into()),
            "cont" if self.status == "inmigrate" => {
                self.problem("the machine was to run before its state had come");
                Err("the machine waits for its state".into())
            }
            _ => return None,
        };
        Some(done.map(|()| json!({})))
    }

    fn may_save(&self) -> Result<(), String> {
        if let Some(reason) = self.blocked.first() {
            return Err(format!(
                "disallowing migration blocker (migrate) for: {reason}"
            ));
        }
        if !matches!(self.status, "paused" | "shutdown") {
            self.problem(format!("the machine was saved while {}", self.status));
        }
        if !self.migration.leaves_memory_out() || !self.migration.tells() {
            self.problem("a migration without `x-ignore-shared` and `events`");
        }
        if !self
            .memory
            .as_ref()
            .is_some_and(|memory| memory.is_shared())
        {
            self.problem("a machine was saved whose memory is in no shared file");
        }
        if !self.input.still_down().is_empty() {
            self.problem(format!(
                "saved with keys down: {:?}",
                self.input.still_down()
            ));
        }
        Ok(())
    }

    /// What follows the answer to a command.
    pub(super) fn migrate(&mut self, call: &Call) -> Result<(), Ended> {
        match call.name.as_str() {
            "migrate" if self.blocked.is_empty() => self.save(&call.arguments),
            "migrate-incoming" if self.status == "inmigrate" => self.restore(&call.arguments)?,
            "cont" if std::mem::take(&mut self.port_opens) => {
                self.event("VSERPORT_CHANGE", json!({"open": true, "id": "agent0"}));
            }
            _ => {}
        }
        Ok(())
    }

    fn progress(&mut self, status: &'static str) {
        self.migration.is(status);
        if self.migration.tells() {
            self.event("MIGRATION", json!({"status": status}));
        }
    }

    fn save(&mut self, arguments: &Value) {
        let stream = self.migration.stream(arguments);
        let mut stream = match stream {
            Ok(stream) => stream,
            Err(error) => return self.problem(error),
        };
        self.progress("setup");
        self.progress("active");
        let devices = Devices {
            spent: self.rules.spent(),
            boots_next: self.boots_next,
            is_off: self.status == "shutdown",
        };
        let state = serde_json::to_vec(&devices).unwrap_or_default();
        let (half, rest) = state.split_at(state.len() / 2);
        // Whoever reads may go at any time; what then becomes of the machine is nobody's care.
        let _ = stream.write_all(half);
        self.fire(Happened::Saving);
        if self.hung {
            self.migration.stuck = Some(stream);
            return;
        }
        if let Some(why) = self.migration.fails.take() {
            drop(stream);
            self.migration.failed(why);
            return self.event("MIGRATION", json!({"status": "failed"}));
        }
        let _ = stream.write_all(rest);
        drop(stream);
        self.status = "postmigrate";
        self.progress("completed");
    }

    fn restore(&mut self, arguments: &Value) -> Result<(), Ended> {
        let failed = |why: &str| Ended {
            status: 1,
            stderr: format!(
                "qemu-system-x86_64: {why}\nqemu-system-x86_64: load of migration failed: Invalid argument\n"
            ),
        };
        let mut stream = match self.migration.stream(arguments) {
            Ok(stream) => stream,
            Err(error) => {
                self.problem(error);
                return Ok(());
            }
        };
        self.progress("setup");
        self.fire(Happened::Restoring);
        if self.hung {
            self.migration.stuck = Some(stream);
            return Ok(());
        }
        let mut state = Vec::new();
        stream
            .read_to_end(&mut state)
            .map_err(|error| failed(&error.to_string()))?;
        if let Some(why) = self.migration.fails.take() {
            return Err(failed(&why));
        }
        self.progress("active");
        let devices: Devices =
            serde_json::from_slice(&state).map_err(|_| failed("Not a migration stream"))?;
        let Some(memory) = &self.memory else {
            self.problem("a machine without memory was restored");
            return Ok(());
        };
        self.guest = match memory.read() {
            Ok(guest) => guest,
            Err(error) => {
                self.problem(format!("the memory of a saved machine: {error}"));
                return Ok(());
            }
        };
        self.rules.go_on(&devices.spent);
        self.boots_next = devices.boots_next;
        self.port_opens = self.guest.agent_open;
        self.status = if devices.is_off { "shutdown" } else { "paused" };
        self.progress("completed");
        Ok(())
    }
}
