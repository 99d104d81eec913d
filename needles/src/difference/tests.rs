//! Simple differences are found, and others are not called simple.

use std::sync::Arc;

use super::{Difference, difference};
use crate::matcher::{PreparedFrame, PreparedNeedle, find};
use crate::needle::{Area, Freedom, Margin, Needle, SearchRatio};
use crate::picture::Picture;
use crate::rect::Rect;

const WIDTH: u32 = 320;
const HEIGHT: u32 = 240;

/// The place of the needle's area.
const AREA: Rect = Rect {
    x: 120,
    y: 90,
    width: 80,
    height: 40,
};

type Colour = [u8; 3];

/// A screen: a background, and on it rectangles.
fn screen(background: Colour, rects: &[(Rect, Colour)]) -> Picture {
    let mut rgb = Vec::with_capacity((WIDTH * HEIGHT * 3) as usize);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let at = Rect::new(x as i32, y as i32, 1, 1);
            let on = rects
                .iter()
                .rev()
                .find(|(rect, _)| rect.intersection(&at).is_some());
            rgb.extend(on.map_or(background, |(_, colour)| *colour));
        }
    }
    Picture::from_rgb(WIDTH, HEIGHT, rgb).expect("a picture")
}

/// Something like a line of text in the area, moved by some pixels.
fn text(by: (i32, i32), colour: Colour, gaps: &[i32]) -> Vec<(Rect, Colour)> {
    let letters = (0..9)
        .filter(|letter| !gaps.contains(letter))
        .map(|letter| {
            let left = AREA.x + 6 + letter * 8 + by.0;
            let height = 12 + (letter * 7 % 3) as u32 * 5;
            (Rect::new(left, AREA.y + 8 + by.1, 4, height), colour)
        });
    letters.collect()
}

const PAPER: Colour = [240, 240, 240];
const INK: Colour = [30, 30, 40];

fn needle_with(change: impl Fn(&mut Area)) -> Arc<Needle> {
    let mut area = Area::matching(AREA);
    change(&mut area);
    Arc::new(Needle::new("n", vec!["n".into()], vec![area]).expect("a needle"))
}

fn compared(needle: Arc<Needle>, shown: &Picture) -> Option<Difference> {
    let picture = screen(PAPER, &text((0, 0), INK, &[]));
    let prepared = PreparedNeedle::new(needle, &picture);
    let frame = PreparedFrame::new(shown.clone());
    let outcome = find(&prepared, &frame, SearchRatio::WIDE);
    assert!(!outcome.ok, "it must not match");
    difference(&outcome, &picture, &frame)
}

#[test]
fn a_needle_that_may_not_move_is_told_how_far_it_moved() {
    let fixed = needle_with(|area| area.margin = Margin::Fixed);
    let shown = screen(PAPER, &text((14, 5), INK, &[]));
    let moved = Difference::Moved {
        area: 0,
        right: 14,
        down: 5,
    };
    assert_eq!(compared(fixed, &shown), Some(moved));
}

#[test]
fn an_area_that_left_its_neighbour_is_told_how_far_it_moved() {
    let first = Area::matching(Rect::new(20, 20, 40, 20));
    let mut second = Area::matching(AREA);
    second.freedom = Freedom::Anchored;
    let needle = Needle::new("n", vec!["n".into()], vec![first, second]).expect("a needle");
    let mark = |rects: Vec<(Rect, Colour)>| {
        let mut rects = rects;
        rects.push((Rect::new(26, 24, 9, 11), INK));
        screen(PAPER, &rects)
    };
    let picture = mark(text((0, 0), INK, &[]));
    let frame = PreparedFrame::new(mark(text((0, 60), INK, &[])));
    let prepared = PreparedNeedle::new(Arc::new(needle), &picture);
    let outcome = find(&prepared, &frame, SearchRatio::WIDE);
    let moved = Difference::Moved {
        area: 1,
        right: 0,
        down: 60,
    };
    assert_eq!(difference(&outcome, &picture, &frame), Some(moved));
}

#[test]
fn a_window_in_front_is_told_with_its_place() {
    let mut shown = text((0, 0), INK, &[]);
    shown.push((Rect::new(96, 64, 128, 96), [70, 90, 200]));
    // A clock has gone on, too.
    shown.push((Rect::new(300, 4, 12, 8), INK));
    let found = compared(needle_with(|_| {}), &screen(PAPER, &shown));
    let window = Rect::new(96, 64, 128, 96);
    assert_eq!(found, Some(Difference::OnlyIn(window)));
}

#[test]
fn another_screen_is_no_window() {
    let shown = screen(
        [20, 60, 30],
        &[(Rect::new(10, 10, 200, 100), [200, 10, 10])],
    );
    assert_eq!(compared(needle_with(|_| {}), &shown), None);
}

#[test]
fn other_colours_of_the_same_shapes_are_told() {
    for (paper, ink) in [
        // A dark theme is darker as a whole, but its text is brighter: nothing is in front of it.
        ([30, 30, 34], [235, 235, 230]),
        ([200, 255, 255], [255, 150, 60]),
    ] {
        let shown = screen(paper, &text((0, 0), ink, &[]));
        let found = compared(needle_with(|_| {}), &shown);
        let expected = Difference::Recoloured { darker: false };
        assert_eq!(found, Some(expected), "{paper:?}");
    }
}

#[test]
fn other_text_in_other_colours_is_not_called_recoloured() {
    let shown = screen([30, 30, 34], &text((0, 0), [235, 235, 230], &[1, 4, 5, 8]));
    assert_eq!(compared(needle_with(|_| {}), &shown), None);
}

#[test]
fn a_screen_of_another_size_differs_in_no_simple_way() {
    let small = Picture::from_rgb(100, 50, vec![9; 100 * 50 * 3]).expect("a picture");
    assert_eq!(compared(needle_with(|_| {}), &small), None);
}

#[test]
fn a_screen_that_a_dialog_dims_is_told_as_recoloured() {
    let dimmed = |colour: Colour| colour.map(|channel| channel / 5);
    let mut shown = text((0, 0), dimmed(INK), &[]);
    shown.push((Rect::new(4, 150, 200, 80), [60, 60, 66]));
    let found = compared(needle_with(|_| {}), &screen(dimmed(PAPER), &shown));
    assert_eq!(found, Some(Difference::Recoloured { darker: true }));
}
