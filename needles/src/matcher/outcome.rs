//! The result of looking for a needle.

use std::sync::Arc;

use super::similarity::Similarity;
use super::text_match::{TextMatch, TextReading};
use crate::needle::{ClickPlace, MatchLevel, Needle, UnknownClickPoint};
use crate::rect::{Point, Rect};

/// The result of looking for a needle.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The needle.
    pub needle: Arc<Needle>,
    /// True if every match area was found and no text that was read is wrong.
    pub ok: bool,
    /// The mean of `(1 - similarity)^2` over the match areas, from 0 (perfect) to 1.
    pub error: f64,
    /// The match areas in file order.
    pub areas: Vec<AreaMatch>,
    /// The areas whose text decides the match, in file order. They are unread at first.
    pub texts: Vec<TextMatch>,
}

/// The place and similarity of one match area.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaMatch {
    /// The number of the area in the needle file, counted from 0.
    pub area: usize,
    /// The best place, in pixels of the frame.
    pub place: Rect,
    /// The similarity at this place.
    pub similarity: Similarity,
    /// The similarity that the area needs.
    pub level: MatchLevel,
    /// True if the area was found.
    pub ok: bool,
}

impl Outcome {
    /// Returns the point to click: the click point of this id. Without an id, the last click point; without any click
    /// point, the middle of the last match area; without any match area, the middle of the last text. Uses the found
    /// place, not the recorded one.
    ///
    /// # Errors
    /// No match area has a click point of this id.
    pub fn click_point(&self, id: Option<&str>) -> Result<Point, UnknownClickPoint> {
        let has_point = |area: &&AreaMatch| {
            let point = self.needle.areas()[area.area].click_point.as_ref();
            point.is_some_and(|point| id.is_none() || point.id.as_deref() == id)
        };
        let area = self.areas.iter().rev().find(has_point);
        if let (None, Some(id)) = (area, id) {
            let points = self
                .needle
                .match_areas()
                .filter_map(|area| area.click_point.as_ref());
            return Err(UnknownClickPoint {
                needle: self.needle.name().to_owned(),
                id: id.to_owned(),
                known: points.filter_map(|point| point.id.clone()).collect(),
            });
        }
        let Some(area) = area.or(self.areas.last()) else {
            return Ok(self.middle_of_text());
        };
        let (x, y) = match self.needle.areas()[area.area]
            .click_point
            .as_ref()
            .map(|point| point.place)
        {
            Some(ClickPlace::At { x, y }) => (x, y),
            Some(ClickPlace::Center) | None => (
                f64::from(area.place.width) / 2.0,
                f64::from(area.place.height) / 2.0,
            ),
        };
        // os-autoinst rounds the sum down, not its parts.
        Ok(Point {
            x: (f64::from(area.place.x) + x) as i32,
            y: (f64::from(area.place.y) + y) as i32,
        })
    }

    /// Returns the middle of the last text, for a needle that has no match area.
    fn middle_of_text(&self) -> Point {
        let middle = |text: &TextMatch| Point {
            x: text.place.x.saturating_add((text.place.width / 2) as i32),
            y: text.place.y.saturating_add((text.place.height / 2) as i32),
        };
        self.texts.last().map_or(Point { x: 0, y: 0 }, middle)
    }

    /// Returns the texts that must still be read, by their index in [`Outcome::texts`]. A needle that fails has none.
    pub fn texts_to_read(&self) -> Vec<(usize, Rect)> {
        if !self.ok {
            return Vec::new();
        }
        let unread = |text: &&(usize, &TextMatch)| text.1.reading == TextReading::Unread;
        let texts = self.texts.iter().enumerate();
        texts
            .filter(|text| unread(&text))
            .map(|(index, text)| (index, text.place))
            .collect()
    }

    /// Takes the text that was read, or the reason why it cannot be read, and compares it with the needle's.
    pub fn take_text(&mut self, index: usize, read: Result<String, String>) {
        let Some(text) = self.texts.get_mut(index) else {
            return;
        };
        let pattern = self.needle.areas().get(text.area);
        let pattern = pattern.and_then(|area| area.text.as_ref());
        text.reading = match read {
            Err(reason) => TextReading::Skipped { reason },
            Ok(read) if pattern.is_none_or(|pattern| pattern.matches(&read)) => {
                TextReading::Fits { read }
            }
            Ok(read) => {
                self.ok = false;
                TextReading::Differs { read }
            }
        };
    }

    /// Returns the least distance of an area's similarity from its match level; negative if the area fails. If this
    /// number falls from run to run, the needle drifts and will fail. A needle without match areas cannot drift and has
    /// 1.
    pub fn above_level(&self) -> f64 {
        let above = |area: &AreaMatch| area.similarity.value() - area.level.required();
        self.areas.iter().map(above).reduce(f64::min).unwrap_or(1.0)
    }

    /// Returns the score that openQA logs for a failing needle: `1 - sqrt(error)`.
    pub fn score(&self) -> f64 {
        1.0 - self.error.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needle::{Area, AreaKind};

    fn outcome(json: &str) -> Outcome {
        let needle = Arc::new(Needle::from_json("n", json.as_bytes()).unwrap());
        let found = |(area, recorded): (usize, &Area)| AreaMatch {
            area,
            place: Rect {
                x: recorded.rect.x + 100,
                ..recorded.rect
            },
            similarity: Similarity::FULL,
            level: MatchLevel::DEFAULT,
            ok: true,
        };
        let matches = needle
            .areas()
            .iter()
            .enumerate()
            .filter(|(_, area)| area.kind == AreaKind::Match);
        Outcome {
            areas: matches.map(found).collect(),
            needle: needle.clone(),
            ok: true,
            error: 0.0,
            texts: Vec::new(),
        }
    }

    #[test]
    fn clicks_go_to_the_last_point_else_to_the_last_middle() {
        let area = r#"{"xpos":1,"ypos":1,"width":20,"height":11"#;
        for (areas, x, y) in [
            (format!("{area}}}"), 111, 6),
            (
                format!(r#"{area},"click_point":{{"xpos":2.6,"ypos":"3.4"}}}}"#),
                103,
                4,
            ),
            (format!(r#"{area},"click_point":"center"}}"#), 111, 6),
            (
                format!(
                    r#"{area},"click_point":{{"xpos":2,"ypos":3}}}},{{"xpos":50,"width":4,"height":4}}"#
                ),
                103,
                4,
            ),
            (
                format!(r#"{area}}},{{"xpos":50,"width":4,"height":4}},{{"type":"exclude"}}"#),
                152,
                2,
            ),
            (
                format!(
                    r#"{area},"click_point":{{"xpos":2,"ypos":3,"id":"a"}}}},
                    {{"xpos":50,"width":4,"height":4,"click_point":{{"xpos":1,"ypos":0,"id":"b"}}}}"#
                ),
                151,
                0,
            ),
        ] {
            let outcome = outcome(&format!(r#"{{"area":[{areas}]}}"#));
            assert_eq!(outcome.click_point(None), Ok(Point { x, y }), "{areas}");
        }
    }

    #[test]
    fn a_needle_that_is_only_read_is_clicked_in_the_middle_of_its_text() {
        let json =
            br#"{"area":[{"type":"ocr","xpos":10,"ypos":20,"width":30,"height":8,"refstr":"x"}]}"#;
        let needle = Arc::new(Needle::from_json("n", json).unwrap());
        let picture = crate::Picture::from_rgb(60, 40, vec![0; 60 * 40 * 3]).unwrap();
        let prepared = crate::PreparedNeedle::new(needle, &picture);
        let frame = crate::PreparedFrame::new(picture);
        let mut outcome = crate::find(&prepared, &frame, crate::SearchRatio::MARGIN);
        assert_eq!(outcome.click_point(None), Ok(Point { x: 25, y: 24 }));
        assert_eq!(
            (outcome.ok, outcome.error, outcome.above_level()),
            (true, 0.0, 1.0)
        );
        assert_eq!(outcome.texts_to_read().len(), 1);
        outcome.take_text(0, Ok("y".to_owned()));
        assert!(!outcome.ok);
    }

    #[test]
    fn clicks_by_id_go_to_that_point_and_unknown_ids_are_errors() {
        let two = outcome(
            r#"{"area":[{"xpos":1,"ypos":1,"width":20,"height":10,"click_point":{"xpos":2,"ypos":3,"id":"a"}},
                {"xpos":50,"width":4,"height":4,"click_point":{"xpos":1,"ypos":1,"id":7}}]}"#,
        );
        assert_eq!(two.click_point(Some("a")), Ok(Point { x: 103, y: 4 }));
        assert_eq!(two.click_point(Some("7")), Ok(Point { x: 151, y: 1 }));
        let error = two.click_point(Some("c")).unwrap_err().to_string();
        assert_eq!(error, "needle `n` has no click point `c`; it has `a`, `7`");
        let none = outcome(r#"{"area":[{"width":4,"height":4}]}"#);
        let error = none.click_point(Some("c")).unwrap_err().to_string();
        assert_eq!(
            error,
            "needle `n` has no click point `c`; it has none with an id"
        );
    }
}
