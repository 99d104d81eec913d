//! The values of variables.

use std::collections::{BTreeMap, BTreeSet};

use super::text::Text;
use super::variable::ATTEMPT;
use crate::bounds::{MOST_HELD, MOST_TEXT, VarsTooLong};

/// The value of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text. Numbers and booleans are kept as they are written.
    Text(Text),
    /// A list, for `each` and for the `in` of conditions.
    List(Vec<Text>),
}

impl Value {
    /// Returns the length of its text in bytes.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.length(),
            Self::List(items) => items.iter().map(Text::length).sum(),
        }
    }
}

/// The values of variables while a scenario runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Vars {
    values: BTreeMap<String, Value>,
    /// The length of all values in bytes.
    bytes: usize,
    /// The variables that were set while the scenario ran.
    assigned: BTreeSet<String>,
}

impl Vars {
    /// Makes an empty set of variables.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a variable, like [`Vars::set`], to a value that may be long, as `set` and `save` do.
    ///
    /// # Errors
    /// The value is too long, or all values together are. The variable is unchanged then.
    pub fn assign(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Text>,
    ) -> Result<(), VarsTooLong> {
        let (name, value) = (name.into(), value.into());
        let bytes = value.length();
        if bytes > MOST_TEXT {
            return Err(VarsTooLong::One { name, bytes });
        }
        let bytes = self.bytes_with(&name, bytes);
        if bytes > MOST_HELD {
            return Err(VarsTooLong::All { name, bytes });
        }
        self.set(name, value);
        Ok(())
    }

    /// Returns the length of all values if this variable had that length.
    fn bytes_with(&self, name: &str, length: usize) -> usize {
        let before = self.values.get(name).map_or(0, Value::length);
        self.bytes - before + length
    }

    /// Sets a variable to a short value. A variable that was secret stays secret.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Text>) {
        let name = name.into();
        self.assigned.insert(name.clone());
        self.bind(name, Value::Text(value.into()));
    }

    /// Sets a variable to a list.
    pub fn set_list(&mut self, name: impl Into<String>, values: Vec<Text>) {
        let name = name.into();
        self.assigned.insert(name.clone());
        self.bind(name, Value::List(values));
    }

    /// Sets the number of the attempt for the steps of a stage. Later stages do not see it.
    pub fn set_attempt(&mut self, number: u32) {
        self.shadow(ATTEMPT, Value::Text(Text::open(number.to_string())));
    }

    /// Gives a variable a value that later stages do not see.
    pub(crate) fn bind(&mut self, name: impl Into<String>, value: Value) {
        let name = name.into();
        let was_secret = self.text(&name).is_some_and(Text::is_secret);
        let value = match value {
            Value::Text(text) if was_secret => Value::Text(text.into_secret()),
            value => value,
        };
        self.put(name, value);
    }

    fn put(&mut self, name: String, value: Value) {
        self.bytes = self.bytes_with(&name, value.length());
        self.values.insert(name, value);
    }

    /// Returns the length of all values in bytes.
    pub(crate) fn length(&self) -> usize {
        self.bytes
    }

    /// Gives a variable a value inside an `include` or `each`. It counts as another variable of the same name, so it
    /// does not inherit secrecy.
    pub(crate) fn shadow(&mut self, name: &str, value: Value) {
        self.put(name.to_owned(), value);
    }

    /// Makes the text of a variable secret.
    pub(crate) fn make_secret(&mut self, name: &str) {
        if let Some(Value::Text(text)) = self.values.get_mut(name) {
            *text = std::mem::take(text).into_secret();
        }
    }

    /// Removes a variable, because its value is not known yet.
    pub(crate) fn forget(&mut self, name: &str) {
        self.bytes = self.bytes_with(name, 0);
        self.values.remove(name);
    }

    /// Takes over the variables that an earlier stage of the chain has set while it ran.
    pub fn take_over(&mut self, earlier: &Self) {
        for name in &earlier.assigned {
            if let Some(value) = earlier.values.get(name) {
                self.assigned.insert(name.clone());
                self.bind(name.as_str(), value.clone());
            }
        }
    }

    /// Returns the variables that were set while the scenario ran, sorted by name.
    pub fn assigned(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.iter()
            .filter(|(name, _)| self.assigned.contains(*name))
    }

    /// Returns the values of secrets, so that they can be removed from the guest's output.
    pub fn secret_values(&self) -> impl Iterator<Item = &str> {
        self.values
            .values()
            .flat_map(|value| match value {
                Value::Text(text) => std::slice::from_ref(text),
                Value::List(items) => items.as_slice(),
            })
            .filter(|text| text.is_secret() && !text.reveal().is_empty())
            .map(Text::reveal)
    }

    /// Returns the value of a variable.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Returns the text of a variable. Returns `None` for a list.
    pub fn text(&self, name: &str) -> Option<&Text> {
        match self.values.get(name) {
            Some(Value::Text(text)) => Some(text),
            Some(Value::List(_)) | None => None,
        }
    }

    /// Returns all names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// Returns all variables, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values
            .iter()
            .map(|(name, value)| (name.as_str(), value))
    }
}
