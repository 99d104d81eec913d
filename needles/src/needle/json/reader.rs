//! Reads a needle file.

use serde_json::Value;

use crate::needle::needle::{Needle, Properties};
use crate::needle::needle_error::NeedleError;
use crate::needle::workaround::Workaround;

impl Needle {
    /// Reads a needle file. `name` is its file name without `.json`.
    ///
    /// Accepts everything that openQA accepts: numbers as strings, fractions, a missing type, unknown keys. Null, 0 and
    /// "" count as "not given", as in openQA.
    ///
    /// # Errors
    /// The reason why the file cannot be used, with the needle's name and the place in the file.
    pub fn from_json(name: &str, bytes: &[u8]) -> Result<Self, NeedleError> {
        if bytes.len() > NeedleError::MAX_BYTES {
            return Err(NeedleError::TooLong {
                name: name.to_owned(),
                bytes: bytes.len(),
            });
        }
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let value: Value = serde_json::from_slice(text).map_err(|error| NeedleError::Json {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
        let reader = Reader { name };
        let Value::Object(top) = &value else {
            return Err(reader.wrong("the file", "an object", &value));
        };
        let areas = reader.areas(top.get("area"))?;
        let tags = reader.tags(top.get("tags"))?;
        let properties = reader.properties(top.get("properties"))?;
        Needle::checked(name, tags, areas, properties, text.into())
    }
}

/// Reads the values of one needle. Errors contain its name.
pub(super) struct Reader<'a> {
    pub(super) name: &'a str,
}

impl Reader<'_> {
    pub(super) fn wrong(&self, field: &str, expected: &'static str, found: &Value) -> NeedleError {
        let mut found = found.to_string();
        if let Some((end, _)) = found.char_indices().nth(60) {
            found.truncate(end);
            found.push_str("...");
        }
        NeedleError::Type {
            name: self.name.to_owned(),
            field: field.to_owned(),
            expected,
            found,
        }
    }

    fn tags(&self, value: Option<&Value>) -> Result<Vec<String>, NeedleError> {
        let tags = match given(value) {
            None => return Ok(Vec::new()),
            Some(Value::Array(tags)) => tags,
            Some(other) => return Err(self.wrong("tags", "a list of strings", other)),
        };
        let tag = |(index, tag): (usize, &Value)| match tag {
            Value::String(tag) => Ok(tag.clone()),
            Value::Number(tag) => Ok(tag.to_string()),
            other => Err(self.wrong(&format!("tags[{index}]"), "a string", other)),
        };
        tags.iter().enumerate().map(tag).collect()
    }

    fn properties(&self, value: Option<&Value>) -> Result<Properties, NeedleError> {
        let mut read = Properties::default();
        let properties = match given(value) {
            None => return Ok(read),
            Some(Value::Array(properties)) => properties,
            Some(other) => return Err(self.wrong("properties", "a list", other)),
        };
        for (index, property) in properties.iter().enumerate() {
            let (name, value) = match property {
                Value::String(property) => match property.split_once(':') {
                    Some((name, value)) => (name, Some(value)),
                    None => (property.as_str(), None),
                },
                Value::Object(property) => {
                    let text = |key: &str| property.get(key).and_then(Value::as_str);
                    (text("name").unwrap_or_default(), text("value"))
                }
                Value::Null => continue,
                other => {
                    let at = format!("properties[{index}]");
                    return Err(self.wrong(&at, "a string or an object with a name", other));
                }
            };
            match (name, value) {
                // openQA accepts the word alone and the object. The first one counts.
                ("workaround", value) if value.is_none() || property.is_object() => {
                    let workaround = || Workaround::new(value.map(str::to_owned), self.name);
                    read.workaround.get_or_insert_with(workaround);
                }
                ("part-of", Some(whole)) => read.part_of.push(whole.to_owned()),
                // Other properties have no effect. Stray white space is allowed.
                _ => {}
            }
        }
        Ok(read)
    }

    /// Reads a number. Returns `None` where openQA would use its default.
    pub(super) fn given_number(
        &self,
        at: &str,
        value: Option<&Value>,
    ) -> Result<Option<f64>, NeedleError> {
        match given(value) {
            None => Ok(None),
            Some(value) => Ok(self.number(at, value)?.filter(|number| *number != 0.0)),
        }
    }

    /// Reads a number, or a string that contains one. Returns `None` for null and the empty string.
    pub(super) fn number(&self, at: &str, value: &Value) -> Result<Option<f64>, NeedleError> {
        let number = match value {
            Value::Null => return Ok(None),
            Value::Number(number) => number.as_f64(),
            Value::String(text) if text.trim().is_empty() => return Ok(None),
            Value::String(text) => text.trim().parse().ok(),
            Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        let number = number.filter(|number| number.is_finite());
        number
            .map(Some)
            .ok_or_else(|| self.wrong(at, "a number", value))
    }
}

/// Returns the value, unless os-autoinst takes it for "not given".
pub(super) fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(value) => value.as_f64() != Some(0.0),
        Value::String(value) => !value.is_empty() && value != "0",
        Value::Array(_) | Value::Object(_) => true,
    })
}
