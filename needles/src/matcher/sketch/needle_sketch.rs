//! The sketch of a needle.

use super::area_sketch::AreaSketch;
use super::frame_sketch::FrameSketch;
use crate::needle::{AreaKind, Needle};
use crate::picture::Picture;
use crate::rect::Rect;

/// The most telling blocks of a needle's match areas. Takes about a kilobyte.
#[derive(Debug)]
pub struct NeedleSketch {
    /// Those that a sketch can rule out.
    areas: Vec<AreaSketch>,
}

impl NeedleSketch {
    /// Sketches a needle.
    pub fn of(needle: &Needle, picture: &Picture) -> Self {
        let areas = needle.areas().iter();
        let excludes = areas.filter(|area| area.kind == AreaKind::Exclude);
        let excludes: Vec<Rect> = excludes.map(|area| area.rect).collect();
        let areas = needle.match_areas();
        Self {
            areas: areas
                .filter_map(|area| AreaSketch::of(area, picture, &excludes))
                .collect(),
        }
    }

    /// Returns false if the needle is certainly not on the frame, searched with [`crate::SearchRatio::MARGIN`].
    pub fn may_match(&self, frame: &FrameSketch) -> bool {
        self.areas.iter().all(|area| area.may_match(frame))
    }
}
