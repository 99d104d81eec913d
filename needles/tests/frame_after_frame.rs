//! A frame made after another finds what a frame made anew finds, whatever has changed in between.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::sync::Arc;

use needles::{
    Colour, Depth, Needle, Picture, PreparedFrame, PreparedNeedle, Rect, SearchRatio, find_to,
};
use proptest::prelude::*;

const WIDTH: u32 = 230;
const HEIGHT: u32 = 150;

/// A screen of coarse squares, so that places are alike, with some noise.
fn screen(seed: u32) -> Picture {
    let pixel = |i: u32| {
        let (x, y) = (i / 3 % WIDTH, i / 3 / WIDTH);
        let square = (x / 9 * 31 + y / 7 * 17 + i % 3 * 5 + seed).wrapping_mul(2_654_435_761);
        (square >> 24) as u8 / 2 + (i.wrapping_mul(747_796_405) >> 30) as u8
    };
    Picture::from_rgb(WIDTH, HEIGHT, (0..WIDTH * HEIGHT * 3).map(pixel).collect()).unwrap()
}

#[derive(Clone, Debug)]
enum Change {
    /// A rectangle becomes this level: a caret, a window, a whole other screen.
    Fill(Rect, u8),
    /// A part shows what the first screen shows there.
    Restore(Rect),
}

fn rect() -> impl Strategy<Value = Rect> {
    let sizes = prop_oneof![4 => (1_u32..12, 1_u32..20), 1 => (1_u32..WIDTH, 1_u32..HEIGHT)];
    (0..WIDTH, 0..HEIGHT, sizes).prop_map(|(x, y, (width, height))| {
        Rect::new(
            x as i32,
            y as i32,
            width.min(WIDTH - x),
            height.min(HEIGHT - y),
        )
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (rect(), any::<u8>()).prop_map(|(rect, level)| Change::Fill(rect, level)),
        rect().prop_map(Change::Restore),
    ]
}

fn changed(picture: &Picture, first: &Picture, change: &Change) -> Picture {
    match change {
        Change::Fill(rect, level) => {
            picture.with_filled(&[(*rect, Colour::new(*level, *level / 2, 90))])
        }
        Change::Restore(rect) => {
            let mut rgb = picture.rgb().to_vec();
            for y in rect.y as u32..rect.y as u32 + rect.height {
                let start = ((y * WIDTH + rect.x as u32) * 3) as usize;
                let bytes = start..start + rect.width as usize * 3;
                rgb[bytes.clone()].copy_from_slice(&first.rgb()[bytes]);
            }
            Picture::from_rgb(WIDTH, HEIGHT, rgb).unwrap()
        }
    }
}

fn needle() -> impl Strategy<Value = String> {
    let area = (rect(), 0_u32..40, any::<bool>(), 60_u32..100).prop_map(
        |(rect, margin, colour, level)| {
            let Rect {
                x,
                y,
                width,
                height,
            } = rect;
            format!(
                r#"{{"xpos":{x},"ypos":{y},"width":{width},"height":{height},"match":{level},
            "qa":{{"margin":{margin},"colour":{colour}}}}}"#
            )
        },
    );
    let exclude = rect().prop_map(
        |Rect {
             x,
             y,
             width,
             height,
         }| {
            format!(
                r#"{{"xpos":{x},"ypos":{y},"width":{width},"height":{height},"type":"exclude"}}"#
            )
        },
    );
    (
        proptest::collection::vec(area, 1..3),
        proptest::collection::vec(exclude, 0..2),
    )
        .prop_map(|(areas, excludes)| {
            let all: Vec<String> = areas.into_iter().chain(excludes).collect();
            format!(r#"{{"area":[{}]}}"#, all.join(","))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn it_finds_what_a_frame_made_anew_finds(
        seed in 0_u32..4,
        files in proptest::collection::vec(needle(), 1..4),
        changes in proptest::collection::vec(proptest::collection::vec(change(), 0..3), 1..6),
        asked in proptest::collection::vec((any::<prop::sample::Index>(), 0_u8..3, 0_u8..3), 4..16),
        told in any::<bool>(),
    ) {
        let first = screen(seed);
        let needles: Vec<PreparedNeedle> = files.iter().map(|json| {
            let needle = Needle::from_json("n", json.as_bytes()).unwrap();
            PreparedNeedle::new(Arc::new(needle), &first)
        }).collect();
        let mut picture = first.clone();
        let mut frame = PreparedFrame::new(first.clone());
        for changes in std::iter::once(&Vec::new()).chain(&changes) {
            let mut whole: Option<Rect> = None;
            for change in changes {
                picture = changed(&picture, &first, change);
                let (Change::Fill(rect, _) | Change::Restore(rect)) = change;
                whole = Some(whole.map_or(*rect, |whole| {
                    let (x, y) = (whole.x.min(rect.x), whole.y.min(rect.y));
                    let right = whole.right().max(rect.right()) - i64::from(x);
                    let bottom = whole.bottom().max(rect.bottom()) - i64::from(y);
                    Rect::new(x, y, right as u32, bottom as u32)
                }));
            }
            let within = whole.filter(|_| told);
            frame = PreparedFrame::after(&frame, picture.clone(), within);
            for (index, ratio, depth) in &asked {
                let needle = index.get(&needles);
                let ratio = [SearchRatio::MARGIN, SearchRatio::NEAR, SearchRatio::WIDE][usize::from(*ratio)];
                let depth = [Depth::Verdict, Depth::Similarity, Depth::Place][usize::from(*depth)];
                let anew = PreparedFrame::new(picture.clone());
                prop_assert_eq!(find_to(needle, &frame, ratio, depth), find_to(needle, &anew, ratio, depth));
            }
        }
    }
}

#[test]
fn a_frame_of_another_size_shares_nothing() {
    let first = screen(1);
    let json = br#"{"area":[{"xpos":20,"ypos":20,"width":40,"height":30}]}"#;
    let needle = Arc::new(Needle::from_json("n", json).unwrap());
    let needle = PreparedNeedle::new(needle, &first);
    let frame = PreparedFrame::new(first.clone());
    assert!(find_to(&needle, &frame, SearchRatio::MARGIN, Depth::Place).ok);
    let smaller = first.crop(Rect::new(0, 0, WIDTH, HEIGHT - 20)).unwrap();
    let after = PreparedFrame::after(&frame, smaller.clone(), None);
    let anew = PreparedFrame::new(smaller);
    let look = |frame: &PreparedFrame| find_to(&needle, frame, SearchRatio::WIDE, Depth::Place);
    assert_eq!(look(&after), look(&anew));
}
