//! A file that was copied into the guest is a part of what a checkpoint depends on.

use qa_tests::{Fake, Outcome, Qa, act, on};

use super::starts;
use crate::qa;

/// An installation of a file with this content, and a scenario that starts after it.
fn project(content: &str) -> Qa {
    qa().file("files/a", content)
        .steps(
            "install",
            "- put: { file: files/a, to: /root/a }\n- run: install-it",
        )
        .scenario(
            "use",
            "image: disk\nafter: install\nsteps:\n  - run: use-it\n",
        )
}

/// Runs it on a guest that tells this checksum.
fn run(project: &Qa, sum: &str) -> Outcome {
    let machine = Fake::new()
        .on(on::boot(), [act::agent_comes()])
        .answers("# qa: writes", 0, sum)
        .answers("install-it", 0, "")
        .answers("use-it", 0, "");
    project
        .beside()
        .machine(machine)
        .args(["run", "use"])
        .exit_code(0)
}

#[test]
fn a_file_with_another_content_makes_another_checkpoint() {
    let qa = project("hello\n");
    let first = run(&qa, "3015617425 6\n");
    assert_eq!(first.saved(), ["install"]);
    assert_eq!(starts(&run(&qa, ""), "use"), ["earlier:install"]);
    let qa = qa.file("files/a", "hallo\n");
    let other = run(&qa, "3743325809 6\n");
    assert_eq!(starts(&other, "use"), ["power-on"]);
    assert_eq!(other.saved(), ["install"]);
    let qa = qa.file("files/a", "hello\n");
    assert_eq!(starts(&run(&qa, ""), "use"), ["earlier:install"]);
}
