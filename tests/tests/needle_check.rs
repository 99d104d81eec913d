//! `qa needle check`.

use qa_tests::{Badge, Fake, Qa, Screen};
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
            .stdout("2 needles: 0 errors, 0 warnings\n")
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
        .stdout_has("needles/login.json: area 1 has transparent pixels")
        .exit_code(2);
    outcome
        .then()
        .args(["check"])
        .stdout_has("area 1 has transparent pixels")
        .exit_code(0);
}

#[test]
fn two_needles_that_match_each_others_picture_are_found_once() {
    pair(json!([]))
        .args(["needle", "check", "needles"])
        .stdout(
            "\
error: pairs of needles with a common tag that match each other's picture: 1
  needles/part.json: this needle and `whole` match each other's picture: remove one of them, or, if one is a part of \
the other on purpose, write \"properties\": [\"part-of:whole\"]
2 needles: 1 errors, 0 warnings
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
            .stdout("2 needles: 0 errors, 0 warnings\n")
            .exit_code(0);
    }
}

#[test]
fn a_part_of_what_is_not_there_is_a_problem() {
    let qa = pair(json!(["part-of:whole", "part-of:gone", "part-of:other"])).needles(["other"]);
    qa.args(["needle", "check", "needles"])
        .stdout(
            "\
warning: `part-of` that are not true: 2
  needles/part.json: `part-of:gone` names a needle that does not exist
  needles/part.json: `part-of:other`: this needle does not match the picture of `other`
3 needles: 0 errors, 2 warnings
",
        )
        .exit_code(0)
        .then()
        .args(["needle", "check", "--strict", "needles"])
        .any_stdout()
        .exit_code(2);
}

/// A needle of one badge on a screen of its own.
fn lonely(qa: Qa, name: &str, json: Value, png: &[u8]) -> Qa {
    qa.file(&format!("needles/{name}.json"), json.to_string())
        .file(&format!("needles/{name}.png"), png)
}

#[test]
fn a_tag_that_most_needles_have_makes_no_pairs() {
    let mut qa = needle(qa(), "part", json!([]), &["login"], &["product", "user"]);
    qa = needle(
        qa,
        "whole",
        json!([]),
        &["login", "clock"],
        &["product", "clock"],
    );
    for word in ["one", "two", "three", "four"] {
        let mut json = Badge::of(word).needle();
        json["tags"] = json!(["product", word]);
        qa = lonely(qa, word, json, &Screen::of(word).png());
    }
    qa.args(["needle", "check", "needles"])
        .stdout("6 needles: 0 errors, 0 warnings\n")
        .exit_code(0);
}

#[test]
fn findings_are_grouped_and_those_that_matter_come_first() {
    let png = Screen::of("login").png();
    let mut covered = Badge::of("login").needle();
    covered["tags"] = json!(["covered"]);
    let rect = covered["area"][0].clone();
    let half = |x: u64| {
        let mut exclude = rect.clone();
        exclude["type"] = json!("exclude");
        exclude["xpos"] = json!(rect["xpos"].as_u64().unwrap() + x);
        exclude["width"] = json!(24);
        exclude
    };
    covered["area"] = json!([rect, half(0), half(24)]);
    let mut qa = lonely(qa(), "covered", covered, &png);
    let mut outside = Badge::of("login").needle();
    outside["tags"] = json!(["outside"]);
    outside["area"]
        .as_array_mut()
        .unwrap()
        .push(json!({"xpos": 150, "ypos": 0, "width": 20, "height": 9, "type": "exclude"}));
    qa = lonely(qa, "outside", outside, &png);
    let mut cut = Badge::of("login").needle();
    cut["tags"] = json!(["outside"]);
    qa = lonely(qa, "cut", cut, &png[..png.len() / 2]);
    for n in 0..7 {
        let mut double = Badge::of("login").needle();
        double["tags"] = json!([format!("double-{n}"), format!("double-{n}")]);
        qa = lonely(qa, &format!("double-{n}"), double, &png);
    }
    let said = qa
        .args(["needle", "check", "needles"])
        .any_stdout()
        .exit_code(2);
    let lines: Vec<&str> = said.stdout().lines().collect();
    assert_eq!(lines[0], "error: needles that cannot be read: 1");
    assert!(lines[1].starts_with("  needles/cut.json: "), "{lines:?}");
    assert_eq!(
        lines[2..],
        [
            "error: needles that match anything, or anything flat: 1",
            "  needles/covered.json: area 1 is wholly covered by exclude areas, so it matches anything",
            "warning: areas or texts that decide nothing: 1",
            "  needles/outside.json: area 2 of type `exclude` (150,0 20x9) is not inside the picture of 160x120 and is \
             ignored",
            "warning: tags with a mistake: 7",
            "  needles/double-0.json: tag `double-0` is listed twice",
            "  needles/double-1.json: tag `double-1` is listed twice",
            "  needles/double-2.json: tag `double-2` is listed twice",
            "  needles/double-3.json: tag `double-3` is listed twice",
            "  needles/double-4.json: tag `double-4` is listed twice",
            "  and 2 more; --all shows them",
            "10 needles: 2 errors, 8 warnings",
        ]
    );
    said.then()
        .args(["needle", "check", "needles", "--all"])
        .stdout_has("  needles/double-6.json: tag `double-6` is listed twice\n")
        .exit_code(2);
}

#[test]
fn a_needle_that_is_only_read_needs_tesseract() {
    let json = |text: &str| {
        json!({
            "area": [{"xpos": 16, "ypos": 16, "width": 48, "height": 32, "type": "ocr", "refstr": text}],
            "properties": [], "tags": ["login"],
        })
    };
    let png = Screen::of("login").png();
    let project = || lonely(qa(), "login", json("Log in"), &png);
    let reads = |qa: Qa| qa.program("tesseract", "while read -r x; do :; done\necho 'Log  in'");
    project()
        .args(["needle", "check", "needles"])
        .stdout_has("needle `login` has only text to read, and tesseract is not installed")
        .exit_code(2);
    reads(project())
        .args(["needle", "check", "needles"])
        .stdout("1 needles: 0 errors, 0 warnings\n")
        .exit_code(0);
    reads(lonely(qa(), "login", json("Log out"), &png))
        .args(["needle", "check", "needles"])
        .stdout_has("its own picture: area 1 must say `Log out`, but says `Log  in`")
        .exit_code(2);
    // A run clicks the middle of the text. Without tesseract, another needle of the tag is used.
    reads(project())
        .steps("s", "- click: login")
        .machine(Fake::shows(&Screen::of("login")))
        .args(["run", "s"])
        .exit_code(0);
    let mut box_needle = Badge::of("login-box").needle();
    box_needle["tags"] = json!(["login"]);
    let other = lonely(project(), "box", box_needle, &Screen::of("login-box").png())
        .steps("s", "- see: login")
        .machine(Fake::shows(&Screen::of("login-box")))
        .args(["run", "s"])
        .exit_code(0);
    let notes = other.notes();
    assert!(
        notes.len() == 1 && notes[0].starts_with("left out: needle `login` has only text"),
        "{notes:?}"
    );
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
        "severity": "error",
        "kind": "never-found",
        "file": "needles/login.json",
        "problem": "area 1 (140,16 48x32) is not inside the picture of 160x120",
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
        outcome
            .stdout()
            .ends_with("needles: 0 errors, 0 warnings\n"),
        "{}",
        outcome.stdout()
    );
}

#[test]
fn needles_of_one_name_are_told_with_the_other_path() {
    let json = Badge::of("login").needle().to_string();
    let mut second = Badge::of("desktop").needle();
    second["tags"] = json!(["desktop"]);
    qa().file("needles/login.json", json)
        .file("needles/login.png", Screen::of("login").png())
        .file("needles/more/login.json", second.to_string())
        .file("needles/more/login.png", Screen::of("desktop").png())
        .args(["needle", "check", "needles"])
        .stdout(
            "\
warning: names that several needles have: 1
  needles/more/login.json: `needles/login.json` has the same name; reports name needles, so rename the files of one
2 needles: 0 errors, 1 warnings
",
        )
        .exit_code(0);
}
