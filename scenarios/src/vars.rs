use std::collections::BTreeMap;

use crate::{Diagnostic, Project, Scenario, Template, Text};

/// What a variable holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text; numbers and booleans are kept as they are written.
    Text(Text),
    /// A list, for `each` and for the `in` of conditions.
    List(Vec<Text>),
}

/// A variable's value as written in a file.
#[derive(Debug, Clone, PartialEq)]
pub enum WrittenValue {
    /// Text.
    Text(Template),
    /// A list.
    List(Vec<Template>),
}

/// Names of variables every scenario has; whoever runs it sets them. They cannot be declared.
pub const BUILT_IN: &[&str] = &["accel", "arch", "firmware", "image", "machine", "scenario"];

/// The values of variables while a scenario runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vars {
    values: BTreeMap<String, Value>,
}

impl Vars {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable, as `set`, `save` and `--var` do. One that was secret stays secret.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Text>) {
        let (name, value) = (name.into(), value.into());
        let was_secret =
            matches!(self.values.get(&name), Some(Value::Text(old)) if old.is_secret());
        let value = if was_secret {
            value.into_secret()
        } else {
            value
        };
        self.values.insert(name, Value::Text(value));
    }

    /// Sets a variable to a list.
    pub fn set_list(&mut self, name: impl Into<String>, values: Vec<Text>) {
        self.values.insert(name.into(), Value::List(values));
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// The text of a variable that is not a list.
    pub fn text(&self, name: &str) -> Option<&Text> {
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::List(_)) | None => None,
        }
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// All variables, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}

/// Where the variables of a run come from. A later line wins over an earlier one:
///
/// 1. `vars:` of the project
/// 2. `vars:` of the image
/// 3. `vars:` of the machine
/// 4. `vars:` of the scenario
/// 5. `--var` of the command line
///
/// A secret is a variable of the place that declares it; its value stays secret even where a later place replaces it.
#[derive(Debug, Clone, Copy)]
pub struct VarSources<'a> {
    /// The project file, if there is one.
    pub project: Option<&'a Project>,
    /// Name of the image, where it is one of the project.
    pub image: Option<&'a str>,
    /// Name of the machine.
    pub machine: Option<&'a str>,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// `--var NAME=VALUE`, taken literally: `{{` means nothing in it.
    pub command_line: &'a [(String, String)],
    /// The values of secrets, by name, as the caller got them from the environment or a file.
    pub secrets: &'a BTreeMap<String, String>,
    /// Values of [`BUILT_IN`] variables.
    pub built_in: &'a [(&'static str, String)],
}

impl VarSources<'_> {
    /// Puts them together: values may use variables of any place.
    ///
    /// # Errors
    /// Every variable that uses an unknown one or itself, and every name of the command line that is a built-in one.
    pub fn resolve(&self) -> Result<Vars, Vec<Diagnostic>> {
        todo!()
    }
}
