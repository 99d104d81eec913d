//! What `watch:` asks a real system, when that has something to tell.

use reports::{CauseKind, Verdict};

use crate::host::{Outcome, Project, repository, require_image};

/// The system has started; what follows goes on from there.
const STARTED: &str = "\
image: atomic
requires: agent
watch: [panic]
steps:
  - see: { needle: atomic-1-login, within: 60s }
  - run: { command: systemctl is-system-running --wait, output: running, within: 60s }
";

/// Who waits for what never comes is ended by the watch.
fn waits(watch: &str, command: &str) -> String {
    format!(
        "image: atomic\nafter: started\nrequires: agent\nwatch:\n  - {watch}\nsteps:\n  \
        - run: {{ command: '{command}', exit: any }}\n  - serial: {{ regex: never, within: 1m }}\n"
    )
}

/// A program that reads where nothing is.
const CRASHES: &str = r#"perl -e "print unpack(q(p), pack(q(J), 8))""#;

fn breach(outcome: &Outcome, name: &str, watch: &str) -> String {
    let (verdict, cause) = outcome.verdict(name);
    let cause = cause.unwrap();
    let found = outcome.not_watched(name);
    assert_eq!(verdict, Verdict::Failed, "{cause:?} {found:?}");
    assert_eq!(
        cause.kind,
        CauseKind::Watch(watch.into()),
        "{cause:?} {found:?}"
    );
    cause.message
}

#[test]
fn a_real_system_tells_its_watches() {
    require_image("atomic");
    let project = format!(
        "scenarios: [scenarios]\nneedles: [{}]\n\
         images: {{ atomic: {{ recipe: atomic, machine: small }} }}\n\
         machines: {{ small: {{ preset: uefi-x86_64, memory: 512M, cpus: 2 }} }}\n",
        repository().join("needles").display()
    );
    let unit = waits("failed-units", "systemd-run --unit=broken false");
    let journal = waits(
        "{ journal: I/O error, name: disk }",
        "echo vda: I/O error | systemd-cat",
    );
    let segfault = waits("segfault: perl", CRASHES);
    let coredump = waits("coredumps", CRASHES);
    let outcome = Project::new(&[
        ("qa.yaml", project.as_bytes()),
        ("scenarios/started.yaml", STARTED.as_bytes()),
        ("scenarios/unit.yaml", unit.as_bytes()),
        ("scenarios/journal.yaml", journal.as_bytes()),
        ("scenarios/segfault.yaml", segfault.as_bytes()),
        ("scenarios/coredump.yaml", coredump.as_bytes()),
    ])
    .run(&["started", "unit", "journal", "segfault", "coredump"])
    .exits_with(1);
    assert_eq!(outcome.verdict("started").0, Verdict::Passed);

    let said = breach(&outcome, "unit", "failed-units");
    assert!(said.contains("broken.service"), "{said}");
    let status = outcome.file("unit/watch-failed-units.txt");
    assert!(status.contains("status=1/FAILURE"), "{status}");

    let said = breach(&outcome, "journal", "disk");
    assert!(said.contains("vda: I/O error"), "{said}");

    let said = breach(&outcome, "segfault", "segfault");
    assert!(said.contains("perl["), "{said}");

    let said = breach(&outcome, "coredump", "coredumps");
    assert!(said.contains("perl"), "{said}");
    let info = outcome.file("coredump/watch-coredumps.txt");
    assert!(info.contains("Signal: 11 (SEGV)"), "{info}");
}
