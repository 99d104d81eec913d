//! Match areas with transparent pixels.

use super::needle_problem::NeedleProblem;
use crate::needle::{AreaKind, Needle};
use crate::picture::Transparency;

impl Transparency {
    /// Returns a problem for each match area of a needle that has such pixels.
    pub fn problems(&self, needle: &Needle) -> Vec<NeedleProblem> {
        let areas = needle.areas().iter().enumerate();
        let matched = areas.filter(|(_, area)| area.kind == AreaKind::Match);
        matched
            .filter(|(_, area)| self.is_in(area.rect))
            .map(|(area, _)| NeedleProblem::Transparent { area })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_match_areas_with_such_pixels_are_told() {
        let alpha = (0..100).map(|place| if place == 55 { 254 } else { 255 });
        let transparency = Transparency::of(10, alpha).expect("one pixel");
        let json = br#"{"tags":["a"],"area":[
            {"xpos":5,"ypos":5,"width":2,"height":2},
            {"xpos":6,"ypos":5,"width":2,"height":2},
            {"xpos":0,"ypos":0,"width":10,"height":10,"type":"exclude"}]}"#;
        let needle = Needle::from_json("n", json).expect("a needle");
        assert_eq!(
            transparency.problems(&needle),
            [NeedleProblem::Transparent { area: 0 }]
        );
        assert_eq!(Transparency::of(10, [255; 100].into_iter()), None);
    }
}
