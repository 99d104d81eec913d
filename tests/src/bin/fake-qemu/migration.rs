//! Migration, as far as `qa` uses it: the devices' state goes through a descriptor that is passed, the
//! memory stays in its file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    os::fd::OwnedFd,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const CAPABILITIES: &[&str] = &["events", "x-ignore-shared"];

/// What of a machine is in no memory.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Devices {
    /// Rules that are spent.
    pub(crate) spent: Vec<usize>,
    /// Whether the firmware has not begun.
    pub(crate) boots_next: bool,
    /// Whether the machine has powered itself off.
    pub(crate) is_off: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Migration {
    capabilities: BTreeSet<String>,
    descriptors: BTreeMap<String, OwnedFd>,
    status: Option<&'static str>,
    error: Option<String>,
    /// Why the next one fails.
    pub(crate) fails: Option<String>,
    /// Kept open by a machine that hangs.
    pub(crate) stuck: Option<File>,
}

impl Migration {
    pub(crate) fn set_capabilities(&mut self, arguments: &Value) -> Result<(), String> {
        for capability in arguments["capabilities"].as_array().into_iter().flatten() {
            let name = capability["capability"].as_str().unwrap_or_default();
            if !CAPABILITIES.contains(&name) {
                return Err(format!("Invalid parameter '{name}'"));
            }
            if capability["state"] == true {
                self.capabilities.insert(name.to_owned());
            } else {
                self.capabilities.remove(name);
            }
        }
        Ok(())
    }

    /// Whether it is told how it goes.
    pub(crate) fn tells(&self) -> bool {
        self.capabilities.contains("events")
    }

    /// Whether the memory is left out.
    pub(crate) fn leaves_memory_out(&self) -> bool {
        self.capabilities.contains("x-ignore-shared")
    }

    pub(crate) fn keep(&mut self, arguments: &Value, fd: Option<OwnedFd>) -> Result<(), String> {
        let fd = fd.ok_or("No file descriptor supplied via SCM_RIGHTS")?;
        let name = arguments["fdname"].as_str().unwrap_or_default();
        self.descriptors.insert(name.to_owned(), fd);
        Ok(())
    }

    /// The stream of a URI.
    pub(crate) fn stream(&mut self, arguments: &Value) -> Result<File, String> {
        let uri = arguments["uri"].as_str().unwrap_or_default();
        let name = uri
            .strip_prefix("fd:")
            .ok_or_else(|| format!("unknown migration protocol: {uri}"))?;
        let fd = self.descriptors.remove(name);
        fd.map(File::from)
            .ok_or_else(|| format!("File descriptor named '{name}' has not been found"))
    }

    pub(crate) fn is(&mut self, status: &'static str) {
        self.status = Some(status);
    }

    pub(crate) fn failed(&mut self, why: String) {
        self.status = Some("failed");
        self.error = Some(why);
    }

    /// The answer to `query-migrate`.
    pub(crate) fn told(&self, blocked: &[String]) -> Value {
        let mut told = json!({});
        if let Some(status) = self.status {
            told["status"] = status.into();
        }
        if let Some(error) = &self.error {
            told["error-desc"] = error.as_str().into();
        }
        if !blocked.is_empty() {
            told["blocked-reasons"] = json!(blocked);
        }
        told
    }
}
