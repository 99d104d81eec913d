//! A project with many needles, most of which nothing uses: those who come from openQA.

use qa_tests::{Badge, Fake, Qa, Screen};
use serde_json::json;

use crate::qa;

/// The rows of a usual terminal.
const SCREEN: usize = 24;

/// A project with 500 needles and a scenario that looks for one of them.
fn strangers() -> Qa {
    let png = Screen::of("login").png();
    let mut qa = qa().steps("s", "- see: login").needles(["login"]);
    for n in 0..500 {
        let mut needle = Badge::of("login").needle();
        needle["tags"] = json!([format!("tag-{n}"), "ENV-DISTRI-x"]);
        let folder = if n % 50 == 0 {
            "needles/more"
        } else {
            "needles"
        };
        let name = match n % 50 {
            0 => format!("{folder}/needle-{}", n + 1),
            _ => format!("{folder}/needle-{n}"),
        };
        let picture = if n % 40 == 3 {
            &png[..png.len() / 2]
        } else {
            &png[..]
        };
        if n % 25 == 4 {
            let exclude =
                json!({"xpos": 150, "ypos": 0, "width": 20, "height": 9, "type": "exclude"});
            needle["area"].as_array_mut().unwrap().push(exclude);
        }
        qa = qa.file(&format!("{name}.json"), needle.to_string());
        if n % 60 != 5 {
            qa = qa.file(&format!("{name}.png"), picture);
        }
    }
    qa
}

#[test]
fn check_of_a_project_with_500_needles_fits_on_a_screen() {
    let outcome = strangers()
        .args(["check"])
        .stdout_has("no scenario looks for ")
        .stdout_has("needles that no scenario looks for have ")
        .stdout_has("9 more needles have the name of another one")
        .stdout_has("`qa check --all` lists them")
        .stdout_has("1 scenario, 501 needles: 0 errors, ")
        .exit_code(0);
    let rows: usize = outcome
        .stdout()
        .lines()
        .map(|line| line.chars().count().div_ceil(80).max(1))
        .sum();
    assert!(rows <= SCREEN, "{rows} rows:\n{}", outcome.stdout());
    let all = outcome
        .then()
        .args(["check", "--all"])
        .stdout_has("no scenario looks for the needle `needle-7`")
        .stdout_has("two needles are called `needle-51`: `needles/more/needle-51.json` and ")
        .any_stdout()
        .exit_code(0);
    assert!(all.stdout().lines().count() > 1000);
    let json = all
        .then()
        .args(["check", "--format", "json"])
        .any_stdout()
        .exit_code(0);
    assert!(json.stdout().lines().count() > 500);
}

#[test]
fn an_error_in_a_needle_that_a_scenario_uses_stays_whole_among_many() {
    let outside = Badge::of("login")
        .needle()
        .to_string()
        .replace("\"xpos\":16", "\"xpos\":140");
    strangers()
        .file("needles/login.json", outside)
        .args(["check"])
        .stdout_has("needle `login`: area 1 (140,16 48x32) is not inside the picture of 160x120")
        .stdout_has("needles/login.json")
        .exit_code(2);
}

#[test]
fn pictures_that_are_cut_off_spoil_only_their_needles() {
    let png = Screen::of("login").png();
    let cut = Badge::of("login").needle().to_string();
    let project = || {
        qa().needles(["login"])
            .steps("s", "- see: login")
            .file("needles/cut.json", cut.clone())
            .file("needles/cut.png", &png[..png.len() / 2])
            .machine(Fake::shows(&Screen::of("login")))
    };
    project()
        .file("shot.png", png.clone())
        .args(["needle", "match", "shot.png"])
        .stdout_has("match  login\n")
        .stderr_has("left out: needle `cut`: picture `")
        .exit_code(0);
    project()
        .args(["needle", "check", "needles"])
        .stdout_has("error: needles that cannot be read: 1\n  needles/cut.json: ")
        .stdout_has("2 needles: 1 errors, 0 warnings\n")
        .exit_code(2);
    let run = project().args(["run", "s"]).exit_code(0);
    run.then()
        .args(["needle", "replay", "qa-results/latest"])
        .stdout_has("1 frames, 0 would change\n")
        .stderr_has("left out: needle `cut`")
        .exit_code(0);
}
