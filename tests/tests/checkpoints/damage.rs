//! A damaged checkpoint is told, dropped and made again, and changes no verdict.

use std::{fs, path::Path};

use reports::Verdict;

use super::{is_clean, machine, only, starts, warm};

/// Damages the checkpoint, runs `one` again, and looks for `told`.
#[track_caller]
fn is_dropped(damage: impl FnOnce(&Path), told: &str) {
    let first = warm();
    let folder = only(&first);
    damage(&folder);
    let second = first
        .then()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(second.scenario("one").verdict, Verdict::Passed);
    assert_eq!(starts(&second, "one"), ["power-on"]);
    assert_eq!(second.attempts("one").len(), 1);
    let reasons = second.unusable();
    assert!(
        reasons.len() == 1 && reasons[0].contains(told),
        "{reasons:?} without {told}"
    );
    assert_eq!(second.saved(), ["login"], "it is made again");
    assert_eq!(only(&second), folder);
    assert!(second.file("report.html").contains(told));
    second.shows(match told {
        "note" => "a checkpoint's note cannot be read",
        _ => "a checkpoint was damaged on disk",
    });
    is_clean(&second);
    let third = second
        .then()
        .machine(machine())
        .args(["run", "one"])
        .exit_code(0);
    assert_eq!(starts(&third, "one"), ["earlier:login"]);
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length / 2).unwrap();
}

#[test]
fn a_byte_of_the_memory_is_another() {
    is_dropped(|folder| flip(&folder.join("ram"), (1 << 20) + 20), "`ram`");
}

#[test]
fn a_byte_of_the_memory_is_there_where_none_was() {
    is_dropped(|folder| flip(&folder.join("ram"), 40 << 20), "`ram`");
}

#[test]
fn a_byte_of_the_disk_is_another() {
    is_dropped(
        |folder| flip(&folder.join("disk0.qcow2"), 30),
        "`disk0.qcow2`",
    );
}

#[test]
fn the_devices_are_cut_short() {
    is_dropped(|folder| cut(&folder.join("devices")), "`devices`");
}

#[test]
fn a_file_is_missing() {
    is_dropped(
        |folder| fs::remove_file(folder.join("devices")).unwrap(),
        "`devices`",
    );
}

#[test]
fn the_note_is_garbage() {
    is_dropped(
        |folder| fs::write(folder.join("checkpoint.json"), b"\xff{]").unwrap(),
        "note",
    );
}

#[test]
fn the_note_says_what_this_version_does_not_know() {
    is_dropped(
        |folder| {
            let path = folder.join("checkpoint.json");
            let mut note: serde_json::Value =
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            note["state"] = serde_json::json!({"novel": 1});
            fs::write(&path, note.to_string()).unwrap();
        },
        "note",
    );
}
