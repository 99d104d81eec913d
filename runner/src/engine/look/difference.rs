//! Says how the screen differs from the nearest needle, if one simple thing explains it.

use std::sync::Arc;

use needles::{Difference, Outcome, PreparedFrame, Rect};
use reports::{PointedOut, TextResult, pixels_away};

use super::place::around;
use crate::needle_store::NeedleStore;
use crate::text_reader;

/// The most needles that are compared. The others are farther from a match.
const MOST: usize = 3;

/// Returns the difference from the first of these needles that differs in a simple way: a lowercase fragment, and its
/// place on the screen. The needles did not match, and the nearest comes first.
pub(in crate::engine) async fn simple_difference(
    store: &Arc<NeedleStore>,
    nearest: &[Outcome],
    frame: &Arc<PreparedFrame>,
) -> Option<(String, Option<PointedOut>)> {
    let nearest: Vec<Outcome> = nearest.iter().take(MOST).cloned().collect();
    let (store, frame) = (Arc::clone(store), Arc::clone(frame));
    let compare = move || {
        let mut outcomes = nearest.iter();
        outcomes.find_map(|outcome| {
            let text = other_text(outcome).map(|text| (text, None));
            text.or_else(|| look(&store, outcome, &frame))
        })
    };
    // It only adds to a failure: without an answer, the failure is told without it.
    tokio::task::spawn_blocking(compare).await.ok().flatten()
}

/// Returns the difference of a needle that is there and says something else.
fn other_text(outcome: &Outcome) -> Option<String> {
    if outcome.areas.iter().any(|area| !area.ok) {
        return None;
    }
    let texts = text_reader::told(outcome);
    let mut texts = texts.iter();
    let differs = texts.find(|text| matches!(text.result, TextResult::Differs { .. }))?;
    Some(format!(
        "needle `{}` is there, but {}",
        outcome.needle.name(),
        differs.text()
    ))
}

fn look(
    store: &NeedleStore,
    outcome: &Outcome,
    frame: &PreparedFrame,
) -> Option<(String, Option<PointedOut>)> {
    let name = outcome.needle.name();
    let picture = store.picture(&outcome.needle).ok()?;
    let point = |rect: Rect, label: &str| {
        let area = around([rect])?;
        let label = label.to_owned();
        Some(PointedOut { area, label })
    };
    Some(match needles::difference(outcome, &picture, frame)? {
        Difference::Moved { area, right, down } => {
            let away = pixels_away(right.into(), down.into())?;
            let number = outcome.areas.iter().position(|found| found.area == area)?;
            let recorded = outcome.needle.areas().get(area)?.rect;
            let words = format!(
                "needle `{name}` is on the screen, but area {} is {away} of its place, which is more than it may be",
                number + 1
            );
            let found = Rect {
                x: recorded.x.saturating_add(right),
                y: recorded.y.saturating_add(down),
                ..recorded
            };
            (words, point(found, "it is here"))
        }
        Difference::OnlyIn(rect) => {
            let words = format!(
                "the screen differs from needle `{name}` only in {}x{} at {},{}: something is in front there, or \
                    missing",
                rect.width, rect.height, rect.x, rect.y
            );
            (words, point(rect, "only this differs"))
        }
        Difference::Recoloured { darker: false } => (
            format!(
                "the shapes of needle `{name}` are there, in other colours, perhaps of another theme"
            ),
            None,
        ),
        Difference::Recoloured { darker: true } => (
            format!(
                "the shapes of needle `{name}` are there, but darker, perhaps behind a dialog or in another theme"
            ),
            None,
        ),
    })
}
