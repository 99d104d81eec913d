//! Programs that `qa` starts for a moment, and that hang.

use qa_tests::{Badge, Fake, Qa, Screen};

use crate::{qa, steps};

/// What such a program is given in these tests, in milliseconds.
const LIMIT: &str = "1500";

const HANGS: &str = "exec /bin/sleep 1000";

fn waits(program: &str, script: &str) -> Qa {
    steps("- note: x")
        .program(program, script)
        .env("QA_HELPER_LIMIT", LIMIT)
}

#[test]
fn a_qemu_img_that_hangs() {
    let outcome = waits("qemu-img", HANGS).exit_code(3);
    outcome.shows("`qemu-img` hangs");
}

#[test]
fn a_qemu_that_does_not_say_its_version() {
    let outcome = waits("qemu-system-x86_64", HANGS).exit_code(3);
    outcome.shows("`qemu --version` hangs");
}

#[test]
fn a_tesseract_that_hangs() {
    let mut needle = Badge::of("login").needle();
    needle["area"][0]["qa"] = serde_json::json!({ "text": "Log in" });
    let outcome = qa()
        .file("needles/login.json", needle.to_string())
        .file("needles/login.png", Screen::of("login").png())
        .program("tesseract", HANGS)
        .env("QA_HELPER_LIMIT", LIMIT)
        .steps("s", "- see: { needle: login, within: 2h }")
        .args(["run", "s"])
        .machine(Fake::shows(&Screen::of("login")))
        .exit_code(3);
    outcome.shows("tesseract hangs");
}
