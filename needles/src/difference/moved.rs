//! Finds a needle whose areas are all there, but not where they may be.

use std::sync::Arc;

use super::Difference;
use crate::matcher::{Outcome, PreparedFrame, PreparedNeedle, find};
use crate::needle::{Freedom, Margin, Needle, SearchRatio};
use crate::picture::Picture;

/// Looks for the needle with areas that may be anywhere, each by itself.
pub(super) fn moved(
    outcome: &Outcome,
    picture: &Picture,
    frame: &PreparedFrame,
) -> Option<Difference> {
    let mut areas = outcome.needle.areas().to_vec();
    for area in &mut areas {
        (area.margin, area.freedom) = (Margin::Screen, Freedom::Alone);
        // Texts and click points do not decide here.
        (area.text, area.click_point) = (None, None);
    }
    let free = Needle::new(outcome.needle.name(), Vec::new(), areas).ok()?;
    let free = PreparedNeedle::new(Arc::new(free), picture);
    let found = find(&free, frame, SearchRatio::WIDE);
    if !found.ok {
        return None;
    }
    let missed = outcome.areas.iter().find(|area| !area.ok)?;
    let place = found.areas.iter().find(|area| area.area == missed.area)?;
    let place = place.place;
    let recorded = outcome.needle.areas().get(missed.area)?.rect;
    Some(Difference::Moved {
        area: missed.area,
        right: place.x - recorded.x,
        down: place.y - recorded.y,
    })
}
