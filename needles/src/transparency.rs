use crate::{AreaKind, Needle, NeedleProblem, Rect};

/// The pixels of a picture that are not wholly opaque. What is under them is compared as it is stored,
/// and no screen shows that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transparency {
    width: usize,
    /// Of each pixel, row after row.
    is_seen_through: Vec<bool>,
}

impl Transparency {
    /// From the pixels' alpha; none where all are opaque.
    pub(crate) fn of(width: u32, alpha: impl Iterator<Item = u8>) -> Option<Self> {
        let is_seen_through: Vec<bool> = alpha.map(|alpha| alpha < u8::MAX).collect();
        is_seen_through.contains(&true).then_some(Self {
            width: width as usize,
            is_seen_through,
        })
    }

    /// The match areas of a needle that have such pixels.
    pub fn problems(&self, needle: &Needle) -> Vec<NeedleProblem> {
        let areas = needle.areas().iter().enumerate();
        let matched = areas.filter(|(_, area)| area.kind == AreaKind::Match);
        matched
            .filter(|(_, area)| self.is_in(area.rect))
            .map(|(area, _)| NeedleProblem::Transparent { area })
            .collect()
    }

    fn is_in(&self, rect: Rect) -> bool {
        let rows = self.is_seen_through.chunks_exact(self.width.max(1));
        (0_i64..).zip(rows).any(|(y, row)| {
            (i64::from(rect.y)..rect.bottom()).contains(&y)
                && (0_i64..).zip(row).any(|(x, is_seen_through)| {
                    *is_seen_through && (i64::from(rect.x)..rect.right()).contains(&x)
                })
        })
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
