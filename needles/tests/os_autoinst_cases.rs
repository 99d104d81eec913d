//! The cases of os-autoinst's own matcher tests (`t/01-test_needle.t`), on drawings of our own: its
//! pictures are not ours to ship.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::sync::Arc;

use needles::{
    Colour, Needle, NeedleSet, Outcome, Picture, Point, PreparedFrame, PreparedNeedle, Rect,
    SearchRatio, best, find, passing, split_tags,
};

const WIDTH: u32 = 1024;
const HEIGHT: u32 = 768;

/// An empty screen.
fn ground(level: u8) -> Picture {
    Picture::from_rgb(WIDTH, HEIGHT, vec![level; (WIDTH * HEIGHT * 3) as usize]).unwrap()
}

/// Something that looks like a word: strokes whose pattern is told by `seed`.
fn word(x: i32, y: i32, letters: i32, seed: u32, level: u8) -> Vec<(Rect, Colour)> {
    let colour = Colour::new(level, level, level);
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut strokes = Vec::new();
    for letter in 0..letters {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let left = x + letter * 9;
        for (bit, rect) in [
            (0, 0, 2, 12),
            (5, 0, 2, 12),
            (0, 0, 7, 2),
            (0, 5, 7, 2),
            (0, 10, 7, 2),
        ]
        .into_iter()
        .enumerate()
        {
            if state >> (bit * 3) & 3 != 0 {
                let (dx, dy, w, h) = rect;
                strokes.push((Rect::new(left + dx, y + dy, w, h), colour));
            }
        }
    }
    strokes
}

fn needle(name: &str, json: &str) -> Arc<Needle> {
    Arc::new(Needle::from_json(name, json.as_bytes()).unwrap())
}

fn area(x: i32, y: i32, w: u32, h: u32, more: &str) -> String {
    format!(r#"{{"xpos":{x},"ypos":{y},"width":{w},"height":{h}{more}}}"#)
}

fn look(areas: &[String], picture: &Picture, screen: &Picture, ratio: f64) -> Outcome {
    let json = format!(r#"{{"tags":["t"],"area":[{}]}}"#, areas.join(","));
    let prepared = PreparedNeedle::new(needle("n", &json), picture);
    find(
        &prepared,
        &PreparedFrame::new(screen.clone()),
        SearchRatio::new(ratio).unwrap(),
    )
}

fn places(outcome: &Outcome) -> Vec<(i32, i32)> {
    outcome
        .areas
        .iter()
        .map(|area| (area.place.x, area.place.y))
        .collect()
}

/// Cases 1, 2: a boot menu with a countdown and a version that are excluded, on a screen of another size.
#[test]
fn excludes_hide_what_changes_even_on_a_smaller_screen() {
    let menu = |seconds: u32| {
        ground(20).with_filled(
            &[
                word(40, 60, 30, 1, 220),
                word(40, 100, 20, 2, 200),
                word(300, 200, 12, seconds, 250),
            ]
            .concat(),
        )
    };
    let smaller = menu(4).crop(Rect::new(0, 0, 800, 600)).unwrap();
    let whole = area(0, 0, 800, 250, "");
    let exclude = area(290, 190, 130, 40, r#","type":"exclude""#);
    let with = look(&[whole.clone(), exclude], &menu(9), &smaller, 0.0);
    assert!(with.ok);
    assert_eq!((places(&with), with.error), (vec![(0, 0)], 0.0));
    let mut loud = vec![whole];
    let without = look(&loud, &menu(9), &smaller, 0.0);
    assert!(without.error > 0.0);
    loud.push(area(290, 190, 60, 40, r#","type":"exclude""#));
    assert!(look(&loud, &menu(9), &smaller, 0.0).error > with.error);
}

/// Case 3: a button that is where it was, at both ratios.
#[test]
fn what_is_at_its_place_is_found_there_at_every_ratio() {
    let screen =
        ground(230).with_filled(&[word(110, 521, 4, 3, 30), word(510, 521, 4, 3, 30)].concat());
    for ratio in [0.0, 0.9, 1.0] {
        let outcome = look(&[area(108, 519, 41, 16, "")], &screen, &screen, ratio);
        assert!(outcome.ok);
        assert_eq!(places(&outcome), [(108, 519)]);
    }
}

/// Cases 6, 7: the same shift with the default margin of 50 and with 100, also as a string.
#[test]
fn a_margin_decides_how_far_is_far() {
    let picture = ground(0).with_filled(&word(450, 237, 16, 4, 180));
    let screen = ground(0).with_filled(&word(378, 221, 16, 4, 180));
    for (margin, found) in [
        ("", false),
        (r#","margin":0"#, false),
        (r#","margin":100"#, true),
        (r#","margin":"100""#, true),
    ] {
        let outcome = look(&[area(448, 235, 149, 18, margin)], &picture, &screen, 0.0);
        assert_eq!(outcome.ok, found, "{margin}");
        assert_eq!(found, places(&outcome) == [(376, 219)], "{margin}");
    }
}

/// Cases 8, 8b, 8c: two areas far from their places, at ratios 0, 1/3 and 2/3: margins of 50, 374 and 699.
#[test]
fn ratios_of_a_third_and_two_thirds_reach_374_and_699_pixels() {
    let lines = |y: i32| {
        ground(0).with_filled(&[word(4, y, 30, 5, 190), word(4, y + 92, 30, 6, 190)].concat())
    };
    let areas = [area(1, 92, 306, 20, ""), area(1, 184, 306, 20, "")];
    let shifted = |by: i32| look(&areas, &lines(96), &lines(96 + by), 0.0);
    assert!(shifted(50).ok && !shifted(51).ok);
    for (ratio, reach) in [(0.0, 50), (1.0 / 3.0, 374), (2.0 / 3.0, 699)] {
        let near = look(&areas, &lines(96), &lines(96 + reach.min(480)), ratio);
        assert!(near.ok, "{ratio}");
        assert_eq!(
            places(&near),
            [(1, 92 + reach.min(480)), (1, 184 + reach.min(480))]
        );
        if reach < 480 {
            assert!(
                !look(&areas, &lines(96), &lines(96 + reach + 1), ratio).ok,
                "{ratio}"
            );
        }
    }
}

/// Cases 5, 20: a prompt with a blinking cursor, which is a small difference but not a small enough one.
#[test]
fn a_cursor_in_a_short_prompt_is_a_difference() {
    let prompt = ground(0).with_filled(&word(4, 385, 20, 7, 170));
    let cursor = prompt.with_filled(&[(Rect::new(190, 385, 9, 14), Colour::new(170, 170, 170))]);
    let outcome = look(&[area(0, 383, 272, 19, "")], &prompt, &cursor, 0.0);
    assert!(!outcome.ok);
    let similarity = outcome.areas[0].similarity.value();
    assert!((0.0..0.96).contains(&similarity), "{similarity}");
    let large = look(&[area(0, 283, 1020, 219, "")], &prompt, &cursor, 0.0);
    assert!(
        large.ok,
        "in a large area the same difference goes unseen: {large:?}"
    );
}

/// Cases 22, 23, 26: a level of 100 %, as a number and as a string, which noise breaks.
#[test]
fn a_level_of_a_hundred_percent_takes_an_error_of_two() {
    let picture = ground(100);
    for (level, brighter, ok) in [
        ("100", 1, true),
        ("100", 2, false),
        (r#""100""#, 1, true),
        (r#""100""#, 2, false),
        ("96", 4, true),
        ("96", 5, false),
    ] {
        let screen = ground(100 + brighter);
        let more = format!(r#","match":{level}"#);
        let outcome = look(&[area(33, 364, 15, 17, &more)], &picture, &screen, 0.0);
        assert_eq!(outcome.ok, ok, "{level} {brighter}");
    }
}

/// Cases 14, 16, 21: several areas, of which one is not there, is no match; the others are told all the same.
#[test]
fn every_area_is_needed_and_every_area_is_told() {
    let both =
        ground(240).with_filled(&[word(100, 100, 12, 8, 20), word(500, 500, 12, 9, 20)].concat());
    let one = ground(240).with_filled(&word(100, 132, 12, 8, 20));
    let areas = [area(98, 98, 112, 16, ""), area(498, 498, 112, 16, "")];
    assert!(look(&areas, &both, &both, 0.0).ok);
    let outcome = look(&areas, &both, &one, 0.0);
    assert!(!outcome.ok);
    assert_eq!((outcome.areas[0].ok, outcome.areas[1].ok), (true, false));
    assert_eq!(places(&outcome)[0], (98, 130));
    assert!(
        (outcome.error - (1.0 - outcome.areas[1].similarity.value()).powi(2) / 2.0).abs() < 1e-12
    );
}

/// Cases 24, 32: an area inside another, and clicks that follow where the last one with a click point was found.
#[test]
fn clicks_go_to_the_click_point_of_where_the_area_was_found() {
    let row = |x: i32| ground(250).with_filled(&word(x, 261, 26, 10, 10));
    let areas = [
        area(
            310,
            259,
            241,
            16,
            r#","click_point":{"xpos":"20.5","ypos":4,"id":"mark"}"#,
        ),
        area(
            310,
            259,
            100,
            16,
            r#","click_point":{"xpos":2,"ypos":4.75,"id":"name"}"#,
        ),
    ];
    let outcome = look(&areas, &row(312), &row(330), 0.0);
    assert!(outcome.ok);
    assert_eq!(outcome.click_point(None), Ok(Point { x: 330, y: 263 }));
    assert_eq!(
        outcome.click_point(Some("mark")),
        Ok(Point { x: 348, y: 263 })
    );
    assert!(outcome.click_point(Some("other")).is_err());
    let center = look(
        &[area(310, 259, 241, 15, r#","click_point":"center""#)],
        &row(312),
        &row(312),
        0.0,
    );
    assert_eq!(center.click_point(None), Ok(Point { x: 430, y: 266 }));
}

/// The three files that upstream's test refuses: two points without ids, and two of which one has none.
#[test]
fn several_click_points_need_ids() {
    let point = |more: &str| area(0, 0, 9, 9, &format!(r#","click_point":{more}"#));
    for points in [
        [
            point(r#"{"xpos":1,"ypos":1}"#),
            point(r#"{"xpos":2,"ypos":2}"#),
        ],
        [
            point(r#"{"xpos":1,"ypos":1,"id":"a"}"#),
            point(r#"{"xpos":2,"ypos":2}"#),
        ],
        [
            point(r#""center""#),
            point(r#"{"xpos":2,"ypos":2,"id":"a"}"#),
        ],
    ] {
        let json = format!(r#"{{"area":[{}]}}"#, points.join(","));
        assert!(Needle::from_json("n", json.as_bytes()).is_err(), "{json}");
    }
}

/// Case 25: a ratio of 0.7 finds a window that has moved, but not what is written in it.
#[test]
fn a_window_that_moved_is_found_and_its_changed_title_is_not() {
    let window = |x: i32, title: u32| {
        let frame = Rect::new(x, 120, 260, 200);
        let strokes = [
            vec![(frame, Colour::new(60, 60, 60))],
            word(x + 120, 126, 4, title, 220),
            word(x + 8, 160, 25, 12, 200),
        ];
        ground(130).with_filled(&strokes.concat())
    };
    let areas = [area(40, 150, 261, 171, ""), area(158, 122, 44, 20, "")];
    let outcome = look(&areas, &window(40, 11), &window(440, 99), 0.7);
    assert_eq!(
        (outcome.ok, outcome.areas[0].ok, outcome.areas[1].ok),
        (false, true, false)
    );
    assert_eq!(places(&outcome)[0], (440, 150));
}

/// Cases 29, 30: the better fit wins, and a workaround wins where both fit as well.
#[test]
fn the_better_fit_wins_and_among_equals_the_workaround() {
    let screen =
        ground(90).with_filled(&[word(20, 446, 5, 13, 250), word(540, 447, 4, 14, 250)].concat());
    let blurred = screen.with_filled(&[(Rect::new(536, 445, 2, 19), Colour::new(108, 108, 108))]);
    let areas = [area(18, 444, 54, 18, ""), area(536, 445, 47, 19, "")].join(",");
    let json = |properties: &str| {
        format!(r#"{{"tags":["login"],"properties":[{properties}],"area":[{areas}]}}"#)
    };
    let perfect = PreparedNeedle::new(needle("perfect", &json("")), &screen);
    let imperfect = PreparedNeedle::new(needle("imperfect", &json("")), &blurred);
    let workaround = PreparedNeedle::new(
        needle("workaround.imperfect", &json(r#""workaround""#)),
        &blurred,
    );
    let frame = PreparedFrame::new(screen);
    let name = |needles: &[&PreparedNeedle]| {
        let ranking = best(needles, &frame, SearchRatio::MARGIN);
        let quick = passing(needles, &frame, SearchRatio::MARGIN)
            .into_iter()
            .next();
        assert_eq!(ranking.matched.as_ref(), quick.as_ref());
        ranking.matched.unwrap().needle.name().to_owned()
    };
    assert_eq!(name(&[&imperfect, &workaround, &perfect]), "perfect");
    assert_eq!(name(&[&imperfect, &workaround]), "workaround.imperfect");
}

/// Case 31: how many needles carry these tags.
#[test]
fn tags_select_as_upstreams_test_counts() {
    let tagged = |name: &str, tags: &str| {
        Needle::from_json(
            name,
            format!(r#"{{"tags":[{tags}],"area":[{}]}}"#, area(0, 0, 1, 1, "")).as_bytes(),
        )
        .unwrap()
    };
    let set = NeedleSet::new([
        tagged("test_tag1", r#""none","tag1""#),
        tagged("test_tag2", r#""none","tag1","tag2""#),
        tagged("test_tag3", r#""none","tag2""#),
    ]);
    for (asked, count) in [
        ("none", 3),
        ("tag1", 2),
        ("tag2", 2),
        ("tag1 tag2", 1),
        ("tag2 tag3", 0),
    ] {
        assert_eq!(set.select(&[split_tags(asked)]).len(), count, "{asked}");
    }
}

/// Case 33: where a workaround's reason comes from.
#[test]
fn a_workaround_has_its_reason_from_its_value_or_its_name() {
    let json = |properties: &str| {
        format!(
            r#"{{"properties":[{properties}],"area":[{}]}}"#,
            area(0, 0, 1, 1, "")
        )
    };
    let reason = |name: &str, properties: &str| {
        needle(name, &json(properties))
            .workaround()
            .unwrap()
            .reason
            .clone()
    };
    assert_eq!(
        reason("check-workaround-bsc1234567-20190522", r#""workaround""#),
        Some("bsc#1234567".to_owned())
    );
    assert_eq!(
        reason("check", r#"{"name":"workaround","value":"a slow disk"}"#),
        Some("a slow disk".to_owned())
    );
    assert_eq!(reason("check", r#"{"name":"workaround"}"#), None);
}

/// Case 34: an icon searched on a whole screen as one area, at 80 % within a million pixels.
#[test]
fn an_icon_is_found_anywhere_on_the_screen() {
    let icon = |x: i32, y: i32| {
        ground(70).with_filled(&[
            (Rect::new(x, y, 40, 40), Colour::new(30, 90, 200)),
            (Rect::new(x + 10, y + 6, 20, 28), Colour::new(250, 250, 250)),
        ])
    };
    let more = r#","match":80,"margin":1000000"#;
    let outcome = look(
        &[area(0, 0, 60, 60, more)],
        &icon(10, 10),
        &icon(765, 431),
        0.0,
    );
    assert!(outcome.ok);
    assert_eq!(places(&outcome), [(755, 421)]);
    let absent = look(
        &[area(0, 0, 60, 60, more)],
        &icon(10, 10),
        &ground(200),
        0.0,
    );
    assert_eq!(
        (absent.ok, absent.areas[0].similarity.value()),
        (false, 0.0)
    );
}
