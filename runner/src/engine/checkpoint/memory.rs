//! What is kept in a checkpoint beside the machine: what later steps may ask for.

use scenarios::{Text, Value, Vars};
use serde::{Deserialize, Serialize};

use super::drive_changes::DriveChanges;
use crate::plan::SavedFor;

/// What the engine keeps of an attempt in a checkpoint: what later steps may ask for, beside the machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::engine) struct Memory {
    /// Variables that steps have set, with one value for text.
    pub vars: Vec<(String, Remembered)>,
    /// Name of the needle that matched last.
    pub last_seen: Option<String>,
    /// Known defects that were met on the way.
    pub soft_failures: Vec<String>,
    /// Whether the guest's agent was there.
    pub agent: bool,
    /// What was changed about the drives of the machine.
    pub drives: DriveChanges,
    /// What it was saved for.
    pub saved_for: SavedFor,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::engine) enum Remembered {
    /// Text.
    Text(String),
    /// A list.
    List(Vec<String>),
}

impl Memory {
    /// Variables that steps have set.
    ///
    /// # Errors
    /// The name of a secret one: it must not be written down.
    pub(in crate::engine) fn of_vars(vars: &Vars) -> Result<Vec<(String, Remembered)>, String> {
        vars.assigned()
            .map(|(name, value)| {
                let (texts, remembered) = match value {
                    Value::Text(text) => (
                        std::slice::from_ref(text),
                        Remembered::Text(text.reveal().to_owned()),
                    ),
                    Value::List(items) => {
                        let all = items.iter().map(|item| item.reveal().to_owned());
                        (items.as_slice(), Remembered::List(all.collect()))
                    }
                };
                if texts.iter().any(Text::is_secret) {
                    return Err(name.to_owned());
                }
                Ok((name.to_owned(), remembered))
            })
            .collect()
    }

    pub(in crate::engine) fn vars(&self) -> Vars {
        let mut vars = Vars::new();
        for (name, value) in &self.vars {
            match value {
                Remembered::Text(text) => vars.set(name.as_str(), Text::open(text.as_str())),
                Remembered::List(items) => {
                    let items = items.iter().map(|item| Text::open(item.as_str()));
                    vars.set_list(name.as_str(), items.collect());
                }
            }
        }
        vars
    }
}
