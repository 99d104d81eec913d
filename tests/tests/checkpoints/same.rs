//! A checkpoint stands for everything that can change what comes out: with another such thing a run starts from
//! power-on.

use qa_tests::{Badge, Fake, Outcome, Qa, Screen, boot_disk_with};

use super::{after_login, machine, starts, warm};

/// Runs `one` again with something changed, and gives where it started.
fn again(change: impl FnOnce(Qa) -> Qa, machine: Fake) -> (String, Outcome) {
    let outcome = change(warm().then()).machine(machine).args(["run", "one"]);
    let outcome = outcome.exit_code(0);
    (starts(&outcome, "one").remove(0), outcome)
}

#[track_caller]
fn is_cold(change: impl FnOnce(Qa) -> Qa) {
    let (start, outcome) = again(change, machine());
    assert_eq!(start, "power-on");
    assert_eq!(outcome.saved(), ["login"], "it is saved under its own key");
}

#[track_caller]
fn is_warm(change: impl FnOnce(Qa) -> Qa) {
    assert_eq!(again(change, machine()).0, "earlier:login");
}

#[test]
fn another_step_before() {
    is_cold(|qa| {
        qa.steps(
            "login",
            "- type: \"alice\\n\"\n- see: desktop\n- press: esc",
        )
    });
}

#[test]
fn another_deadline_before() {
    is_cold(|qa| {
        qa.steps(
            "login",
            "- type: \"alice\\n\"\n- see: { needle: desktop, within: 90s }",
        )
    });
}

#[test]
fn another_value_of_a_variable_in_it() {
    let login = "image: disk\nvars: { user: alice }\nsteps:\n  - type: \"{{ user }}\\n\"\n";
    let first = super::project()
        .scenario("login", login)
        .scenario("one", "image: disk\nafter: login\nsteps:\n  - type: x\n")
        .args(["run", "one"])
        .exit_code(0);
    let run = |user: &str| {
        let var = format!("user={user}");
        let outcome = first
            .then()
            .args(["run", "one", "--var", &var])
            .exit_code(0);
        starts(&outcome, "one").remove(0)
    };
    assert_eq!(run("bob"), "power-on");
    assert_eq!(run("alice"), "earlier:login");
    assert_eq!(run("bob"), "earlier:login", "both are kept");
}

#[test]
fn another_picture_of_a_needle() {
    // Another word's badge far from the area that is compared.
    let picture = Screen::of("desktop").badge("far", 100, 80).png();
    is_cold(|qa| qa.file("needles/desktop.png", picture));
}

#[test]
fn a_needle_more_with_a_tag_that_is_looked_for() {
    let mut json = Badge::of("unlike").needle();
    json["tags"] = serde_json::json!(["desktop"]);
    is_cold(|qa| {
        qa.file("needles/other.json", json.to_string())
            .file("needles/other.png", Screen::of("unlike").png())
    });
}

#[test]
fn another_image() {
    is_cold(|qa| qa.file("disk.img", boot_disk_with(&[0xf4])));
}

#[test]
fn another_machine() {
    is_cold(|qa| {
        let project = std::fs::read_to_string(qa.root().join("qa.yaml")).unwrap();
        qa.project(&project.replace("64M", "96M"))
    });
}

#[test]
fn another_qemu() {
    let (start, _) = again(|qa| qa, machine().version("10.0.3"));
    assert_eq!(start, "power-on");
}

#[test]
fn titles_comments_and_what_comes_after_change_nothing() {
    is_warm(|qa| {
        qa.scenario(
            "login",
            "# Alice comes.\ntitle: Log in\nimage: disk\nsteps:\n  \
            - { title: her name, type: \"alice\\n\" } # all of it\n  - see: desktop\n",
        )
    });
    is_warm(|qa| qa.scenario("one", &after_login("oone", "first")));
    is_warm(|qa| qa.needle(&Badge::of("unrelated")));
}
