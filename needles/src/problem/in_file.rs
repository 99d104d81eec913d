//! Mistakes that a needle file shows by itself.

use std::collections::HashSet;

use super::needle_problem::NeedleProblem;
use crate::needle::{Area, AreaKind, ClickPlace, ClickPoint, Needle};
use crate::rect::Rect;

impl Needle {
    /// Returns probable mistakes of the needle, given the size of its picture.
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

    /// Returns the levels of the match areas, in percent.
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
        let decides = area.kind == AreaKind::Match || area.is_read();
        let outside = rect.is_empty() || !rect.is_inside(width, height);
        if outside && !decides {
            // The unknown type has a problem of its own.
            if let Some(kind) = area.kind.known_name() {
                problems.push(NeedleProblem::AreaIgnored {
                    area: index,
                    kind: kind.to_owned(),
                    rect,
                    width,
                    height,
                });
            }
        } else if rect.is_empty() {
            problems.push(NeedleProblem::AreaEmpty { area: index });
        } else if outside {
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
        problems.extend(self.covered(index, rect, width, height));
    }
}

impl Needle {
    /// Returns a problem if exclude areas cover the whole of a match area. Only exclude areas that lie entirely on the
    /// picture cover anything.
    fn covered(&self, area: usize, rect: Rect, width: u32, height: u32) -> Option<NeedleProblem> {
        if rect.is_empty() || !rect.is_inside(width, height) {
            return None;
        }
        let areas = self.areas().iter().enumerate();
        let mut parts: Vec<Rect> = Vec::new();
        for (exclude, other) in areas.filter(|(_, area)| area.kind == AreaKind::Exclude) {
            let shown = other.rect.is_inside(width, height);
            match rect.intersection(&other.rect).filter(|_| shown) {
                Some(part) if part == rect => {
                    return Some(NeedleProblem::Covered { area, exclude });
                }
                Some(part) => parts.push(part),
                None => {}
            }
        }
        rect.is_covered_by(&parts)
            .then_some(NeedleProblem::CoveredTogether { area })
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
                "area 1 (90,0 20x10) is not inside the picture of 100x100",
                "area 1 needs only 50 %; below 60 % unlike things match",
                "area 2 has no pixels",
                "the click point of area 3 has a coordinate of 0, for which openQA refuses the needle",
                "area 3 needs 100 %; above 99 % the slightest change fails",
                "area 3 covers 30 % of the picture; in a large area a small change goes unseen",
                "area 3 is wholly covered by exclude area 4",
                "the click point of area 4 has no effect: the area isn't of type `match`",
                "the click point of area 5 lies outside it",
                "area 5 is wholly covered by exclude area 4",
                "area 6 has the unknown type `nomatch` and is ignored",
                "the text of area 6 has no effect: the area is neither of type `match` nor `ocr`",
                "tag `a` is listed twice",
                "tag `b c` contains a space, so it can't be asked for",
            ]
        );
        let fine = br#"{"tags":["a"],"area":[{"xpos":1,"ypos":1,"width":20,"height":10}]}"#;
        assert_eq!(Needle::from_json("n", fine).unwrap().problems(100, 100), []);
    }

    #[test]
    fn areas_that_openqa_skips_are_told_apart_from_those_that_are_never_found() {
        let json = br#"{"tags":["a"],"area":[{"xpos":1,"ypos":1,"width":20,"height":10},
            {"xpos":90,"ypos":0,"width":20,"height":10,"type":"exclude"},
            {"xpos":1,"ypos":1,"width":0,"height":10,"type":"ocr"},
            {"xpos":90,"ypos":0,"width":20,"height":10,"type":"ocr","qa":{"text":"x"}}]}"#;
        let problems = Needle::from_json("n", json).unwrap().problems(100, 100);
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (problem.tells_nothing(), problem.to_string()))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(nothing, text)| (*nothing, text.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    false,
                    "area 2 of type `exclude` (90,0 20x10) is not inside the picture of 100x100 and is ignored"
                ),
                (
                    false,
                    "area 3 of type `ocr` (1,1 0x10) is not inside the picture of 100x100 and is ignored"
                ),
                (
                    true,
                    "area 4 (90,0 20x10) is not inside the picture of 100x100"
                ),
            ]
        );
    }

    #[test]
    fn exclude_areas_that_cover_an_area_together_are_found() {
        let needle = |second: &str| {
            let json = format!(
                r#"{{"tags":["a"],"area":[{{"xpos":10,"ypos":10,"width":20,"height":10}},
                {{"xpos":5,"ypos":5,"width":15,"height":20,"type":"exclude"}},{{{second},"type":"exclude"}}]}}"#
            );
            Needle::from_json("n", json.as_bytes())
                .unwrap()
                .problems(100, 100)
        };
        let together = [NeedleProblem::CoveredTogether { area: 0 }];
        assert_eq!(
            needle(r#""xpos":20,"ypos":0,"width":30,"height":30"#),
            together
        );
        assert_eq!(needle(r#""xpos":21,"ypos":0,"width":30,"height":30"#), []);
        // An exclude area that is not inside the picture covers nothing.
        let outside = needle(r#""xpos":20,"ypos":0,"width":90,"height":30"#);
        assert!(matches!(
            outside[..],
            [NeedleProblem::AreaIgnored { area: 2, .. }]
        ));
    }
}
