use std::collections::HashSet;

use thiserror::Error;

use crate::{Area, AreaKind, ClickPlace, ClickPoint, Needle, Rect};

/// Something about a needle that loads but is likely a mistake. `area` counts from 0, in file order.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum NeedleProblem {
    /// An area that isn't wholly on the picture; a match area there can never be found.
    #[error("area {area} ({x},{y} {w}x{h}) is not inside the picture of {width}x{height}",
        x = .rect.x, y = .rect.y, w = .rect.width, h = .rect.height)]
    AreaOutside {
        /// Which.
        area: usize,
        /// Its rectangle.
        rect: Rect,
        /// Of the picture.
        width: u32,
        /// Of the picture.
        height: u32,
    },
    /// An area without pixels.
    #[error("area {area} has no pixels")]
    AreaEmpty {
        /// Which.
        area: usize,
    },
    /// A type that nothing knows.
    #[error("area {area} has the unknown type `{kind}` and is ignored")]
    UnknownType {
        /// Which.
        area: usize,
        /// What it says.
        kind: String,
    },
    /// A match level so low that other things match, too.
    #[error("area {area} needs only {percent} %; below 60 % unlike things match")]
    LevelLow {
        /// Which.
        area: usize,
        /// What it says.
        percent: f64,
    },
    /// A match level that nothing reaches.
    #[error("area {area} needs {percent} %, and more than 100 % is never reached")]
    LevelUnreachable {
        /// The number of the area.
        area: usize,
        /// The level that it states.
        percent: f64,
    },
    /// Match levels that everything reaches, in all areas.
    #[error("no area needs more than 0 %, which every screen reaches: the needle is always found")]
    AlwaysFound,
    /// Pixels that are not wholly opaque in a match area.
    #[error("area {area} has transparent pixels, and no screen has: most likely it never matches")]
    Transparent {
        /// The number of the area.
        area: usize,
    },
    /// A match level that noise breaks.
    #[error("area {area} needs {percent} %; above 99 % the slightest change fails")]
    LevelHigh {
        /// Which.
        area: usize,
        /// What it says.
        percent: f64,
    },
    /// An area so large that a small change in it goes unseen.
    #[error(
        "area {area} covers {share} % of the picture; in a large area a small change goes unseen"
    )]
    AreaLarge {
        /// Which.
        area: usize,
        /// In percent.
        share: u64,
    },
    /// An area that shows almost nothing.
    #[error("area {area} has almost no texture, so anything flat of its brightness would match")]
    Flat {
        /// Which.
        area: usize,
    },
    /// An area that its own picture shows a second time.
    #[error("area {area} also matches at {x},{y} of its own picture", x = .place.x, y = .place.y)]
    Ambiguous {
        /// Which.
        area: usize,
        /// The second place.
        place: Rect,
    },
    /// An exclude area that leaves nothing of a match area.
    #[error("area {area} is wholly covered by exclude area {exclude}")]
    Covered {
        /// The match area.
        area: usize,
        /// The exclude area.
        exclude: usize,
    },
    /// A click point that isn't in its area.
    #[error("the click point of area {area} lies outside it")]
    ClickPointOutside {
        /// Which.
        area: usize,
    },
    /// A click point with a coordinate of 0, for which openQA refuses the needle.
    #[error(
        "the click point of area {area} has a coordinate of 0, for which openQA refuses the needle"
    )]
    ClickPointAtZero {
        /// Which.
        area: usize,
    },
    /// A click point on an area that is never matched.
    #[error("the click point of area {area} has no effect: the area isn't of type `match`")]
    ClickPointUnused {
        /// Which.
        area: usize,
    },
    /// A text on an area where it decides nothing.
    #[error("the text of area {area} has no effect: the area is neither of type `match` nor `ocr`")]
    TextUnused {
        /// Which.
        area: usize,
    },
    /// A tag twice.
    #[error("tag `{tag}` is listed twice")]
    TagTwice {
        /// Which.
        tag: String,
    },
    /// A tag that can't be asked for.
    #[error("tag `{tag}` contains a space, so it can't be asked for")]
    TagWithSpace {
        /// Which.
        tag: String,
    },
    /// No way to ask for it.
    #[error("it has no tags, so nothing can ask for it")]
    NoTags,
}

impl NeedleProblem {
    /// Returns whether a needle with it tells nothing: it is never found, or always.
    pub fn tells_nothing(&self) -> bool {
        match self {
            Self::AreaOutside { .. }
            | Self::AreaEmpty { .. }
            | Self::LevelUnreachable { .. }
            | Self::AlwaysFound
            | Self::Covered { .. } => true,
            Self::UnknownType { .. }
            | Self::LevelLow { .. }
            | Self::LevelHigh { .. }
            | Self::Transparent { .. }
            | Self::AreaLarge { .. }
            | Self::Flat { .. }
            | Self::Ambiguous { .. }
            | Self::ClickPointOutside { .. }
            | Self::ClickPointAtZero { .. }
            | Self::ClickPointUnused { .. }
            | Self::TextUnused { .. }
            | Self::TagTwice { .. }
            | Self::TagWithSpace { .. }
            | Self::NoTags => false,
        }
    }
}

impl Needle {
    /// What is likely wrong with it, given the size of its picture.
    pub fn problems(&self, width: u32, height: u32) -> Vec<NeedleProblem> {
        let mut problems = Vec::new();
        for (index, area) in self.areas().iter().enumerate() {
            self.area_problems(index, area, width, height, &mut problems);
        }
        let mut levels = self.match_levels().peekable();
        if levels.peek().is_some() && levels.all(|percent| percent <= 0.0) {
            problems.push(NeedleProblem::AlwaysFound);
        }
        let mut seen = HashSet::new();
        for tag in self.tags() {
            if !seen.insert(tag) {
                problems.push(NeedleProblem::TagTwice { tag: tag.clone() });
            }
            if tag.contains(' ') {
                problems.push(NeedleProblem::TagWithSpace { tag: tag.clone() });
            }
        }
        if self.tags().is_empty() {
            problems.push(NeedleProblem::NoTags);
        }
        problems
    }

    /// The levels of the match areas, in percent.
    fn match_levels(&self) -> impl Iterator<Item = f64> {
        let areas = self
            .areas()
            .iter()
            .filter(|area| area.kind == AreaKind::Match);
        areas.map(|area| area.level.percent())
    }

    fn area_problems(
        &self,
        index: usize,
        area: &Area,
        width: u32,
        height: u32,
        problems: &mut Vec<NeedleProblem>,
    ) {
        let rect = area.rect;
        if rect.is_empty() {
            problems.push(NeedleProblem::AreaEmpty { area: index });
        } else if !rect.is_inside(width, height) {
            problems.push(NeedleProblem::AreaOutside {
                area: index,
                rect,
                width,
                height,
            });
        }
        if let AreaKind::Unknown(kind) = &area.kind {
            problems.push(NeedleProblem::UnknownType {
                area: index,
                kind: kind.clone(),
            });
        }
        if let Some(point) = &area.click_point {
            problems.extend(click_point_problem(index, area, point));
        }
        if area.text.is_some() && !matches!(area.kind, AreaKind::Match | AreaKind::Ocr) {
            problems.push(NeedleProblem::TextUnused { area: index });
        }
        if area.kind != AreaKind::Match {
            return;
        }
        let percent = area.level.percent();
        if percent < 60.0 {
            problems.push(NeedleProblem::LevelLow {
                area: index,
                percent,
            });
        } else if percent > 100.0 {
            problems.push(NeedleProblem::LevelUnreachable {
                area: index,
                percent,
            });
        } else if percent > 99.0 {
            problems.push(NeedleProblem::LevelHigh {
                area: index,
                percent,
            });
        }
        let share = rect.pixels() * 100 / (u64::from(width) * u64::from(height)).max(1);
        if share > 20 {
            problems.push(NeedleProblem::AreaLarge { area: index, share });
        }
        for (exclude, other) in self.areas().iter().enumerate() {
            if other.kind == AreaKind::Exclude && rect.intersection(&other.rect) == Some(rect) {
                problems.push(NeedleProblem::Covered {
                    area: index,
                    exclude,
                });
            }
        }
    }
}

fn click_point_problem(index: usize, area: &Area, point: &ClickPoint) -> Option<NeedleProblem> {
    if area.kind != AreaKind::Match {
        return Some(NeedleProblem::ClickPointUnused { area: index });
    }
    match point.place {
        ClickPlace::Center => None,
        ClickPlace::At { x, y } => {
            let inside = (0.0..f64::from(area.rect.width)).contains(&x)
                && (0.0..f64::from(area.rect.height)).contains(&y);
            if !inside {
                Some(NeedleProblem::ClickPointOutside { area: index })
            } else if x == 0.0 || y == 0.0 {
                Some(NeedleProblem::ClickPointAtZero { area: index })
            } else {
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_is_named() {
        let json = br#"{"tags":["a","a","b c"],"area":[
            {"xpos":90,"ypos":0,"width":20,"height":10,"match":50},
            {"xpos":0,"ypos":0,"width":0,"height":10},
            {"xpos":0,"ypos":0,"width":60,"height":50,"match":100,"click_point":{"xpos":0,"ypos":5,"id":"a"}},
            {"xpos":0,"ypos":0,"width":60,"height":50,"type":"exclude","click_point":{"xpos":1,"ypos":5,"id":"b"}},
            {"xpos":5,"ypos":5,"width":5,"height":5,"click_point":{"xpos":5,"ypos":1,"id":"c"}},
            {"xpos":5,"ypos":5,"width":5,"height":5,"type":"nomatch","qa":{"text":"x"}}]}"#;
        let problems = Needle::from_json("n", json).unwrap().problems(100, 100);
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "area 0 (90,0 20x10) is not inside the picture of 100x100",
                "area 0 needs only 50 %; below 60 % unlike things match",
                "area 1 has no pixels",
                "the click point of area 2 has a coordinate of 0, for which openQA refuses the needle",
                "area 2 needs 100 %; above 99 % the slightest change fails",
                "area 2 covers 30 % of the picture; in a large area a small change goes unseen",
                "area 2 is wholly covered by exclude area 3",
                "the click point of area 3 has no effect: the area isn't of type `match`",
                "the click point of area 4 lies outside it",
                "area 4 is wholly covered by exclude area 3",
                "area 5 has the unknown type `nomatch` and is ignored",
                "the text of area 5 has no effect: the area is neither of type `match` nor `ocr`",
                "tag `a` is listed twice",
                "tag `b c` contains a space, so it can't be asked for",
            ]
        );
        let fine = br#"{"tags":["a"],"area":[{"xpos":1,"ypos":1,"width":20,"height":10}]}"#;
        assert_eq!(Needle::from_json("n", fine).unwrap().problems(100, 100), []);
    }
}
