//! Every search agrees with the ten-line one, and with a library's.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod naive;

use std::sync::Arc;

use needles::{
    Area, Depth, Margin, MatchLevel, Needle, Picture, PreparedFrame, PreparedNeedle, Rect,
    SearchRatio, Similarity, find, find_if_there, find_to,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

/// How a random picture is made: what real screens have, flat parts, steps, repeats and noise.
#[derive(Clone, Debug)]
struct Paint {
    background: u8,
    stripes: u32,
    noise: u8,
    boxes: Vec<(u32, u32, u32, u32, [u8; 3])>,
    seed: u64,
}

fn paint() -> impl Strategy<Value = Paint> {
    let boxes = proptest::collection::vec(
        (0_u32..90, 0_u32..60, 1_u32..40, 1_u32..30, any::<[u8; 3]>()),
        0..6,
    );
    (
        any::<u8>(),
        0_u32..9,
        prop_oneof![Just(0), Just(3), any::<u8>()],
        boxes,
        any::<u64>(),
    )
        .prop_map(|(background, stripes, noise, boxes, seed)| Paint {
            background,
            stripes,
            noise,
            boxes,
            seed,
        })
}

impl Paint {
    fn picture(&self, width: u32, height: u32) -> Picture {
        let mut state = self.seed | 1;
        let mut random = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u8
        };
        let mut rgb = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let mut pixel = [self.background; 3];
                if self.stripes > 0 && (x / self.stripes) % 2 == 1 {
                    pixel = [self.background / 2; 3];
                }
                for (bx, by, w, h, colour) in &self.boxes {
                    if (*bx..bx + w).contains(&x) && (*by..by + h).contains(&y) {
                        pixel = *colour;
                    }
                }
                rgb.extend(pixel.map(|level| {
                    level.saturating_add(random().checked_rem(self.noise).unwrap_or(0))
                }));
            }
        }
        Picture::from_rgb(width, height, rgb).unwrap()
    }
}

/// The frame moved by some pixels, with wrap-around, so that needles are found elsewhere.
fn moved(picture: &Picture, dx: u32, dy: u32) -> Picture {
    let (width, height) = (picture.width(), picture.height());
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let from = (((y + dy) % height) * width + (x + dx) % width) as usize * 3;
            rgb.extend_from_slice(&picture.rgb()[from..from + 3]);
        }
    }
    Picture::from_rgb(width, height, rgb).unwrap()
}

fn cut(rect: (u32, u32, u32, u32), width: u32, height: u32) -> Rect {
    let (x, y) = (rect.0 % width, rect.1 % height);
    Rect::new(
        x as i32,
        y as i32,
        rect.2.min(width - x),
        rect.3.min(height - y),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_depths_agree_with_the_naive_search(
        size in (1_u32..100, 1_u32..60),
        a in paint(), b in prop_oneof![Just(None), paint().prop_map(Some)],
        shift in (0_u32..12, 0_u32..9),
        area in (0_u32..100, 0_u32..60, 1_u32..70, 1_u32..40),
        exclude in (0_u32..100, 0_u32..60, 1_u32..20, 1_u32..10), exclude_it in any::<bool>(),
        margin in 1_i32..30,
        percent in prop_oneof![Just(96.0), Just(100.0), Just(50.0), 1.0..100.0],
    ) {
        let (width, height) = size;
        let picture = a.picture(width, height);
        let screen = match &b {
            None => moved(&picture, shift.0, shift.1),
            Some(b) => b.picture(width, height),
        };
        let rect = cut(area, width, height);
        let excludes: Vec<Rect> = exclude_it.then(|| cut(exclude, width, height)).into_iter().collect();

        let mut wanted = Area::matching(rect);
        wanted.level = MatchLevel::from_percent(percent);
        wanted.margin = Margin::Pixels(margin);
        let mut areas = vec![wanted.clone()];
        areas.extend(excludes.iter().map(|rect| Area::exclude(*rect)));
        let needle = Arc::new(Needle::new("n", vec![], areas).unwrap());
        let needle = PreparedNeedle::new(needle, &picture);
        let frame = PreparedFrame::new(screen.clone());

        let (frame_levels, levels) = (naive::levels(&screen, &excludes), naive::levels(&picture, &excludes));
        let expected = naive::best(&frame_levels, &levels, rect, i64::from(margin));
        let (ssd, _, y, x) = expected.unwrap();
        let similarity = Similarity::from_ssd(ssd as u64, rect.pixels());
        let limit = wanted.level.greatest_ssd(rect.pixels()).unwrap();
        let ok = ssd as u64 <= limit;

        let whole = find_to(&needle, &frame, SearchRatio::MARGIN, Depth::Place);
        let place = Rect { x: x as i32, y: y as i32, ..rect };
        prop_assert_eq!((whole.areas[0].place, whole.areas[0].similarity, whole.ok), (place, similarity, ok));
        let found = find(&needle, &frame, SearchRatio::MARGIN);
        prop_assert_eq!((found.areas[0].similarity, found.ok), (similarity, ok));
        if similarity > Similarity::NONE || ok {
            prop_assert_eq!(&found, &whole);
        } else {
            prop_assert_eq!(found.areas[0].place, rect);
        }
        prop_assert_eq!(find_if_there(&needle, &frame, SearchRatio::MARGIN), ok.then_some(whole));
    }

    #[test]
    fn a_frame_of_any_size_is_searched_as_far_as_it_goes(
        size in (1_u32..100, 1_u32..60), other in (1_u32..130, 1_u32..90),
        a in paint(), b in paint(),
        area in (0_u32..100, 0_u32..60, 1_u32..70, 1_u32..40),
        exclude in (0_u32..100, 0_u32..60, 1_u32..20, 1_u32..10),
        percent in prop_oneof![Just(0.0), Just(50.0), Just(96.0)],
    ) {
        let picture = a.picture(size.0, size.1);
        let screen = b.picture(other.0, other.1);
        let mut wanted = Area::matching(cut(area, size.0, size.1));
        wanted.level = MatchLevel::from_percent(percent);
        let areas = vec![wanted.clone(), Area::exclude(cut(exclude, size.0, size.1))];
        let needle = PreparedNeedle::new(Arc::new(Needle::new("n", vec![], areas).unwrap()), &picture);
        prop_assert_eq!(needle.size(), size);
        for ratio in [SearchRatio::NEAR, SearchRatio::MARGIN, SearchRatio::WIDE] {
            let frame = PreparedFrame::new(screen.clone());
            let found = find(&needle, &frame, ratio);
            // A mode switch: what was known of the frame before says nothing of this one.
            let before = PreparedFrame::new(picture.clone());
            let _ = find(&needle, &before, ratio);
            let switched = PreparedFrame::after(&before, screen.clone(), None);
            prop_assert_eq!(&find(&needle, &switched, ratio), &found);
            let _ = find_to(&needle, &switched, ratio, Depth::Place);
            let there = find_if_there(&needle, &PreparedFrame::new(screen.clone()), ratio);
            prop_assert_eq!(there.is_some(), found.ok);
            if found.ok {
                prop_assert!(found.areas[0].place.is_inside(other.0, other.1));
                prop_assert!(wanted.rect.is_inside(other.0, other.1), "it fits on the screen as it was recorded");
            }
        }
    }

    #[test]
    fn a_needle_is_found_on_a_larger_screen(
        a in paint(), area in (0_u32..60, 0_u32..40, 4_u32..50, 4_u32..30), at in (0_u32..50, 0_u32..40),
    ) {
        let picture = a.picture(60, 40);
        let (width, height) = (110, 80);
        let mut rgb = vec![0; (width * height * 3) as usize];
        for y in 0..40 {
            let from = (y * 60 * 3) as usize;
            let to = (((y + at.1) * width + at.0) * 3) as usize;
            rgb[to..to + 180].copy_from_slice(&picture.rgb()[from..from + 180]);
        }
        // Blur looks one pixel further, where the border of the needle's picture is another than here.
        let rect = cut(area, 60, 40);
        prop_assume!(rect.x > 0 && rect.y > 0 && rect.right() < 60 && rect.bottom() < 40);
        let mut wanted = Area::matching(rect);
        wanted.level = MatchLevel::from_percent(100.0);
        let needle = PreparedNeedle::new(Arc::new(Needle::new("n", vec![], vec![wanted]).unwrap()), &picture);
        let screen = PreparedFrame::new(Picture::from_rgb(width, height, rgb).unwrap());
        prop_assert!(find(&needle, &screen, SearchRatio::WIDE).ok);
    }

    #[test]
    fn a_needle_matches_the_frame_it_was_cut_from(
        a in paint(), area in (0_u32..100, 0_u32..60, 1_u32..70, 1_u32..40), margin in 1_i32..30,
    ) {
        let picture = a.picture(100, 60);
        let mut wanted = Area::matching(cut(area, 100, 60));
        wanted.margin = Margin::Pixels(margin);
        wanted.level = MatchLevel::from_percent(100.0);
        let needle = PreparedNeedle::new(Arc::new(Needle::new("n", vec![], vec![wanted.clone()]).unwrap()), &picture);
        let outcome = find(&needle, &PreparedFrame::new(picture), SearchRatio::WIDE);
        prop_assert!(outcome.ok);
        prop_assert_eq!((outcome.areas[0].place, outcome.error), (wanted.rect, 0.0));
    }
}

/// A library's template matching (sums in f32) gives the same least sum on blurred levels.
#[test]
fn the_least_sum_is_that_of_imageproc() {
    use imageproc::template_matching::{MatchTemplateMethod, find_extremes, match_template};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..20 {
        let tree = paint().new_tree(&mut runner).unwrap();
        let picture = tree.current().picture(64, 48);
        let other = paint()
            .new_tree(&mut runner)
            .unwrap()
            .current()
            .picture(64, 48);
        let rect = Rect::new(20, 15, 21, 13);
        let image = |levels: &[Vec<i64>], rect: Rect| {
            image::GrayImage::from_fn(rect.width, rect.height, |x, y| {
                image::Luma([
                    levels[(rect.y as u32 + y) as usize][(rect.x as u32 + x) as usize] as u8,
                ])
            })
        };
        let template = image(&naive::levels(&picture, &[]), rect);
        let screen = image(&naive::levels(&other, &[]), Rect::new(0, 0, 64, 48));
        let sums = match_template(&screen, &template, MatchTemplateMethod::SumOfSquaredErrors);
        let least = find_extremes(&sums).min_value;
        let mut area = Area::matching(rect);
        area.margin = Margin::Screen;
        let needle = PreparedNeedle::new(
            Arc::new(Needle::new("n", vec![], vec![area]).unwrap()),
            &picture,
        );
        let outcome = find(&needle, &PreparedFrame::new(other), SearchRatio::MARGIN);
        let expected = Similarity::from_ssd(least as u64, rect.pixels());
        assert!(
            (outcome.areas[0].similarity.value() - expected.value()).abs() < 1e-5,
            "{outcome:?} {least}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// A wide frame is prepared in strips.
    #[test]
    fn the_best_place_on_a_wide_frame_is_the_naive_one(
        paint in paint(), shift in 0_u32..1700, y_shift in 0_u32..4,
        area in (0_u32..1700, 0_u32..28, 1_u32..60, 1_u32..20),
        exclude in (0_u32..1700, 0_u32..28, 1_u32..200, 1_u32..10),
        exclude_it in any::<bool>(), colour in any::<bool>(),
        margins in (1_i32..90, 1_i32..300),
    ) {
        let (width, height) = (1700, 28);
        let picture = paint.picture(width, height);
        let frame = moved(&picture, shift % 40 + if shift % 3 == 0 { shift } else { 0 }, y_shift);
        let rect = cut(area, width, height);
        let painted: Vec<Rect> = exclude_it.then(|| cut(exclude, width, height)).into_iter().collect();
        let (near, far) = (naive::levels(&frame, &painted), naive::levels(&picture, &painted));
        let prepared = PreparedFrame::new(frame);
        for margin in [margins.0, margins.1] {
            let mut matching = Area::matching(rect);
            matching.margin = Margin::Pixels(margin);
            let mut areas = vec![matching.clone()];
            areas.extend(painted.iter().map(|rect| Area::exclude(*rect)));
            if colour {
                // Another set of planes beside the gray ones.
                matching.channels = needles::Channels::Colour;
                areas.push(matching);
            }
            let needle = Arc::new(Needle::new("n", Vec::new(), areas).unwrap());
            let needle = PreparedNeedle::new(needle, &picture);
            let found = find_to(&needle, &prepared, SearchRatio::MARGIN, Depth::Place);
            let (sum, _, y, x) = naive::best(&near, &far, rect, margin.into()).unwrap();
            let place = found.areas[0].place;
            prop_assert_eq!((i64::from(place.x), i64::from(place.y)), (x, y));
            let error = sum as f64 / rect.pixels() as f64;
            let similarity = (0.9 + (40.0 - error) / 380.0).clamp(0.0, 1.0);
            prop_assert!((found.areas[0].similarity.value() - similarity).abs() < 1e-9);
        }
    }
}
