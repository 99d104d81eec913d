//! The additions to openQA's format: the object `qa` of an area.

use serde_json::{Map, Value};

use super::reader::Reader;
use crate::needle::area::{Area, Channels, Freedom};
use crate::needle::margin::Margin;
use crate::needle::match_level::MatchLevel;
use crate::needle::needle_error::NeedleError;
use crate::needle::text_pattern::TextPattern;

/// A compiled expression larger than this is refused. Real ones have a few kilobytes.
const LARGEST: usize = 1 << 20;

impl Reader<'_> {
    pub(super) fn own_fields(
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
        regex::RegexBuilder::new(expression)
            .size_limit(LARGEST)
            .build()
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
}
