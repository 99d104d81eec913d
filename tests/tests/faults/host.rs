//! What the host does to a run: its disks, its ports, its clock, and what others do to the files that a run uses.

use std::{fs, path::PathBuf, process::Command};

use qa_tests::{Entry, Fake, Qa, Running, Screen, act, on};

use crate::steps;

const WAITS: &str = "- serial: { regex: never, within: 2h }";

#[test]
fn a_disk_that_takes_no_writes() {
    for (reason, fault) in [
        (
            "Read-only file system",
            "the host's disk became read-only under a machine",
        ),
        (
            "Input/output error",
            "the host's disk fails under a machine",
        ),
    ] {
        let machine = Fake::new().on(on::captures(1), [act::refuse_writes(reason)]);
        steps(WAITS).machine(machine).exit_code(3).shows(fault);
    }
}

#[test]
fn results_that_are_removed_while_the_run_goes_on() {
    let outcome = steps("- type: x\n- see: { needle: login, within: 100ms }")
        .needles(["login"])
        .machine(Fake::shows(&Screen::of("desktop")).on(on::typed("x"), [act::remove_results()]))
        .exit_code(3);
    outcome.shows("somebody removes the results of a run that goes on");
}

/// A run that has come to its first step, and the image that it runs on.
fn begun(step: &str) -> (Running, PathBuf) {
    let qa = steps(&format!("- type: x\n{step}"));
    let image = qa.root().join("disk.img");
    let mut running = qa.start();
    running.reaches(|entry| *entry == Entry::Typed("x".into()));
    (running, image)
}

#[test]
fn an_image_that_is_not_what_it_was() {
    let fails = "- serial: { regex: never, within: 100ms }";
    let (running, image) = begun(fails);
    fs::write(&image, fs::read(&image).unwrap()).unwrap();
    running
        .exit_code(3)
        .shows("the image is written to under a run");

    let (running, image) = begun(fails);
    let other = image.with_file_name("other.img");
    fs::copy(&image, &other).unwrap();
    fs::rename(other, &image).unwrap();
    running
        .exit_code(3)
        .shows("the image is replaced under a run");

    let (running, image) = begun(fails);
    fs::File::options()
        .write(true)
        .open(&image)
        .unwrap()
        .set_len(512)
        .unwrap();
    running
        .exit_code(3)
        .shows("the image is cut short under a run");

    let (running, image) = begun(fails);
    fs::remove_file(&image).unwrap();
    running
        .exit_code(3)
        .shows("the image is removed under a run");
}

#[test]
fn an_image_that_is_not_what_it_was_makes_no_pass() {
    let (running, image) = begun("- serial: { absent: panic, for: 500ms }");
    fs::write(&image, fs::read(&image).unwrap()).unwrap();
    running
        .exit_code(3)
        .shows("the image is written to under a run that would pass");
}

#[test]
fn two_runs_that_want_one_port() {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let project = format!(
        "scenarios: [scenarios]\nimages: {{ disk: {{ path: disk.img, machine: m }} }}\n\
         machines:\n  m: {{ preset: bios-x86_64, accel: tcg, memory: 64M, network: {{ forward: 'tcp:{port}:22' }} }}\n"
    );
    let first = steps("- type: x\n- serial: go on").project(&project);
    // The fake opens no port: the test does, in its place.
    let mut first = first
        .machine(Fake::new().on(on::told("go on"), [act::say("go on\r\n")]))
        .start();
    first.reaches(|entry| *entry == Entry::Typed("x".into()));
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let second = first.beside().args(["run", "s"]).exit_code(3);
    second.shows("two runs want one port of the host");
    drop(taken);
    first.tell("go on");
    first.exit_code(0);
}

/// A library that is loaded into `qa`, and changes what the system tells it.
fn preloaded(qa: Qa) -> Qa {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/preload.c");
    let library = qa.root().join("preload.so");
    let cc = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &PathBuf::from(source)])
        .output()
        .unwrap();
    assert!(
        cc.status.success(),
        "{}",
        String::from_utf8_lossy(&cc.stderr)
    );
    let library = library.display().to_string();
    qa.env("LD_PRELOAD", &library)
}

#[test]
fn a_clock_that_jumps() {
    let clock = |steps_: &str| {
        preloaded(steps(steps_).needles(["login", "desktop"])).env("QA_TEST_CLOCK", "1")
    };
    let machine =
        || Fake::shows(&Screen::of("splash")).on(on::shown(300), [act::show(&Screen::of("login"))]);
    let passes =
        clock("- see: { needle: login, within: 30s }\n- see: { needle: login, for: 200ms }");
    let outcome = passes.machine(machine()).exit_code(0);
    outcome.shows("the host's clock jumps back and forth, and the guest is well");
    let fails = clock("- see: { needle: desktop, within: 100ms }").machine(machine());
    fails
        .exit_code(1)
        .shows("the host's clock jumps back and forth, and the guest is not well");
}

#[test]
fn a_slow_disk_of_results() {
    let slow = |steps_: &str| {
        preloaded(steps(steps_).needles(["login", "desktop"])).env("QA_TEST_SLOW", "qa-results")
    };
    let machine = || {
        Fake::new().on(
            on::boot(),
            [act::say("ready\r\n"), act::show(&Screen::of("login"))],
        )
    };
    let outcome = slow("- serial: ready\n- see: login")
        .machine(machine())
        .exit_code(0);
    outcome.shows("the disk of the results is slow, and the guest is well");
    let fails = slow("- see: { needle: desktop, within: 100ms }").machine(machine());
    fails
        .exit_code(1)
        .shows("the disk of the results is slow, and the guest is not well");
}
