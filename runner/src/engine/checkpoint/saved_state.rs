//! The state of an attempt that a checkpoint holds beside the machine: variables and other things that later steps use.

use scenarios::{Text, Value, Vars};
use serde::{Deserialize, Serialize};

use super::drive_changes::DriveChanges;
use crate::plan::SavedFor;

/// The state of an attempt at the time when its machine was saved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(in crate::engine) struct SavedState {
    /// The variables that steps have set.
    pub vars: Vec<(String, SavedValue)>,
    /// The name of the needle that matched last.
    pub last_seen: Option<String>,
    /// The known defects that were met since power-on.
    pub soft_failures: Vec<String>,
    /// True if the guest's agent was connected.
    pub agent: bool,
    /// The changes that steps made to the drives of the machine.
    pub drives: DriveChanges,
    /// The purpose for which the machine was saved.
    pub saved_for: SavedFor,
}

/// The value of a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::engine) enum SavedValue {
    /// Text.
    Text(String),
    /// A list.
    List(Vec<String>),
}

impl SavedState {
    /// Returns the variables that steps have set.
    ///
    /// # Errors
    /// The name of a variable that holds a secret: a secret must not be written to disk.
    pub(in crate::engine) fn of_vars(vars: &Vars) -> Result<Vec<(String, SavedValue)>, String> {
        vars.assigned()
            .map(|(name, value)| {
                let (texts, remembered) = match value {
                    Value::Text(text) => (
                        std::slice::from_ref(text),
                        SavedValue::Text(text.reveal().to_owned()),
                    ),
                    Value::List(items) => {
                        let all = items.iter().map(|item| item.reveal().to_owned());
                        (items.as_slice(), SavedValue::List(all.collect()))
                    }
                };
                if texts.iter().any(Text::is_secret) {
                    return Err(name.to_owned());
                }
                Ok((name.to_owned(), remembered))
            })
            .collect()
    }

    /// Returns the saved variables.
    pub(in crate::engine) fn vars(&self) -> Vars {
        let mut vars = Vars::new();
        for (name, value) in &self.vars {
            match value {
                SavedValue::Text(text) => vars.set(name.as_str(), Text::open(text.as_str())),
                SavedValue::List(items) => {
                    let items = items.iter().map(|item| Text::open(item.as_str()));
                    vars.set_list(name.as_str(), items.collect());
                }
            }
        }
        vars
    }
}
