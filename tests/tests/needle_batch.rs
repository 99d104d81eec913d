//! `qa needle match --batch`: what is matched in another order is told in that of the file.

use qa_tests::Screen;
use serde_json::Value;

use crate::qa;

#[test]
fn lines_come_out_as_they_went_in() {
    let cases = [
        ("one.png", "one", Some(true)),
        ("two.png", "one", Some(false)),
        ("one.png", "two", Some(false)),
        ("gone.png", "one", None),
        ("two.png", "two", Some(true)),
        ("one.png", "gone", None),
        ("gone.png", "two", None),
        ("one.png", "one", Some(true)),
    ];
    let lines =
        cases.map(|(screenshot, needle, _)| format!("{screenshot}\tneedles/{needle}.json\t0\n"));
    let outcome = qa()
        .needles(["one", "two"])
        .file("one.png", Screen::of("one").png())
        .file("two.png", Screen::of("two").png())
        .file("cases", lines.concat())
        .args(["needle", "match", "--batch", "cases"])
        .any_stdout()
        .stderr_has("searches=5 matching=")
        .exit_code(0);
    let told: Vec<Value> = (outcome.stdout().lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), cases.len());
    for (line, (screenshot, needle, ok)) in told.iter().zip(cases) {
        assert_eq!(line["screenshot"], screenshot);
        assert_eq!(line["needle"], format!("needles/{needle}.json"));
        assert_eq!(line["ok"].as_bool(), ok, "{line}");
        let why = line["invalid"].as_str();
        assert_eq!(
            why.is_some_and(|why| why.contains("gone")),
            ok.is_none(),
            "{line}"
        );
    }
}
