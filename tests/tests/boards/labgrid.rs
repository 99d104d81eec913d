//! A lab that is missing, gone, or in use.

use std::path::Path;

use qa_tests::{Outcome, Qa};
use reports::{CauseKind, Verdict};
use rustix::process::Signal;

use super::{SWITCH, awaits, run_on, says, told};

/// A client of labgrid for which all is well. `says` prints a recording of the real program.
const WELL: &str = "\
case \"$*\" in
*version) says version;;
*places) says places-free;;
*acquire) says acquired;;
*release-from*) says released;;
*power*) exit 0;;
esac
";

/// The power of a place, with a storage that needs nothing.
const LABGRID: &str = "power: labgrid\ncommands: { write: 'true' }\nstorage: commands\n";

/// A scenario on the place `b1`, where `labgrid-client` answers with these lines of shell, before those of [`WELL`].
fn lab(answers: &str, board: &str, steps: &str) -> Qa {
    let recordings =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../vm/src/board/labgrid/recordings");
    let lines = format!("labgrid: {{ place: b1, coordinator: 'lab:20408' }}\n{board}");
    let qa = run_on(&lines, steps);
    let calls = qa.root().join("calls");
    let script = format!(
        "echo \"$*\" >> {}\nsays() {{ cat {recordings}/$1; exit 0; }}\n\
        fails() {{ cat {recordings}/$1 >&2; exit 1; }}\n{answers}\n{WELL}\necho \"no answer to $*\" >&2; exit 99",
        calls.display(),
        recordings = recordings.display(),
    );
    qa.program("labgrid-client", &script)
}

fn calls(root: &Path) -> String {
    std::fs::read_to_string(root.join("calls")).unwrap_or_default()
}

/// Runs on a lab that answers so, which must be an error of the lab. Returns the words.
fn broken(answers: &str) -> String {
    let outcome: Outcome = lab(answers, SWITCH, "- note: x").exit_code(3);
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
    let told = told(&outcome, CauseKind::Launch);
    says(&told, &["board `mars`"]);
    let calls = calls(&outcome.run_folder().join("../.."));
    assert!(!calls.contains("acquire"), "nothing was acquired: {calls}");
    told
}

#[test]
fn a_lab_that_cannot_be_used_is_an_error_with_what_to_do() {
    let qa = run_on(&format!("labgrid: {{ place: b1 }}\n{SWITCH}"), "- note: x");
    let path = qa.root().join("../bin").display().to_string();
    let missing = told(&qa.env("PATH", &path).exit_code(3), CauseKind::Launch);
    says(
        &missing,
        &[
            "board `mars`",
            "there is no `labgrid-client` on this host",
            "qa doctor --install --boards",
        ],
    );
    says(
        &broken("fails too-old"),
        &["labgrid is too old", "qa doctor --install --boards"],
    );
    says(&broken("echo 0.4.1; exit 0"), &["labgrid 0.4.1 is too old"]);
    let gone = broken("fails coordinator-gone");
    says(
        &gone,
        &[
            "the labgrid coordinator at lab:20408 does not answer",
            "check that it runs",
        ],
    );
    let unknown = broken(
        "case \"$*\" in *places) sed s/b1/b3/ <<END\nPlace 'b1':\n  acquired: None\nEND\nexit 0;; esac",
    );
    says(&unknown, &["knows no place `b1`", "it knows: b3"]);
    says(
        &broken("echo '<html>502</html>'; exit 0"),
        &["which is no version"],
    );
}

#[test]
fn a_run_acquires_the_place_and_releases_it() {
    let outcome = lab("", SWITCH, "- note: x").exit_code(0);
    let calls = calls(&outcome.run_folder().join("../.."));
    says(&calls, &["-p b1 acquire", "-p b1 release-from"]);
    says(
        &outcome.file("s/board.log"),
        &[
            "labgrid 26.0.1",
            "labgrid: acquired b1",
            "give the board back: done",
        ],
    );
}

#[test]
fn a_place_that_a_person_has_is_waited_for_and_then_told() {
    let held = "\
case \"$*\" in
*places) says places-held;;
*acquire) fails held;;
*reserve\\ *) says reserved-waiting;;
*wait\\ *) exec sleep 1000;;
*cancel-reservation*) exit 0;;
esac";
    let outcome = lab(held, &format!("wait: 1s\n{SWITCH}"), "- note: x").exit_code(3);
    let words = told(&outcome, CauseKind::Launch);
    says(
        &words,
        &[
            "board `mars`",
            "the place `b1` is held by anna on desk",
            "within 1 s",
            "ask them",
        ],
    );
    let waits =
        |note: &String| note.contains("waits for the board") && note.contains("anna on desk");
    assert!(outcome.notes().iter().any(waits), "{:?}", outcome.notes());
    let calls = calls(&outcome.run_folder().join("../.."));
    says(&calls, &["cancel-reservation"]);
    assert!(
        !calls.contains("release-from"),
        "a person keeps the place: {calls}"
    );
}

#[test]
fn an_exporter_that_ends_in_the_middle_is_an_error() {
    let board = &format!("{LABGRID}serial: labgrid\n");
    // The way to the serial line ends with the exporter.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let export = format!(
        "case \"$*\" in *export*) sed s/21999/{port}/ {}/export; while [ ! -e gone ]; do sleep 0.05; done; \
         exit 1;; esac",
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../vm/src/board/labgrid/recordings")
            .display()
    );
    let qa = lab(&export, board, "- serial: { regex: never, within: 5m }");
    let root = qa.root();
    let line = std::thread::spawn(move || listener.accept());
    let run = qa.start();
    awaits("the board is on", || calls(&root).contains("power on"));
    let _line = line.join();
    std::fs::write(root.join("gone"), "").expect("a file");
    let outcome = run.exit_code(3);
    assert_eq!(outcome.verdict("s").0, Verdict::Error);
    let lost = told(&outcome, CauseKind::Harness);
    says(
        &lost,
        &[
            "the serial line of the board `mars` is lost",
            "check the coordinator",
        ],
    );
    says(&outcome.file("s/board.log"), &["serial line lost for good"]);
    // At the start, the exporter of an acquired place is gone.
    let orphan = "case \"$*\" in *'power off'*) fails orphan;; esac";
    let outcome = lab(orphan, LABGRID, "- note: x").exit_code(3);
    says(
        &told(&outcome, CauseKind::Launch),
        &["the labgrid exporter `exp1` of the place `b1` is gone"],
    );
    says(
        &calls(&outcome.run_folder().join("../..")),
        &["release-from"],
    );
}

#[test]
fn a_signal_gives_the_place_back() {
    for signal in [Signal::INT, Signal::TERM] {
        let board = "power: labgrid\nstorage: commands\nserial: commands\ncommands: { write: 'true', serial: cat }\n";
        let qa = lab("", board, "- serial: { regex: never, within: 10m }");
        let root = qa.root();
        let run = qa.start();
        awaits("the board is on", || calls(&root).contains("power on"));
        run.signal(signal);
        // The files go with it.
        let _outcome = run.exit_code(130);
        let calls = calls(&root);
        let after = calls.split_once("power on").expect("it was on").1;
        says(after, &["power off", "release-from"]);
    }
}
