//! Large areas, of which many blocks tell, are found where the slow search finds them.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod naive;

use std::sync::Arc;

use needles::{
    Area, Channels, Colour, Depth, Margin, Needle, Picture, PreparedFrame, PreparedNeedle, Rect,
    SearchRatio, find_to,
};
use proptest::prelude::*;

/// Numbers that look random.
fn random(seed: u64) -> impl FnMut() -> u8 {
    let mut state = seed | 1;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as u8
    }
}

/// Gray boxes on a shaded ground, which colour and gray see alike.
fn picture((width, height): (u32, u32), boxes: &[(u32, u32, u32, u32, u8)]) -> Picture {
    let ground = (0..height).flat_map(|y| (0..width).flat_map(move |x| [(x / 3 + y / 2) as u8; 3]));
    let whole = Rect::new(0, 0, width, height);
    let shapes = boxes.iter().filter_map(|(x, y, w, h, level)| {
        let rect = Rect::new((x % width) as i32, (y % height) as i32, *w, *h);
        let colour = Colour::new(*level, *level, *level);
        rect.intersection(&whole).map(|rect| (rect, colour))
    });
    let shapes: Vec<_> = shapes.collect();
    Picture::from_rgb(width, height, ground.collect())
        .unwrap()
        .with_filled(&shapes)
}

/// The picture, moved, with noise.
fn moved(picture: &Picture, (dx, dy): (u32, u32), noise: u8, seed: u64) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let mut random = random(seed);
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let place = ((y + dy) % height * width + (x + dx) % width) as usize * 3;
            let more = if noise == 0 { 0 } else { random() % noise };
            rgb.extend([picture.rgb()[place].saturating_add(more); 3]);
        }
    }
    Picture::from_rgb(width, height, rgb).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_best_place_of_a_large_area_is_the_naive_one(
        boxes in proptest::collection::vec((0_u32..800, 0_u32..800, 1_u32..60, 1_u32..60, any::<u8>()), 0..60),
        narrow in any::<bool>(), at in (0_u32..12, 0_u32..12), shift in (0_u32..9, 0_u32..9),
        noise in prop_oneof![Just(0_u8), Just(6), Just(90)], seed in any::<u64>(),
        margin in 1_i32..12, colour in any::<bool>(), depth in prop_oneof![Just(Depth::Similarity), Just(Depth::Place)],
    ) {
        // The narrow one has many blocks below each other and few side by side.
        let (size, area) = if narrow { ((70, 700), (66, 680)) } else { ((190, 150), (170, 130)) };
        let picture = picture(size, &boxes);
        let frame = moved(&picture, shift, noise, seed);
        let free = (size.0 - area.0, size.1 - area.1);
        let rect = Rect::new((at.0 % free.0) as i32, (at.1 % free.1) as i32, area.0, area.1);
        let mut matching = Area::matching(rect);
        matching.margin = Margin::Pixels(margin);
        if colour {
            matching.channels = Channels::Colour;
        }
        let needle = Arc::new(Needle::new("n", Vec::new(), vec![matching]).unwrap());
        let needle = PreparedNeedle::new(needle, &picture);
        let found = find_to(&needle, &PreparedFrame::new(frame.clone()), SearchRatio::MARGIN, depth);
        let (near, far) = (naive::levels(&frame, &[]), naive::levels(&picture, &[]));
        let (sum, _, y, x) = naive::best(&near, &far, rect, margin.into()).unwrap();
        let similarity = (0.9 + (40.0 - sum as f64 / rect.pixels() as f64) / 380.0).clamp(0.0, 1.0);
        prop_assert!((found.areas[0].similarity.value() - similarity).abs() < 1e-9);
        if similarity > 0.0 || depth == Depth::Place {
            let place = found.areas[0].place;
            prop_assert_eq!((i64::from(place.x), i64::from(place.y)), (x, y));
        }
    }
}
