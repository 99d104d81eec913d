//! `qa needle check`.

use qa_tests::{Badge, Qa, Screen};
use serde_json::{Value, json};

use crate::qa;

/// A needle that shows one badge and, where `both`, a second one, of which it matches `areas`.
fn needle(qa: Qa, name: &str, properties: Value, areas: &[&str], tags: &[&str]) -> Qa {
    let screen = Screen::of("login").badge("clock", 90, 60);
    let area = |word: &&str| {
        let mut badge = Badge::of(word);
        if *word == "clock" {
            (badge.x, badge.y) = (90, 60);
        }
        badge.needle()["area"][0].clone()
    };
    let json = json!({
        "area": areas.iter().map(area).collect::<Vec<_>>(), "properties": properties, "tags": tags,
    });
    qa.file(&format!("needles/{name}.json"), json.to_string())
        .file(&format!("needles/{name}.png"), screen.png())
}

/// Two needles of one tag, cut from one screen.
fn pair(properties: Value) -> Qa {
    tagged(properties, [&["login"], &["login"]])
}

fn tagged(properties: Value, tags: [&[&str]; 2]) -> Qa {
    let qa = needle(qa(), "part", properties, &["login"], tags[0]);
    needle(qa, "whole", json!([]), &["login", "clock"], tags[1])
}

#[test]
fn needles_that_are_cut_from_one_screen_for_different_things_are_no_problem() {
    for tags in [
        [&["user"][..], &["clock"][..]],
        // What openQA calls an environment is no thing to look for.
        [&["user", "ENV-DISTRI-x"], &["clock", "ENV-DISTRI-x"]],
    ] {
        tagged(json!([]), tags)
            .args(["needle", "check", "needles"])
            .stdout("2 needles, 0 problems\n")
            .exit_code(0);
    }
}

#[test]
fn transparent_pixels_in_an_area_are_found() {
    let screen = image::load_from_memory(&Screen::of("login").png()).unwrap();
    let mut seen_through = screen.to_rgba8();
    seen_through.get_pixel_mut(20, 20).0[3] = 0;
    let mut png = std::io::Cursor::new(Vec::new());
    seen_through
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let qa = qa()
        .steps("s", "- see: login")
        .file(
            "needles/login.json",
            Badge::of("login").needle().to_string(),
        )
        .file("needles/login.png", png.into_inner());
    let outcome = qa
        .args(["needle", "check", "needles"])
        .stdout_has("needles/login.json: area 0 has transparent pixels")
        .exit_code(2);
    outcome
        .then()
        .args(["check"])
        .stdout_has("area 0 has transparent pixels")
        .exit_code(0);
}

#[test]
fn two_needles_that_match_each_others_picture_are_found_once() {
    pair(json!([]))
        .args(["needle", "check", "needles"])
        .stdout(
            "\
needles/part.json: this needle and `whole` match each other's picture: remove one of them, or, if one is a part of \
the other on purpose, write \"properties\": [\"part-of:whole\"]
2 needles, 1 problems
",
        )
        .exit_code(2);
}

#[test]
fn a_needle_that_says_it_is_a_part_of_another_is_no_problem() {
    for properties in [
        json!(["part-of:whole"]),
        json!([{"name": "part-of", "value": "whole"}]),
    ] {
        pair(properties)
            .args(["needle", "check", "needles"])
            .stdout("2 needles, 0 problems\n")
            .exit_code(0);
    }
}

#[test]
fn a_part_of_what_is_not_there_is_a_problem() {
    let qa = pair(json!(["part-of:whole", "part-of:gone", "part-of:other"])).needles(["other"]);
    qa.args(["needle", "check", "needles"])
        .stdout(
            "\
needles/part.json: `part-of:gone` names a needle that does not exist
needles/part.json: `part-of:other`: this needle does not match the picture of `other`
3 needles, 2 problems
",
        )
        .exit_code(2);
}

#[test]
fn findings_for_programs_have_a_line_each() {
    let outside = Badge::of("login")
        .needle()
        .to_string()
        .replace("\"xpos\":16", "\"xpos\":140");
    let outcome = qa()
        .file("needles/login.json", outside)
        .file("needles/login.png", Screen::of("login").png())
        .args(["needle", "check", "needles", "--format", "json"])
        .any_stdout()
        .exit_code(2);
    let line: Value = serde_json::from_str(outcome.stdout()).unwrap();
    let expected = json!({
        "file": "needles/login.json",
        "problem": "area 0 (140,16 48x32) is not inside the picture of 160x120",
    });
    assert_eq!(line, expected);
}

#[test]
fn the_needles_of_this_repository_have_no_problem() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../needles");
    let outcome = qa()
        .args(["needle", "check", folder])
        .any_stdout()
        .exit_code(0);
    assert!(
        outcome.stdout().ends_with("needles, 0 problems\n"),
        "{}",
        outcome.stdout()
    );
}
