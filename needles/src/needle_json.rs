//! The needle file: JSON as openQA's editor and twelve years of people wrote it.
//!
//! os-autoinst reads every value with "or else the default", so `null`, `0`, `""`, `"0"` and `false` all mean "not given".
//! That is kept for openQA's own fields. Our additions sit in an object named `qa` in an area, which openQA ignores:
//!
//! ```json
//! { "xpos": 10, "ypos": 20, "width": 300, "height": 40,
//!   "qa": { "match": 0, "margin": 0, "colour": true, "anchor": true, "text": { "regex": "^Version 4[0-9]" } } }
//! ```

use serde_json::{Map, Value, json};

use crate::{
    Area, AreaKind, Channels, ClickPlace, ClickPoint, Freedom, Margin, MatchLevel, Needle,
    NeedleError, Rect, TextPattern, Workaround,
};

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

    fn areas(&self, value: Option<&Value>) -> Result<Vec<Area>, NeedleError> {
        let areas = match value {
            None => {
                return Err(NeedleError::NoMatchArea {
                    name: self.name.to_owned(),
                });
            }
            Some(Value::Array(areas)) => areas,
            Some(other) => return Err(self.wrong("area", "a list of objects", other)),
        };
        if areas.len() > NeedleError::MAX_AREAS {
            return Err(NeedleError::TooManyAreas {
                name: self.name.to_owned(),
                areas: areas.len(),
            });
        }
        areas
            .iter()
            .enumerate()
            .map(|(index, area)| self.area(&format!("area[{index}]"), area))
            .collect()
    }

    fn area(&self, at: &str, value: &Value) -> Result<Area, NeedleError> {
        let Value::Object(fields) = value else {
            return Err(self.wrong(at, "an object", value));
        };
        let number = |key: &str| self.given_number(&format!("{at}.{key}"), fields.get(key));
        // Casts from f64 cut fractions off toward zero and saturate, so 1e300 stays "far outside".
        let side = |key: &str| Ok::<u32, NeedleError>(number(key)?.unwrap_or(0.0) as u32);
        let place = |key: &str| Ok::<i32, NeedleError>(number(key)?.unwrap_or(0.0) as i32);
        let rect = Rect::new(
            place("xpos")?,
            place("ypos")?,
            side("width")?,
            side("height")?,
        );

        let mut area = Area::of_kind(self.kind(&format!("{at}.type"), fields.get("type"))?, rect);
        if let Some(percent) = number("match")? {
            area.level = MatchLevel::from_percent(percent);
        }
        if let Some(margin) = number("margin")? {
            area.margin = Margin::Pixels(margin as i32);
        }
        area.click_point =
            self.click_point(&format!("{at}.click_point"), fields.get("click_point"))?;
        match fields.get("qa") {
            None => {}
            Some(Value::Object(own)) => self.own_fields(&format!("{at}.qa"), own, &mut area)?,
            Some(other) => return Err(self.wrong(&format!("{at}.qa"), "an object", other)),
        }
        Ok(area)
    }

    fn kind(&self, at: &str, value: Option<&Value>) -> Result<AreaKind, NeedleError> {
        match given(value) {
            None => Ok(AreaKind::Match),
            Some(Value::String(kind)) => Ok(match kind.as_str() {
                "match" => AreaKind::Match,
                "exclude" => AreaKind::Exclude,
                "ocr" => AreaKind::Ocr,
                other => AreaKind::Unknown(other.to_owned()),
            }),
            Some(other) => Err(self.wrong(at, "`match`, `exclude` or `ocr`", other)),
        }
    }

    fn click_point(
        &self,
        at: &str,
        value: Option<&Value>,
    ) -> Result<Option<ClickPoint>, NeedleError> {
        let point = match given(value) {
            None => return Ok(None),
            Some(Value::String(place)) if place == "center" => {
                return Ok(Some(ClickPoint {
                    id: None,
                    place: ClickPlace::Center,
                }));
            }
            Some(Value::Object(point)) => point,
            Some(other) => {
                return Err(self.wrong(at, "`center` or an object with xpos and ypos", other));
            }
        };
        // openQA refuses a coordinate of 0 like a missing one. Here only a missing one is refused.
        let coordinate = |key: &str| {
            let field = format!("{at}.{key}");
            let value = point.get(key).unwrap_or(&Value::Null);
            self.number(&field, value)?
                .ok_or_else(|| self.wrong(&field, "a number", value))
        };
        let id = match given(point.get("id")) {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(Value::Number(id)) => Some(id.to_string()),
            Some(other) => return Err(self.wrong(&format!("{at}.id"), "a string", other)),
        };
        let place = ClickPlace::At {
            x: coordinate("xpos")?,
            y: coordinate("ypos")?,
        };
        Ok(Some(ClickPoint { id, place }))
    }

    fn own_fields(
        &self,
        at: &str,
        fields: &Map<String, Value>,
        area: &mut Area,
    ) -> Result<(), NeedleError> {
        for (key, value) in fields {
            let field = format!("{at}.{key}");
            match key.as_str() {
                "colour" => {
                    area.channels = if self.switch(&field, value)? {
                        Channels::Colour
                    } else {
                        Channels::Gray
                    };
                }
                "anchor" => {
                    area.freedom = if self.switch(&field, value)? {
                        Freedom::Anchored
                    } else {
                        Freedom::Alone
                    };
                }
                "match" => {
                    let percent = self
                        .number(&field, value)?
                        .filter(|percent| (0.0..=100.0).contains(percent));
                    let percent = percent
                        .ok_or_else(|| self.wrong(&field, "a number from 0 to 100", value))?;
                    area.level = MatchLevel::from_percent(percent);
                }
                "margin" => area.margin = self.own_margin(&field, value)?,
                "text" => area.text = Some(self.text(&field, value)?),
                _ => {
                    let known = "one of colour, anchor, match, margin, text";
                    return Err(self.wrong(at, known, &Value::String(key.clone())));
                }
            }
        }
        Ok(())
    }

    fn own_margin(&self, at: &str, value: &Value) -> Result<Margin, NeedleError> {
        if value == "screen" {
            return Ok(Margin::Screen);
        }
        match self.number(at, value)? {
            Some(0.0) => Ok(Margin::Fixed),
            Some(pixels) if pixels >= 1.0 => Ok(Margin::Pixels(pixels as i32)),
            Some(_) | None => Err(self.wrong(at, "0, a number of pixels or `screen`", value)),
        }
    }

    fn text(&self, at: &str, value: &Value) -> Result<TextPattern, NeedleError> {
        if let Some(words) = value.as_str().filter(|words| !words.trim().is_empty()) {
            return Ok(TextPattern::Words(words.to_owned()));
        }
        let expression = value.as_object().filter(|fields| fields.len() == 1);
        let expression = expression.and_then(|fields| fields.get("regex")?.as_str());
        let expression = expression
            .ok_or_else(|| self.wrong(at, "words, or an object with the one key `regex`", value))?;
        regex::Regex::new(expression)
            .map(TextPattern::Expression)
            .map_err(|error| NeedleError::Expression {
                name: self.name.to_owned(),
                field: at.to_owned(),
                reason: error.to_string(),
            })
    }

    fn switch(&self, at: &str, value: &Value) -> Result<bool, NeedleError> {
        value
            .as_bool()
            .ok_or_else(|| self.wrong(at, "true or false", value))
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

pub(crate) fn write(needle: &Needle) -> String {
    if !needle.source().is_empty() {
        return String::from_utf8_lossy(needle.source()).into_owned();
    }
    let areas: Vec<Value> = needle.areas().iter().map(written_area).collect();
    let properties = needle
        .workaround()
        .map(|workaround| match &workaround.reason {
            Some(reason) => json!({ "name": "workaround", "value": reason }),
            None => json!("workaround"),
        });
    let file = json!({
        "area": areas,
        "properties": Vec::from_iter(properties),
        "tags": needle.tags(),
    });
    format!("{file:#}\n")
}

fn written_area(area: &Area) -> Value {
    let kind = match &area.kind {
        AreaKind::Match => "match",
        AreaKind::Exclude => "exclude",
        AreaKind::Ocr => "ocr",
        AreaKind::Unknown(kind) => kind,
    };
    let mut fields = json!({
        "xpos": area.rect.x, "ypos": area.rect.y, "width": area.rect.width, "height": area.rect.height,
        "type": kind,
    });
    let mut own = Map::new();
    let percent = area.level.percent();
    // 0 means 96 in openQA's own field, so it goes into ours.
    if percent == 0.0 {
        own.insert("match".to_owned(), json!(0));
    } else if area.level != MatchLevel::DEFAULT {
        fields["match"] = if percent.fract() == 0.0 {
            json!(percent as i64)
        } else {
            json!(percent)
        };
    }
    match area.margin {
        Margin::Pixels(pixels) if area.margin != Margin::DEFAULT => {
            fields["margin"] = json!(pixels)
        }
        Margin::Pixels(_) => {}
        Margin::Screen => _ = own.insert("margin".to_owned(), json!("screen")),
        Margin::Fixed => _ = own.insert("margin".to_owned(), json!(0)),
    }
    if let Some(point) = &area.click_point {
        fields["click_point"] = match point.place {
            ClickPlace::Center => json!("center"),
            ClickPlace::At { x, y } => match &point.id {
                Some(id) => json!({ "xpos": x, "ypos": y, "id": id }),
                None => json!({ "xpos": x, "ypos": y }),
            },
        };
    }
    if area.channels == Channels::Colour {
        own.insert("colour".to_owned(), json!(true));
    }
    if area.freedom == Freedom::Anchored {
        own.insert("anchor".to_owned(), json!(true));
    }
    match &area.text {
        Some(TextPattern::Words(words)) => _ = own.insert("text".to_owned(), json!(words)),
        Some(TextPattern::Expression(regex)) => {
            own.insert("text".to_owned(), json!({ "regex": regex.as_str() }));
        }
        None => {}
    }
    if !own.is_empty() {
        fields["qa"] = Value::Object(own);
    }
    fields
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn needle(json: &str) -> Result<Needle, NeedleError> {
        Needle::from_json("n", json.as_bytes())
    }

    fn area(fields: &str) -> Area {
        let json = format!(r#"{{"area":[{{{fields}}},{{"width":1,"height":1}}]}}"#);
        needle(&json).unwrap().areas()[0].clone()
    }

    #[test]
    fn values_that_real_needles_carry_are_read() {
        let plain = Area::matching(Rect::new(0, 0, 0, 0));
        let with = |change: &dyn Fn(&mut Area)| {
            let mut area = plain.clone();
            change(&mut area);
            area
        };
        let at = |x, y, id: Option<&str>| {
            with(&|area| {
                let id = id.map(str::to_owned);
                area.click_point = Some(ClickPoint {
                    id,
                    place: ClickPlace::At { x, y },
                });
            })
        };
        let level = |percent| with(&|area| area.level = MatchLevel::from_percent(percent));
        let margin = |margin| with(&|area| area.margin = margin);
        let kind = |kind: AreaKind| with(&|area| area.kind = kind.clone());
        for (fields, expected) in [
            ("", plain.clone()),
            (
                r#""xpos":1.9,"ypos":"2","width":256.2857,"height":"4.5""#,
                with(&|area| area.rect = Rect::new(1, 2, 256, 4)),
            ),
            (
                r#""xpos":-1.9,"ypos":1e300,"width":-4,"height":1e300"#,
                with(&|area| area.rect = Rect::new(-1, i32::MAX, 0, u32::MAX)),
            ),
            (
                r#""xpos":null,"ypos":"","width":"0","height":false"#,
                plain.clone(),
            ),
            (r#""match":"90""#, level(90.0)),
            (r#""match":" 94.5 ""#, level(94.5)),
            (r#""match":100"#, level(100.0)),
            (r#""match":1"#, level(1.0)),
            (r#""match":0"#, plain.clone()),
            (r#""match":"0""#, plain.clone()),
            (
                r#""match":null,"margin":"","type":"","click_point":null"#,
                plain.clone(),
            ),
            (r#""margin":0"#, plain.clone()),
            (r#""margin":"300""#, margin(Margin::Pixels(300))),
            (r#""margin":1000000"#, margin(Margin::Pixels(1_000_000))),
            (r#""type":"match""#, plain.clone()),
            (r#""type":"exclude","match":5"#, {
                let mut area = kind(AreaKind::Exclude);
                area.level = MatchLevel::from_percent(5.0);
                area
            }),
            (r#""type":"ocr","refstr":"x""#, kind(AreaKind::Ocr)),
            (
                r#""type":"nomatch""#,
                kind(AreaKind::Unknown("nomatch".to_owned())),
            ),
            (
                r#""click_point":{"xpos":10.25,"ypos":"3"}"#,
                at(10.25, 3.0, None),
            ),
            (
                r#""click_point":{"xpos":0,"ypos":-3,"id":"ok"}"#,
                at(0.0, -3.0, Some("ok")),
            ),
            (
                r#""click_point":"center""#,
                with(&|area| {
                    area.click_point = Some(ClickPoint {
                        id: None,
                        place: ClickPlace::Center,
                    })
                }),
            ),
            (
                r#""":"a comment","processing_flags":7,"max_offset":{},"new":[[]]"#,
                plain.clone(),
            ),
            (r#""match":90,"qa":{"match":0}"#, level(0.0)),
            (r#""qa":{"match":"97.5"}"#, level(97.5)),
            (r#""qa":{"margin":0}"#, margin(Margin::Fixed)),
            (r#""qa":{"margin":7}"#, margin(Margin::Pixels(7))),
            (r#""qa":{"margin":"screen"}"#, margin(Margin::Screen)),
            (
                r#""qa":{"colour":true,"anchor":false}"#,
                with(&|area| area.channels = Channels::Colour),
            ),
            (
                r#""qa":{"text":"Log in"}"#,
                with(&|area| area.text = Some(TextPattern::Words("Log in".to_owned()))),
            ),
            (r#""qa":{"text":{"regex":"4[0-9]"}}"#, {
                let expression = regex::Regex::new("4[0-9]").unwrap();
                with(&|area| area.text = Some(TextPattern::Expression(expression.clone())))
            }),
        ] {
            assert_eq!(area(fields), expected, "{fields}");
        }
    }

    #[test]
    fn tags_and_properties_are_read_in_all_their_forms() {
        let read = |fields: &str| needle(&format!(r#"{{"area":[{{}}],{fields}}}"#)).unwrap();
        assert_eq!(
            read(r#""tags":["a"," b c","a",5]"#).tags(),
            ["a", " b c", "a", "5"]
        );
        assert_eq!(read(r#""tags":null"#).tags(), [""; 0]);
        let marked = |reason: Option<&str>| {
            Some(Workaround {
                reason: reason.map(str::to_owned),
            })
        };
        for (properties, workaround) in [
            (r#"["workaround"]"#, marked(None)),
            (r#"[{"name":"workaround"}]"#, marked(None)),
            (r#"[{"name":"workaround","value":null}]"#, marked(None)),
            (
                r#"["\t\t", {"name":"workaround","value":"slow"}]"#,
                marked(Some("slow")),
            ),
            (r#"[{"name":"other","value":"x"}]"#, None),
            (r#"[{"workaround":1}, null]"#, None),
            ("[]", None),
            ("null", None),
            (r#""""#, None),
        ] {
            let needle = read(&format!(r#""properties":{properties}"#));
            assert_eq!(needle.workaround(), workaround.as_ref(), "{properties}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let deep = format!(r#"{{"area":{}"#, "[".repeat(100_000));
        let many = format!(r#"{{"area":[{{}}{}]}}"#, ",{}".repeat(1000));
        for (json, error) in [
            (
                "",
                "needle `n`: EOF while parsing a value at line 1 column 0",
            ),
            ("[]", "needle `n`: the file: expected an object, found []"),
            (
                "{}",
                "needle `n` has no area of type `match`, so there is nothing to find",
            ),
            (
                r#"{"area":[]}"#,
                "needle `n` has no area of type `match`, so there is nothing to find",
            ),
            (
                r#"{"area":[{"type":"ocr"}]}"#,
                "needle `n` has no area of type `match`, so there is nothing to find",
            ),
            (
                r#"{"area":[{"type":"nomatch"}]}"#,
                "needle `n` has no area of type `match`, so there is nothing to find",
            ),
            (
                r#"{"area":{}}"#,
                "needle `n`: area: expected a list of objects, found {}",
            ),
            (
                r#"{"area":[7]}"#,
                "needle `n`: area[0]: expected an object, found 7",
            ),
            (
                r#"{"area":[{},{"xpos":"a"}]}"#,
                r#"needle `n`: area[1].xpos: expected a number, found "a""#,
            ),
            (
                r#"{"area":[{"xpos":"NaN"}]}"#,
                r#"needle `n`: area[0].xpos: expected a number, found "NaN""#,
            ),
            (
                r#"{"area":[{"match":"inf"}]}"#,
                r#"needle `n`: area[0].match: expected a number, found "inf""#,
            ),
            (
                r#"{"area":[{"xpos":NaN}]}"#,
                "needle `n`: expected value at line 1 column 18",
            ),
            (
                r#"{"area":[{"xpos":1e999}]}"#,
                "needle `n`: number out of range at line 1 column 22",
            ),
            (
                r#"{"area":[{"margin":[1]}]}"#,
                "needle `n`: area[0].margin: expected a number, found [1]",
            ),
            (
                r#"{"area":[{"margin":true}]}"#,
                "needle `n`: area[0].margin: expected a number, found true",
            ),
            (
                r#"{"area":[{"type":7}]}"#,
                "needle `n`: area[0].type: expected `match`, `exclude` or `ocr`, found 7",
            ),
            (
                r#"{"area":[{"click_point":"left"}]}"#,
                r#"needle `n`: area[0].click_point: expected `center` or an object with xpos and ypos, found "left""#,
            ),
            (
                r#"{"area":[{"click_point":{"xpos":4}}]}"#,
                "needle `n`: area[0].click_point.ypos: expected a number, found null",
            ),
            (
                r#"{"area":[{"click_point":"center"},{"click_point":{"xpos":1,"ypos":1,"id":"a"}}]}"#,
                "needle `n` has several click points, but not all of them have an `id`",
            ),
            (
                r#"{"area":[{}],"tags":"a"}"#,
                r#"needle `n`: tags: expected a list of strings, found "a""#,
            ),
            (
                r#"{"area":[{}],"tags":[["a"]]}"#,
                r#"needle `n`: tags[0]: expected a string, found ["a"]"#,
            ),
            (
                r#"{"area":[{}],"properties":{"a":1}}"#,
                r#"needle `n`: properties: expected a list, found {"a":1}"#,
            ),
            (
                r#"{"area":[{}],"properties":[7]}"#,
                "needle `n`: properties[0]: expected a string or an object with a name, found 7",
            ),
            (
                r#"{"area":[{"qa":7}]}"#,
                "needle `n`: area[0].qa: expected an object, found 7",
            ),
            (
                r#"{"area":[{"qa":{"color":true}}]}"#,
                r#"needle `n`: area[0].qa: expected one of colour, anchor, match, margin, text, found "color""#,
            ),
            (
                r#"{"area":[{"qa":{"match":101}}]}"#,
                "needle `n`: area[0].qa.match: expected a number from 0 to 100, found 101",
            ),
            (
                r#"{"area":[{"qa":{"margin":-1}}]}"#,
                "needle `n`: area[0].qa.margin: expected 0, a number of pixels or `screen`, found -1",
            ),
            (
                r#"{"area":[{"qa":{"colour":1}}]}"#,
                "needle `n`: area[0].qa.colour: expected true or false, found 1",
            ),
            (
                r#"{"area":[{"qa":{"text":" "}}]}"#,
                r#"needle `n`: area[0].qa.text: expected words, or an object with the one key `regex`, found " ""#,
            ),
            (
                r#"{"area":[{"qa":{"anchor":true}}]}"#,
                "needle `n`: the first match area can't be anchored, since the others are placed by it",
            ),
            (
                &deep,
                "needle `n`: recursion limit exceeded at line 1 column 135",
            ),
            (&many, "needle `n` has 1001 areas, more than 1000"),
        ] {
            assert_eq!(needle(json).unwrap_err().to_string(), error, "{json:.80}");
        }
        let long = vec![b' '; NeedleError::MAX_BYTES + 1];
        let error = Needle::from_json("n", &long).unwrap_err().to_string();
        assert_eq!(
            error,
            "needle `n`: the file has 1048577 bytes, more than 1048576"
        );
        let expression = needle(r#"{"area":[{"qa":{"text":{"regex":"("}}}]}"#)
            .unwrap_err()
            .to_string();
        assert!(
            expression.starts_with("needle `n`: area[0].qa.text: regex parse error"),
            "{expression}"
        );
        let bomb = needle(r#"{"area":[{"qa":{"text":{"regex":"(((a{1000}){1000}){1000})"}}}]}"#);
        assert!(
            matches!(bomb, Err(NeedleError::Expression { .. })),
            "{bomb:?}"
        );
        let shown = needle(&format!(r#"{{"area":"{}"}}"#, "ä".repeat(500)))
            .unwrap_err()
            .to_string();
        assert!(shown.len() < 250, "{shown}");
    }

    #[test]
    fn a_rewrite_keeps_what_was_read_and_a_new_needle_is_read_again() {
        let source = "{\"area\":[{\"width\":4,\"x-new\":1}], \"later\": [1,2]}";
        assert_eq!(needle(source).unwrap().to_json(), source);
        let json = r#"{"tags":["a"],"properties":[{"name":"workaround","value":"w"}],"area":[
            {"xpos":1,"ypos":2,"width":3,"height":4,"match":97.5,"margin":300,"click_point":{"xpos":1.5,"ypos":2,"id":"i"}},
            {"width":3,"height":4,"qa":{"match":0,"margin":0,"colour":true,"anchor":true,"text":{"regex":"a+"}}},
            {"width":3,"height":4,"qa":{"margin":"screen","text":"b"}},
            {"width":1,"height":1,"type":"exclude"},{"width":1,"height":1,"type":"ocr"},{"type":"odd"}]}"#;
        let read = needle(json).unwrap();
        let workaround = read.workaround().cloned();
        let tags = read.tags().to_vec();
        let made =
            Needle::checked("n", tags, read.areas().to_vec(), workaround, Box::default()).unwrap();
        let again = needle(&made.to_json()).unwrap();
        assert_eq!(again.areas(), read.areas());
        assert_eq!(
            (again.tags(), again.workaround()),
            (read.tags(), read.workaround())
        );
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert!(needle("\u{feff}{\"area\":[{}]}").is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_json_is_read_or_refused(json in any_json()) {
            let whole = format!(r#"{{"area":[{{"width":1,"height":1,"click_point":{json}}},{json}],"tags":{json},"properties":{json}}}"#);
            let _ = needle(&whole);
            let _ = needle(&json);
            for key in ["xpos", "width", "match", "margin", "type", "qa"] {
                let _ = needle(&format!(r#"{{"area":[{{"{key}":{json}}}]}}"#));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Needle::from_json("n", &bytes);
        }
    }

    fn any_json() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<f64>()
                .prop_filter("JSON has no infinities", |value| value.is_finite())
                .prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            "\"[a-z0-9. -]{0,6}\"",
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            let keys = prop_oneof![
                Just("name"),
                Just("xpos"),
                Just("ypos"),
                Just("id"),
                Just("margin"),
                Just("text")
            ];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4)
                    .prop_map(|items| format!("[{}]", items.join(","))),
                proptest::collection::vec((keys, inner), 0..4).prop_map(|fields| {
                    let fields: Vec<String> = fields
                        .iter()
                        .map(|(key, value)| format!("\"{key}\":{value}"))
                        .collect();
                    format!("{{{}}}", fields.join(","))
                }),
            ]
        })
    }
}
