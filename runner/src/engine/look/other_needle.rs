//! Finds the needle of another screen on a screen on which a look found nothing.

use std::sync::Arc;

use needles::{Needle, Outcome, PreparedFrame, SearchRatio};
use reports::PointedOut;

use super::place::around;
use crate::needle_store::NeedleStore;

/// A project with more needles is not searched: the pictures alone take seconds to read.
const MOST: usize = 200;

/// Returns that another needle of the project matches the frame, as a lowercase fragment, and its place. It is none of
/// those of the look. Of several, it is the one that covers most of the screen, since it says most.
pub(in crate::engine) async fn other_needle(
    store: &Arc<NeedleStore>,
    looked_for: &[Outcome],
    frame: &Arc<PreparedFrame>,
) -> Option<(String, Option<PointedOut>)> {
    if store.count() > MOST {
        return None;
    }
    let mut others = store.all();
    others.retain(|needle| {
        let mut looked_for = looked_for.iter();
        !looked_for.any(|outcome| outcome.needle.name() == needle.name())
    });
    let (store, frame) = (Arc::clone(store), Arc::clone(frame));
    // Needles whose text decides are left out: reading takes long, and pixels alone are not enough for them.
    others.retain(|needle| {
        !needle.is_only_read() && needle.match_areas().all(|area| area.text.is_none())
    });
    let search = move || store.passing_readable(&others, &frame, SearchRatio::MARGIN);
    // It only adds to a failure: without an answer, the failure is told without it.
    let found = tokio::task::spawn_blocking(search).await.ok()?;
    let largest = found
        .iter()
        .max_by_key(|outcome| covered(&outcome.needle))?;
    let name = largest.needle.name();
    let places = largest.areas.iter().map(|area| area.place);
    let place = around(places).map(|area| PointedOut {
        area,
        label: name.to_owned(),
    });
    Some((format!("the screen shows needle `{name}`"), place))
}

/// Returns the number of pixels that a needle compares.
fn covered(needle: &Needle) -> u64 {
    let areas = needle.match_areas().map(|area| area.rect);
    areas
        .map(|rect| u64::from(rect.width) * u64::from(rect.height))
        .sum()
}
