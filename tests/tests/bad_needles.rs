//! Broken needles: found by `qa check`, named with their file, and no end of anything else.

use qa_tests::{Badge, Fake, Qa, Screen};

use crate::qa;

/// A project whose scenario looks for `login`, whose needle is broken.
fn broken(json: &str, png: Option<&[u8]>) -> Qa {
    let qa = qa()
        .steps("s", "- see: login")
        .file("needles/login.json", json);
    match png {
        Some(png) => qa.file("needles/login.png", png),
        None => qa,
    }
}

/// Checks that a scenario runs that does not look for this broken needle.
fn stops_nobody(json: &str, png: Option<&[u8]>) {
    broken(json, png)
        .steps("s", "- see: desktop")
        .needles(["desktop"])
        .machine(Fake::shows(&Screen::of("desktop")))
        .args(["run", "s"])
        .exit_code(0);
}

fn good_json() -> String {
    Badge::of("login").needle().to_string()
}

fn good_png() -> Vec<u8> {
    Screen::of("login").png()
}

/// A PNG that claims to be of this size and has nothing behind its header.
fn claimed(width: u32, height: u32) -> Vec<u8> {
    let mut png = good_png();
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// The checksum of PNG chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 {
                sum >> 1 ^ 0xedb8_8320
            } else {
                sum >> 1
            }
        })
    })
}

#[test]
fn each_kind_of_broken_needle_is_named_by_check() {
    let outside = good_json().replace("\"xpos\":16", "\"xpos\":140");
    let truncated = &good_png()[..60];
    let rows: [(Qa, &[&str]); 6] = [
        (
            broken("{\"area\": [", Some(&good_png())),
            &["needles/login.json"],
        ),
        (broken(&good_json(), None), &["login.png"]),
        (
            broken(&good_json(), Some(&claimed(20_000, 20_000))),
            &["login", "20000"],
        ),
        (broken(&good_json(), Some(truncated)), &["login"]),
        (broken(&good_json(), Some(b"GIF89a")), &["login"]),
        (
            broken(&outside, Some(&good_png())),
            &["login", "is not inside the picture"],
        ),
    ];
    for (qa, parts) in rows {
        let outcome = qa.args(["check"]).any_stdout().exit_code(2);
        for part in parts {
            assert!(
                outcome.stdout().contains(part),
                "no `{part}` in: {}",
                outcome.stdout()
            );
        }
        assert!(
            outcome.stdout().contains("1 scenario, 1 needle: "),
            "{}",
            outcome.stdout()
        );
    }
}

/// Returns forms of the login needle's JSON that can never be found, or always are, and the words for each.
fn hopeless() -> [(String, &'static str); 5] {
    let outside = good_json().replace("\"xpos\":16", "\"xpos\":140");
    let area = r#""type":"match""#;
    let unreachable = good_json().replace(area, r#""type":"match","match":960"#);
    let always = good_json().replace(area, r#""type":"match","match":-5"#);
    let empty = good_json().replace("\"width\":48", "\"width\":0");
    let mut covered: serde_json::Value = serde_json::from_str(&good_json()).unwrap();
    let mut exclude = covered["area"][0].clone();
    exclude["type"] = "exclude".into();
    covered["area"].as_array_mut().unwrap().push(exclude);
    [
        (outside, "is not inside the picture"),
        (
            unreachable,
            "needs 960 %, and more than 100 % is never reached",
        ),
        (always, "the needle is always found"),
        (empty, "has no pixels"),
        (covered.to_string(), "is wholly covered by exclude area 2"),
    ]
}

#[test]
fn a_needle_that_can_never_be_found_is_refused_by_check_and_by_run_alike() {
    for (json, words) in hopeless() {
        for call in [&["check"][..], &["run", "s"]] {
            let outcome = broken(&json, Some(&good_png()))
                // Another needle of the tag is no excuse: the mistake is in what is about to be used.
                .file("needles/other.json", good_json())
                .file("needles/other.png", good_png())
                .machine(Fake::shows(&Screen::of("login")))
                .args(call.iter().copied())
                .any_stdout()
                .exit_code(2);
            let said = format!("{}{}", outcome.stdout(), outcome.stderr());
            assert!(said.contains(words), "no `{words}` in: {said}");
            assert_eq!(outcome.journal().pids(), [0_u32; 0]);
        }
    }
}

#[test]
fn a_needle_that_can_never_be_found_and_is_not_looked_for_stops_nobody() {
    for (json, _) in hopeless() {
        stops_nobody(&json, Some(&good_png()));
    }
}

#[test]
fn a_needle_whose_picture_is_cut_off_is_left_out_where_another_has_its_tag() {
    let png = good_png();
    let qa = || broken(&good_json(), Some(&png[..png.len() / 2]));
    let outcome = qa()
        .file("needles/other.json", good_json())
        .file("needles/other.png", good_png())
        .machine(Fake::shows(&Screen::of("login")))
        .args(["run", "s"])
        .exit_code(0);
    let notes = outcome.notes();
    assert!(
        notes.len() == 1
            && notes[0].starts_with("left out: needle `login`: picture `")
            && notes[0].contains("needles/login.png`: "),
        "{notes:?}"
    );
    outcome
        .then()
        .args(["check"])
        .stdout_has("needles/login.png")
        .stdout_has("0 errors")
        .exit_code(0);
    let alone = qa().args(["run", "s"]).exit_code(2);
    assert!(
        alone.stderr().contains("no needle carries the tag `login`")
            && alone.stderr().contains("needles/login.png"),
        "{}",
        alone.stderr()
    );
    assert_eq!(alone.journal().pids(), [0_u32; 0]);
}

#[test]
fn a_needle_whose_file_is_broken_is_left_out_where_another_has_its_tag() {
    let no_number = good_json().replace("\"xpos\":16", "\"xpos\":\"ten\"");
    let no_area = good_json().replace("\"match\"", "\"exclude\"");
    // What is known of the first needles is their tag: `qa check` warns. Of one that is cut off not even that.
    for (json, png, status) in [
        (good_json(), None, 0),
        (good_json(), Some(&b""[..]), 0),
        (no_number, Some(&good_png()), 0),
        (no_area, Some(&good_png()), 0),
        ("{\"area\": [".to_owned(), Some(&good_png()), 2),
    ] {
        let outcome = broken(&json, png)
            .file("needles/other.json", good_json())
            .file("needles/other.png", good_png())
            .machine(Fake::shows(&Screen::of("login")))
            .args(["run", "s"])
            .any_stderr()
            .exit_code(0);
        let notes = outcome.notes();
        assert!(
            notes.len() == 1 && notes[0].starts_with("left out: needle `login`"),
            "{notes:?}"
        );
        outcome
            .then()
            .args(["check"])
            .stdout_has("needles/login.json")
            .exit_code(status);
    }
}

#[test]
fn a_project_without_a_folder_of_needles_is_fine_until_a_step_looks_for_one() {
    for needles in ["", "needles: [needles]\n"] {
        let project =
            format!("{needles}images: {{ disk: {{ path: disk.img, machine: bios-x86_64 }} }}\n");
        let qa = qa().project(&project).steps("s", "- note: x");
        std::fs::remove_dir_all(qa.root().join("needles")).unwrap();
        let outcome = qa
            .args(["check"])
            .stdout("1 scenario, 0 needles: 0 errors, 0 warnings\n")
            .exit_code(0);
        outcome
            .then()
            .steps("s", "- see: login")
            .args(["check"])
            .stdout_has("no needle carries the tag `login`")
            .exit_code(2);
    }
    // Another name is one that somebody has mistyped.
    qa().project(
        "needles: [neeldes]\nimages: { disk: { path: disk.img, machine: bios-x86_64 } }\n",
    )
    .steps("s", "- note: x")
    .args(["check"])
    .stdout_has("neeldes")
    .exit_code(2);
}

#[test]
fn a_scenario_that_needs_a_broken_needle_is_not_run() {
    for qa in [
        broken("{", Some(&good_png())),
        broken(&good_json(), None),
        broken(&good_json(), Some(&claimed(20_000, 20_000))),
    ] {
        let outcome = qa
            .machine(Fake::shows(&Screen::of("login")))
            .args(["run", "s"])
            .exit_code(2);
        assert!(outcome.stderr().contains("login"), "{}", outcome.stderr());
        assert_eq!(outcome.journal().pids(), [0_u32; 0]);
    }
}

#[test]
fn a_broken_needle_that_nobody_needs_stops_nobody() {
    stops_nobody("{", None);
}

#[test]
fn needle_check_says_the_same_of_a_folder() {
    broken(&good_json(), None)
        .args(["needle", "check", "needles"])
        .stdout_has("login")
        .exit_code(2);
    qa().needles(["login"])
        .args(["needle", "check", "needles"])
        .any_stdout()
        .exit_code(0);
}

#[test]
fn an_unused_needle_is_a_warning() {
    qa().steps("s", "- note: x")
        .needles(["login"])
        .args(["check"])
        .stdout_has("login")
        .stdout_has("0 errors")
        .exit_code(0);
    qa().steps("s", "- note: x")
        .needles(["login"])
        .args(["check", "--strict"])
        .stdout_has("login")
        .exit_code(2);
}
