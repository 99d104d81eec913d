//! Finds the needle of another screen on a screen on which a look found nothing.

use std::sync::Arc;

use needles::{Needle, Outcome, PreparedFrame, SearchRatio};

use crate::needle_store::NeedleStore;

/// A project with more needles is not searched: the pictures alone take seconds to read.
const MOST: usize = 200;

/// Returns the name of a needle of the project that matches the frame and is not among those of the look. Of several,
/// it is the one that covers most of the screen, since it says most.
pub(in crate::engine) async fn other_needle(
    store: &Arc<NeedleStore>,
    looked_for: &[Outcome],
    frame: &Arc<PreparedFrame>,
) -> Option<String> {
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
    others.retain(|needle| needle.match_areas().all(|area| area.text.is_none()));
    let search = move || store.passing(&others, &frame, SearchRatio::MARGIN);
    // It only adds to a failure: without an answer, the failure is told without it.
    let found = tokio::task::spawn_blocking(search).await.ok()?.ok()?;
    let largest = found
        .iter()
        .max_by_key(|outcome| covered(&outcome.needle))?;
    Some(largest.needle.name().to_owned())
}

/// Returns the number of pixels that a needle compares.
fn covered(needle: &Needle) -> u64 {
    let areas = needle.match_areas().map(|area| area.rect);
    areas
        .map(|rect| u64::from(rect.width) * u64::from(rect.height))
        .sum()
}
