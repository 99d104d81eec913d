//! Finds areas that have the needle's shapes in other colours: another theme, another accent.

use super::Difference;
use crate::matcher::Outcome;
use crate::picture::Picture;
use crate::rect::Rect;

/// The least part of the variance that a change of brightness and contrast explains: the square of Pearson's
/// correlation of luminance. Other text with the same colours has about 0.8 and less.
const EXPLAINED: f64 = 0.9;

/// An area with a smaller standard deviation of luminance has no shapes.
const SHAPES: f64 = 4.0;

/// The mean difference of a channel, from which on colours are called other ones.
const OTHER: f64 = 6.0;

/// A channel that is brighter by this much is not brighter.
const SAME: u8 = 4;

/// Returns the difference if it is one of colours alone, at the recorded place or at the most similar one.
pub(super) fn recoloured(
    outcome: &Outcome,
    picture: &Picture,
    screen: &Picture,
) -> Option<Difference> {
    let missed = outcome.areas.iter().filter(|area| !area.ok);
    let mut darker = true;
    for area in missed {
        let recorded = outcome.needle.areas().get(area.area)?.rect;
        let wanted = picture.crop(recorded).ok()?;
        let same_size =
            |place: &Rect| (place.width, place.height) == (recorded.width, recorded.height);
        let mut found = [recorded, area.place]
            .into_iter()
            .filter(same_size)
            .filter_map(|place| screen.crop(place).ok());
        let shown = found.find(|found| is_recoloured(&wanted, found))?;
        darker &= is_dimmed(&wanted, &shown);
    }
    Some(Difference::Recoloured { darker })
}

/// Returns whether a picture is another one behind a shade: almost no channel of a pixel is brighter, and the sum of
/// all is less.
fn is_dimmed(wanted: &Picture, shown: &Picture) -> bool {
    let sum = |picture: &Picture| -> u64 {
        let channels = picture.rgb().iter();
        channels.map(|channel| u64::from(*channel)).sum()
    };
    let channels = wanted.rgb().iter().zip(shown.rgb());
    let brighter = channels
        .filter(|(wanted, shown)| **shown > wanted.saturating_add(SAME))
        .count();
    brighter * 20 < wanted.rgb().len() && sum(shown) < sum(wanted)
}

/// Returns true if two pictures of one size have the same shapes in other colours.
fn is_recoloured(one: &Picture, other: &Picture) -> bool {
    let luminance = |picture: &Picture| -> Vec<f64> {
        let pixels = picture.rgb().chunks_exact(3);
        // BT.601, as the matcher's gray.
        pixels
            .map(|rgb| {
                0.299 * f64::from(rgb[0]) + 0.587 * f64::from(rgb[1]) + 0.114 * f64::from(rgb[2])
            })
            .collect()
    };
    let (a, b) = (luminance(one), luminance(other));
    let count = a.len().max(1) as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(&a), mean(&b));
    let moment = |left: &[f64], left_mean: f64, right: &[f64], right_mean: f64| {
        let products = left.iter().zip(right);
        products
            .map(|(left, right)| (left - left_mean) * (right - right_mean))
            .sum::<f64>()
            / count
    };
    let (variance_a, variance_b) = (
        moment(&a, mean_a, &a, mean_a),
        moment(&b, mean_b, &b, mean_b),
    );
    if variance_a.min(variance_b) < SHAPES * SHAPES {
        return false;
    }
    let both = moment(&a, mean_a, &b, mean_b);
    let explained = both * both / (variance_a * variance_b);
    let channels = one.rgb().iter().zip(other.rgb());
    let differs: f64 = channels
        .map(|(one, other)| f64::from(one.abs_diff(*other)))
        .sum::<f64>()
        / (3.0 * count);
    explained >= EXPLAINED && differs >= OTHER
}
