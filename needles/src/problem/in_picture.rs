//! Mistakes that only the needle's picture shows.

use std::sync::Arc;

use super::needle_problem::NeedleProblem;
use crate::matcher::{PreparedFrame, PreparedNeedle, find_if_there, paintable};
use crate::needle::{AreaKind, Freedom, Needle, SearchRatio};
use crate::picture::{Colour, Picture};
use crate::rect::Rect;

/// A standard deviation of the gray levels below this is noise: any flat area of that brightness would match.
const LEAST_TEXTURE: f64 = 2.0;

/// Returns probable mistakes of a needle that its match areas show: too little texture, or the same content twice.
///
/// Searches the whole picture once for each area. Reports only the best second place.
pub fn picture_problems(needle: &Needle, picture: &Picture) -> Vec<NeedleProblem> {
    let mut problems = Vec::new();
    let excludes = needle
        .areas()
        .iter()
        .filter(|area| area.kind == AreaKind::Exclude);
    let excludes: Vec<Rect> = excludes.map(|area| area.rect).collect();
    let painted = paintable(&excludes, picture.width(), picture.height());
    for (index, area) in needle.areas().iter().enumerate() {
        let usable = area.kind == AreaKind::Match
            && !area.rect.is_empty()
            && area.rect.is_inside(picture.width(), picture.height());
        if !usable {
            continue;
        }
        // Exclude areas that cover everything have a problem of their own.
        let Some(texture) = texture(picture, area.rect, &painted) else {
            continue;
        };
        if texture < LEAST_TEXTURE {
            problems.push(NeedleProblem::Flat { area: index });
            continue;
        }
        let mut areas = needle.areas().to_vec();
        areas.retain(|other| other.kind == AreaKind::Exclude);
        let mut alone = area.clone();
        alone.freedom = Freedom::Alone;
        areas.push(alone);
        let Ok(alone) = Needle::new(needle.name(), Vec::new(), areas) else {
            continue;
        };
        let prepared = PreparedNeedle::new(Arc::new(alone), picture);
        let elsewhere = PreparedFrame::new(hidden(picture, area.rect));
        let outcome = find_if_there(&prepared, &elsewhere, SearchRatio::WIDE);
        let second = outcome.and_then(|outcome| outcome.areas.into_iter().next());
        if let Some(second) = second {
            problems.push(NeedleProblem::Ambiguous {
                area: index,
                place: second.place,
            });
        }
    }
    problems
}

/// Returns the picture with the rectangle filled by black and white stripes, which match nothing that was there.
fn hidden(picture: &Picture, rect: Rect) -> Picture {
    let stripes = (0..rect.height).map(|y| {
        let level = if y / 2 % 2 == 0 { 0 } else { 255 };
        let row = Rect::new(rect.x, rect.y + y as i32, rect.width, 1);
        (row, Colour::new(level, level, level))
    });
    picture.with_filled(&stripes.collect::<Vec<_>>())
}

/// Returns the standard deviation of the gray levels that are not painted over; none if no pixel is left.
fn texture(picture: &Picture, rect: Rect, painted: &[Rect]) -> Option<f64> {
    let near: Vec<Rect> = painted
        .iter()
        .filter_map(|paint| paint.intersection(&rect))
        .collect();
    let (left, right) = (rect.x as usize * 3, rect.right() as usize * 3);
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0_u64);
    for y in rect.y as usize..rect.bottom() as usize {
        let pixels = picture.row(y)[left..right].chunks_exact(3);
        for (x, pixel) in (rect.x..).zip(pixels) {
            let hides = |paint: &Rect| {
                (i64::from(paint.x)..paint.right()).contains(&i64::from(x))
                    && (i64::from(paint.y)..paint.bottom()).contains(&(y as i64))
            };
            if near.iter().any(hides) {
                continue;
            }
            let [red, green, blue] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            let level = 0.299 * red + 0.587 * green + 0.114 * blue;
            sum += level;
            squares += level * level;
            count += 1;
        }
    }
    let number = count as f64;
    (count > 0).then(|| (squares / number - (sum / number).powi(2)).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_areas_and_things_that_are_there_twice_are_named() {
        let white = Colour::new(255, 255, 255);
        let sign = |x: i32, y: i32| {
            [
                (Rect::new(x, y, 12, 3), white),
                (Rect::new(x + 4, y, 3, 9), white),
            ]
        };
        let black = Picture::from_rgb(120, 80, vec![0; 120 * 80 * 3]).unwrap();
        let once = black.with_filled(&sign(10, 10));
        let twice = once.with_filled(&sign(70, 50));
        let needle = Needle::from_json("n", br#"{"tags":["t"],"area":[{"xpos":8,"ypos":8,"width":16,"height":13},
            {"xpos":40,"ypos":20,"width":20,"height":20},{"xpos":119,"ypos":8,"width":16,"height":13}]}"#).unwrap();
        assert_eq!(
            picture_problems(&needle, &once),
            [NeedleProblem::Flat { area: 1 }]
        );
        let place = Rect::new(68, 48, 16, 13);
        assert_eq!(
            picture_problems(&needle, &twice),
            [
                NeedleProblem::Ambiguous { area: 0, place },
                NeedleProblem::Flat { area: 1 }
            ]
        );
    }

    #[test]
    fn what_exclude_areas_hide_is_no_texture() {
        let white = Colour::new(255, 255, 255);
        let black = Picture::from_rgb(60, 40, vec![0; 60 * 40 * 3]).unwrap();
        let picture = black.with_filled(&[(Rect::new(10, 10, 6, 6), white)]);
        let flat = |exclude: Rect| {
            let mut areas = vec![crate::needle::Area::matching(Rect::new(5, 5, 30, 20))];
            areas.push(crate::needle::Area::exclude(exclude));
            let needle = Needle::new("n", vec!["t".to_owned()], areas).unwrap();
            picture_problems(&needle, &picture)
        };
        assert_eq!(
            flat(Rect::new(8, 8, 10, 10)),
            [NeedleProblem::Flat { area: 0 }]
        );
        assert_eq!(flat(Rect::new(8, 8, 5, 10)), []);
    }
}
