//! Writes a needle file.

use serde_json::{Map, Value, json};

use crate::needle::area::{Area, AreaKind, Channels, Freedom};
use crate::needle::click_point::ClickPlace;
use crate::needle::margin::Margin;
use crate::needle::match_level::MatchLevel;
use crate::needle::needle::Needle;
use crate::needle::text_pattern::TextPattern;

impl Needle {
    /// Returns the needle file: as read, else in openQA's layout.
    pub fn to_json(&self) -> String {
        if !self.source().is_empty() {
            return String::from_utf8_lossy(self.source()).into_owned();
        }
        let areas: Vec<Value> = self.areas().iter().map(written_area).collect();
        let properties = self
            .workaround()
            .map(|workaround| match &workaround.reason {
                Some(reason) => json!({ "name": "workaround", "value": reason }),
                None => json!("workaround"),
            });
        let part_of = self.part_of().iter();
        let part_of = part_of.map(|whole| json!(format!("part-of:{whole}")));
        let file = json!({
            "area": areas,
            "properties": properties.into_iter().chain(part_of).collect::<Vec<_>>(),
            "tags": self.tags(),
        });
        format!("{file:#}\n")
    }
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
    // In openQA's own field 0 means 96, so it is written into `qa`.
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
