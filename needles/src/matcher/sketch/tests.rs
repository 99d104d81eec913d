//! A sketch never rules out what a search finds.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::matcher::{PreparedFrame, PreparedNeedle, find_if_there};
use crate::needle::{Needle, SearchRatio};
use crate::picture::{Colour, Picture};
use crate::rect::Rect;

const WIDTH: u32 = 150;
const HEIGHT: u32 = 110;

/// A picture of rectangles, moved by this distance, with a little noise.
fn picture(rects: &[(u8, u8, u8, u8, u8)], (dx, dy): (i32, i32), noise: u8) -> Picture {
    let ground = Picture::from_rgb(WIDTH, HEIGHT, vec![90; (WIDTH * HEIGHT * 3) as usize]).unwrap();
    let whole = Rect::new(0, 0, WIDTH, HEIGHT);
    let rects = rects.iter().filter_map(|&(x, y, width, height, level)| {
        let (x, y) = (i32::from(x) % 150 + dx, i32::from(y) % 110 + dy);
        let rect = Rect::new(x, y, u32::from(width) % 60 + 1, u32::from(height) % 40 + 1);
        Some((rect.intersection(&whole)?, Colour::new(level, level, level)))
    });
    let drawn = ground.with_filled(&rects.collect::<Vec<_>>());
    let mut rgb = drawn.rgb().to_vec();
    for (index, level) in rgb.iter_mut().enumerate() {
        let odd = (index as u32).wrapping_mul(2_654_435_761) >> 24;
        *level = level.saturating_add(odd as u8 % (noise + 1));
    }
    Picture::from_rgb(WIDTH, HEIGHT, rgb).unwrap()
}

fn needle(areas: &[(u8, u8, u8, u8)], level: u8, exclude: Option<(u8, u8)>) -> Needle {
    let mut written: Vec<String> = areas
        .iter()
        .map(|&(x, y, width, height)| {
            let (x, y) = (u32::from(x) % 120, u32::from(y) % 90);
            let (width, height) = (
                (u32::from(width) + 1).min(WIDTH - x),
                (u32::from(height) + 1).min(HEIGHT - y),
            );
            format!(
                r#"{{"xpos":{x},"ypos":{y},"width":{width},"height":{height},"match":{level}}}"#
            )
        })
        .collect();
    written.extend(exclude.map(|(x, y)| {
        format!(r#"{{"xpos":{x},"ypos":{y},"width":9,"height":9,"type":"exclude"}}"#)
    }));
    Needle::from_json(
        "n",
        format!(r#"{{"area":[{}]}}"#, written.join(",")).as_bytes(),
    )
    .unwrap()
}

fn is_found(needle: &Needle, own: &Picture, frame: &Picture) -> bool {
    let prepared = PreparedNeedle::new(Arc::new(needle.clone()), own);
    let frame = PreparedFrame::new(frame.clone());
    find_if_there(&prepared, &frame, SearchRatio::MARGIN).is_some()
}

fn may_match(needle: &Needle, own: &Picture, frame: &Picture) -> bool {
    NeedleSketch::of(needle, own).may_match(&FrameSketch::of(frame))
}

proptest! {
    #[test]
    fn what_is_found_is_never_ruled_out(
        rects in proptest::collection::vec(any::<(u8, u8, u8, u8, u8)>(), 0..12),
        areas in proptest::collection::vec(any::<(u8, u8, u8, u8)>(), 1..3),
        moved in (-12_i32..12, -12_i32..12),
        noise in 0_u8..16,
        level in 20_u8..=101,
        exclude in proptest::option::of(any::<(u8, u8)>()),
    ) {
        let needle = needle(&areas, level, exclude);
        let own = picture(&rects, (0, 0), 0);
        let frame = picture(&rects, moved, noise);
        let smaller = own.crop(Rect::new(0, 0, WIDTH - 30, HEIGHT - 7)).unwrap();
        for frame in [&own, &frame, &smaller] {
            prop_assert!(!is_found(&needle, &own, frame) || may_match(&needle, &own, frame));
        }
    }
}

#[test]
fn another_screen_is_ruled_out_at_every_size_of_area() {
    let rects = [
        (10, 10, 50, 30, 250),
        (70, 20, 30, 30, 0),
        (20, 60, 40, 30, 200),
        (100, 70, 30, 20, 20),
    ];
    let other = [
        (30, 40, 50, 30, 0),
        (90, 5, 30, 30, 250),
        (5, 90, 40, 15, 220),
    ];
    let (own, other) = (picture(&rects, (0, 0), 0), picture(&other, (0, 0), 0));
    for area in [(5, 5, 30, 20), (5, 5, 100, 80), (0, 0, 149, 109)] {
        let needle = needle(&[area], 96, None);
        assert!(may_match(&needle, &own, &own), "{area:?}");
        assert!(!may_match(&needle, &own, &other), "{area:?}");
    }
}

#[test]
fn an_area_that_a_sketch_cannot_tell_is_not_ruled_out() {
    let own = picture(&[(10, 10, 50, 30, 250)], (0, 0), 0);
    let other = picture(&[], (0, 0), 0);
    assert!(!may_match(
        &needle(&[(5, 5, 40, 30)], 96, None),
        &own,
        &other
    ));
    // An exclude area in reach may hide the difference; of an area of three pixels nothing is known.
    assert!(may_match(
        &needle(&[(5, 5, 40, 30)], 96, Some((60, 40))),
        &own,
        &other
    ));
    assert!(may_match(&needle(&[(5, 5, 2, 2)], 96, None), &own, &other));
    // More than 100 % is never reached.
    assert!(!may_match(
        &needle(&[(5, 5, 40, 30)], 101, None),
        &own,
        &own
    ));
}
