//! `qa look` and `qa init`: from an image to a first scenario.

use qa_tests::{Fake, Qa, Screen, boot_disk, on};

use crate::qa;

/// A folder with an image, and a machine that shows two screens and then stays.
fn strange_image() -> Qa {
    qa().without_project()
        .file("strange.img", boot_disk())
        .machine(two_screens())
}

fn two_screens() -> Fake {
    Fake::frames([
        &Screen::of("firmware"),
        &Screen::of("greeter").badge("welcome", 96, 64),
    ])
}

const LOOK: [&str; 7] = [
    "strange.img",
    "--machine",
    "bios-x86_64",
    "--for",
    "20s",
    "--still",
    "2s",
];

#[test]
fn a_look_keeps_every_screen_and_says_what_to_do_next() {
    let outcome = strange_image()
        .args(["look"].into_iter().chain(LOOK))
        .any_stderr()
        .stdout_has(" screens on machine bios-x86_64; the last one: ")
        .stdout_has("page: qa-results/")
        .stdout_has("next: `qa init strange.img --machine bios-x86_64`")
        .exit_code(0);
    let said = outcome.stderr();
    assert!(said.contains("look/frames/0001.png"), "{said}");
    assert!(said.contains("look/frames/0002.png"), "{said}");
    assert!(said.contains("without a new picture"), "{said}");
    assert!(
        !outcome.stdout().contains("passed"),
        "nothing was judged: {}",
        outcome.stdout()
    );
}

#[test]
fn a_look_goes_on_when_the_machine_restarts_and_ends_when_it_goes_off() {
    let outcome = strange_image()
        .machine(
            Fake::shows(&Screen::of("firmware"))
                .on(on::captures(2), [qa_tests::act::reset()])
                .on(on::captures(4), [qa_tests::act::power_off()]),
        )
        .args([
            "look",
            "strange.img",
            "--machine",
            "bios-x86_64",
            "--for",
            "20s",
        ])
        .any_stderr()
        .stdout_has(" on machine bios-x86_64; the last one: ")
        .any_exit_code();
    assert!(
        outcome.stderr().contains("switched itself off"),
        "{}",
        outcome.stderr()
    );
}

#[test]
fn a_project_is_made_of_what_an_image_shows_and_its_scenario_holds() {
    let made = strange_image()
        .args(["init"].into_iter().chain(LOOK))
        .any_stderr()
        .stdout_has("qa.yaml ")
        .stdout_has("next: `qa run strange-starts`")
        .exit_code(0);
    let root = made.then().root();
    for file in [
        "needles/strange-starts.png",
        ".vscode/settings.json",
        ".github/workflows/qa.yaml",
    ] {
        assert!(root.join(file).is_file(), "{file}");
    }
    let ignored = std::fs::read_to_string(root.join(".gitignore")).unwrap();
    assert_eq!(ignored, "/qa-results/\n");
    made.then()
        .args(["check", "--strict"])
        .any_stdout()
        .exit_code(0);
    let ran = made
        .then()
        .machine(two_screens())
        .args(["run", "strange-starts"])
        .exit_code(0);
    ran.then()
        .args(["init"].into_iter().chain(LOOK))
        .stderr_has("there is a project already: `./qa.yaml`")
        .exit_code(2);
}

#[test]
fn an_image_that_is_not_there_is_named_before_anything_starts() {
    for command in ["look", "init"] {
        let outcome = qa()
            .without_project()
            .args([command, "nothing.img"])
            .stderr_has("nothing.img")
            .exit_code(2);
        assert!(outcome.journal().entries().is_empty());
    }
}
