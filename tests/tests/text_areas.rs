//! Areas whose text decides, over a tesseract that is a script.

use qa_tests::{Badge, Fake, Qa, Screen};
use reports::{Event, TextResult, Verdict};
use serde_json::{Value, json};

use crate::qa;

/// A needle for a badge, which must say this besides.
fn saying(qa: Qa, word: &str, tag: &str, text: Value) -> Qa {
    let mut needle = Badge::of(word).needle();
    needle["tags"] = json!([tag]);
    needle["area"][0]["qa"] = json!({ "text": text });
    let name = format!("needles/{word}-{}", text.to_string().len());
    qa.file(&format!("{name}.json"), needle.to_string())
        .file(&format!("{name}.png"), Screen::of(word).png())
}

/// A tesseract that reads this, once it has the picture.
fn reads(qa: Qa, text: &str) -> Qa {
    qa.program(
        "tesseract",
        &format!("while read -r x; do :; done\necho '{text}'"),
    )
}

fn login() -> Qa {
    qa().machine(Fake::shows(&Screen::of("login")))
}

#[test]
fn a_needle_is_there_when_its_text_is_and_not_when_it_is_another() {
    let outcome = reads(
        saying(login(), "login", "login", json!("Log in")),
        "Please  Log in",
    )
    .steps("s", "- see: login")
    .args(["run", "s"])
    .exit_code(0);
    let matched = outcome.last_evidence().look.unwrap().matched.unwrap();
    assert_eq!(matched.texts[0].wanted, "`Log in`");
    let read = "Please  Log in".to_owned();
    assert_eq!(matched.texts[0].result, TextResult::Fits { read });

    let outcome = reads(
        saying(login(), "login", "login", json!("Log in")),
        "Log out",
    )
    .steps("s", "- see: { needle: login, within: 20ms }")
    .args(["run", "s"])
    .exit_code(1);
    assert_eq!(outcome.verdict("s").0, Verdict::Failed);
    let nearest = outcome.last_evidence().look.unwrap().candidates.remove(0);
    let read = "Log out".to_owned();
    assert_eq!(nearest.texts[0].result, TextResult::Differs { read });
    assert!(nearest.areas[0].ok);
    let said = "area 1 must say `Log in`, but says `Log out`";
    assert!(outcome.stdout().contains(said), "{}", outcome.stdout());
    assert!(outcome.file("report.html").contains(said));
    assert!(outcome.file("junit.xml").contains(said));
}

#[test]
fn of_needles_that_look_alike_the_one_with_the_right_text_matches() {
    let qa = saying(
        login(),
        "login",
        "version",
        json!({ "regex": "^Version 1[0-9]$" }),
    );
    let outcome = reads(
        saying(qa, "login", "version", json!("Version 2")),
        "Version 12",
    )
    .steps("s", "- see: version")
    .args(["run", "s"])
    .exit_code(0);
    let matched = outcome.last_evidence().look.unwrap().matched.unwrap();
    assert_eq!(matched.texts[0].wanted, "/^Version 1[0-9]$/");
}

#[test]
fn without_tesseract_a_text_is_skipped_and_every_report_says_why() {
    let outcome = saying(login(), "login", "login", json!("Log in"))
        .steps("s", "- see: login")
        .args(["run", "s"])
        .exit_code(0);
    let said = "area 1 must say `Log in`: skipped: tesseract is not installed";
    let notes = outcome
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Note { text, .. } => Some(text),
            _ => None,
        });
    let notes: Vec<_> = notes.collect();
    assert!(notes.len() == 1 && notes[0].contains(said), "{notes:?}");
    assert!(outcome.file("report.html").contains(said));
    let matched = outcome.last_evidence().look.unwrap().matched.unwrap();
    assert!(
        matches!(matched.texts[0].result, TextResult::Skipped { .. }),
        "{matched:?}"
    );
}

#[test]
fn a_tesseract_that_fails_is_an_error_of_the_host() {
    let outcome = saying(login(), "login", "login", json!("Log in"))
        .program("tesseract", "echo 'no language data' >&2; exit 1")
        .steps("s", "- see: login")
        .args(["run", "s"])
        .exit_code(3);
    let cause = outcome.cause("s");
    assert!(cause.message.ends_with("no language data"), "{cause:?}");
}

#[test]
fn needle_match_reads_texts_too() {
    let shot = |qa: Qa| {
        saying(qa, "login", "login", json!("Log in"))
            .file("shot.png", Screen::of("login").png())
            .file("cases", "shot.png\tneedles/login-8.json\t0\n")
    };
    reads(shot(qa()), "Log in")
        .args(["needle", "match", "shot.png"])
        .stdout(
            "\
match  login-8
         area 1: 1.0000 of 0.96 at 16,16 48x32
         area 1 must say `Log in`: it says `Log in`
",
        )
        .exit_code(0);
    let outcome = reads(shot(qa()), "Log out")
        .args(["needle", "match", "shot.png", "--format", "json"])
        .any_stdout()
        .exit_code(1);
    let line: Value = serde_json::from_str(outcome.stdout()).unwrap();
    let expected =
        json!([{"area": 1, "wanted": "`Log in`", "result": "differs", "read": "Log out"}]);
    assert_eq!((&line["ok"], &line["texts"]), (&json!(false), &expected));
    let outcome = shot(qa())
        .args(["needle", "match", "--batch", "cases"])
        .any_stdout()
        .stderr_has("searches=1 matching=")
        .exit_code(0);
    let line: Value = serde_json::from_str(outcome.stdout()).unwrap();
    assert_eq!(
        (&line["ok"], &line["texts"][0]["result"]),
        (&json!(true), &json!("skipped"))
    );
}

#[test]
fn needle_check_reads_each_needles_own_picture() {
    reads(saying(qa(), "login", "login", json!("Log in")), "Log out")
        .args(["needle", "check", "needles"])
        .stdout(
            "\
error: needles that are never found: 1
  needles/login-8.json: its own picture: area 1 must say `Log in`, but says `Log out`
1 needles: 1 errors, 0 warnings
",
        )
        .exit_code(2);
    saying(qa(), "login", "login", json!("Log in"))
        .args(["needle", "check", "needles"])
        .stdout("1 needles: 0 errors, 0 warnings\n")
        .stderr_has("1 texts were not read: tesseract is not installed")
        .exit_code(0);
}
