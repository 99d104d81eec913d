//! Reads the areas of a needle file.

use serde_json::Value;

use super::reader::{Reader, given};
use crate::needle::area::{Area, AreaKind};
use crate::needle::click_point::{ClickPlace, ClickPoint};
use crate::needle::margin::Margin;
use crate::needle::match_level::MatchLevel;
use crate::needle::needle_error::NeedleError;
use crate::needle::text_pattern::TextPattern;
use crate::rect::Rect;

/// Takes the reference text of an `ocr` area, the key `refstr`, as the text that must be read there. A text of our own
/// comes first.
fn read_reference(area: &mut Area, fields: &Value) {
    let reference = fields.get("refstr").and_then(Value::as_str);
    let reference = reference.filter(|text| area.kind == AreaKind::Ocr && !text.trim().is_empty());
    if let (None, Some(text)) = (&area.text, reference) {
        area.text = Some(TextPattern::Words(text.to_owned()));
    }
}

impl Reader<'_> {
    pub(super) fn areas(&self, value: Option<&Value>) -> Result<Vec<Area>, NeedleError> {
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
        let fields = areas;
        let mut areas = areas
            .iter()
            .enumerate()
            .map(|(index, area)| self.area(&format!("area[{index}]"), area))
            .collect::<Result<Vec<_>, _>>()?;
        // openQA ignores the reference text of a needle that has match areas, so it decides nothing there.
        if !areas.iter().any(|area| area.kind == AreaKind::Match) {
            for (area, fields) in areas.iter_mut().zip(fields) {
                read_reference(area, fields);
            }
        }
        Ok(areas)
    }

    fn area(&self, at: &str, value: &Value) -> Result<Area, NeedleError> {
        let Value::Object(fields) = value else {
            return Err(self.wrong(at, "an object", value));
        };
        let number = |key: &str| self.given_number(&format!("{at}.{key}"), fields.get(key));
        // Casts from f64 cut off fractions and saturate, so 1e300 stays "far outside".
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
}
