//! Texts on the frame: which are read, and how they decide.

use std::sync::Arc;

use super::*;
use crate::needle::{Needle, SearchRatio};
use crate::picture::Picture;
use crate::rect::Rect;

fn outcome() -> Outcome {
    let rgb = (0..64 * 48 * 3_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
    let picture = Picture::from_rgb(64, 48, rgb.collect()).unwrap();
    let json = br#"{"area":[
        {"xpos":4,"ypos":5,"width":20,"height":10,"qa":{"text":"Log in"}},
        {"xpos":40,"ypos":5,"width":8,"height":8,"type":"ocr","qa":{"text":{"regex":"^4[0-9]$"}}},
        {"xpos":50,"ypos":40,"width":20,"height":20,"type":"ocr","qa":{"text":"cut","anchor":true}},
        {"xpos":80,"ypos":5,"width":8,"height":8,"type":"ocr","qa":{"text":"beyond"}},
        {"xpos":1,"ypos":1,"width":8,"height":8,"type":"ocr"}]}"#;
    let needle = Needle::from_json("n", json).unwrap();
    let prepared = PreparedNeedle::new(Arc::new(needle), &picture);
    find(&prepared, &PreparedFrame::new(picture), SearchRatio::MARGIN)
}

#[test]
fn texts_are_to_be_read_where_they_are_and_beyond_the_frame_there_are_none() {
    let outcome = outcome();
    let places: Vec<_> = outcome
        .texts
        .iter()
        .map(|text| (text.area, text.place))
        .collect();
    let expected = [
        (0, Rect::new(4, 5, 20, 10)),
        (1, Rect::new(40, 5, 8, 8)),
        (2, Rect::new(50, 40, 14, 8)),
        (3, Rect::new(80, 5, 8, 8)),
    ];
    assert_eq!(places, expected);
    let beyond = TextReading::Differs {
        read: String::new(),
    };
    assert_eq!(outcome.texts[3].reading, beyond);
    assert!(!outcome.ok);
    assert_eq!(outcome.texts_to_read(), []);
}

#[test]
fn a_text_that_differs_fails_the_needle_and_one_that_is_skipped_decides_nothing() {
    let mut outcome = outcome();
    outcome.texts.pop();
    outcome.ok = true;
    assert_eq!(outcome.texts_to_read().len(), 3);
    outcome.take_text(0, Ok("Please\nLog in".to_owned()));
    outcome.take_text(2, Err("nobody can read here".to_owned()));
    assert!(outcome.ok);
    assert_eq!(outcome.texts_to_read(), [(1, Rect::new(40, 5, 8, 8))]);
    outcome.take_text(1, Ok("142".to_owned()));
    assert!(!outcome.ok);
    let readings: Vec<_> = outcome
        .texts
        .iter()
        .map(|text| text.reading.clone())
        .collect();
    let expected = [
        TextReading::Fits {
            read: "Please\nLog in".to_owned(),
        },
        TextReading::Differs {
            read: "142".to_owned(),
        },
        TextReading::Skipped {
            reason: "nobody can read here".to_owned(),
        },
    ];
    assert_eq!(readings, expected);
    outcome.take_text(9, Ok(String::new()));
}
