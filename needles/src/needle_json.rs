//! The needle file: JSON as openQA's editor and twelve years of people wrote it.
//!
//! os-autoinst reads every value with "or else the default", so `null`, `0`, `""`, `"0"` and `false` all mean "not given".
//! That is kept for openQA's own fields. Our additions sit in an object named `qa` in an area, which openQA ignores:
//!
//! ```json
//! { "xpos": 10, "ypos": 20, "width": 300, "height": 40,
//!   "qa": { "match": 0, "margin": 0, "colour": true, "anchor": true, "text": { "regex": "^Version 4[0-9]" } } }
//! ```

mod areas;
mod own_fields;
mod write;

#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{Needle, NeedleError, Workaround};

pub(crate) use write::write;

pub(crate) fn read(name: &str, bytes: &[u8]) -> Result<Needle, NeedleError> {
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
    let workaround = reader.workaround(top.get("properties"))?;
    Needle::checked(name, tags, areas, workaround, text.into())
}

/// Reads values of one needle, so that errors can name it.
struct Reader<'a> {
    name: &'a str,
}

impl Reader<'_> {
    fn wrong(&self, field: &str, expected: &'static str, found: &Value) -> NeedleError {
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

    fn workaround(&self, value: Option<&Value>) -> Result<Option<Workaround>, NeedleError> {
        let properties = match given(value) {
            None => return Ok(None),
            Some(Value::Array(properties)) => properties,
            Some(other) => return Err(self.wrong("properties", "a list", other)),
        };
        for (index, property) in properties.iter().enumerate() {
            let value = match property {
                Value::String(property) if property == "workaround" => None,
                Value::Object(property)
                    if property
                        .get("name")
                        .is_some_and(|name| name == "workaround") =>
                {
                    property
                        .get("value")
                        .and_then(Value::as_str)
                        .map(str::to_owned)
                }
                // Other properties have no effect; stray white space occurs.
                Value::String(_) | Value::Object(_) | Value::Null => continue,
                other => {
                    let at = format!("properties[{index}]");
                    return Err(self.wrong(&at, "a string or an object with a name", other));
                }
            };
            return Ok(Some(Workaround::new(value, self.name)));
        }
        Ok(None)
    }

    /// A number that counts as not given where openQA would take its default.
    fn given_number(&self, at: &str, value: Option<&Value>) -> Result<Option<f64>, NeedleError> {
        match given(value) {
            None => Ok(None),
            Some(value) => Ok(self.number(at, value)?.filter(|number| *number != 0.0)),
        }
    }

    /// A number or a string that is one; none for null and the empty string.
    fn number(&self, at: &str, value: &Value) -> Result<Option<f64>, NeedleError> {
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

/// The value, unless it is one that os-autoinst takes for "not given".
fn given(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(value) => value.as_f64() != Some(0.0),
        Value::String(value) => !value.is_empty() && value != "0",
        Value::Array(_) | Value::Object(_) => true,
    })
}
