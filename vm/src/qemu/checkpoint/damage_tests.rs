//! Damage is reported, dropped with the children of the checkpoint, and repaired by making the checkpoint again.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{
    CheckpointError, Damage, PruneLimits,
    entry::entry_folder,
    note::NOTE,
    store_tests::{add, key, keys, store},
};

/// Damages checkpoint 2 of a chain of three, and checks the report. Checks that dropping it removes its child, and no
/// other checkpoint.
fn check_damage(damage: impl Fn(&Path), seen_by_find: bool, expected: &str) {
    let (_folder, store) = store();
    for (number, parent) in [(1, None), (2, Some(1)), (3, Some(2))] {
        drop(add(&store, number, parent));
    }
    damage(&entry_folder(store.folder(), &key(2)));
    let told = match store.find(&key(2)) {
        Err(CheckpointError::Damaged { source, .. }) if seen_by_find => source,
        Ok(Some(lease)) if !seen_by_find => lease.verify().unwrap_err(),
        other => panic!("{other:?}"),
    };
    assert_eq!(told.to_string(), expected);
    let verified = store.verify().unwrap();
    let of = |number: u8| {
        &verified
            .iter()
            .find(|one| one.key == key(number))
            .unwrap()
            .outcome
    };
    assert!(of(1).is_ok());
    assert_eq!(of(2).as_ref().unwrap_err().to_string(), expected);
    assert_eq!(store.remove_damaged(&key(2)).unwrap(), [key(3), key(2)]);
    assert!(
        store
            .verify()
            .unwrap()
            .iter()
            .all(|one| one.outcome.is_ok())
    );
    assert_eq!(keys(&store), [key(1)]);
    drop(add(&store, 2, Some(1)));
}

#[test]
fn damage_is_told_and_dropped_with_the_children() {
    let flip = |folder: &Path, name: &str| {
        let mut bytes = fs::read(folder.join(name)).unwrap();
        bytes[12_345] ^= 1;
        fs::write(folder.join(name), bytes).unwrap();
    };
    check_damage(
        |at| flip(at, "ram"),
        false,
        "the bytes of its file `ram` have changed since it was saved",
    );
    check_damage(
        |at| flip(at, "disk0.qcow2"),
        false,
        "the bytes of its file `disk0.qcow2` have changed since it was saved",
    );
    check_damage(
        |at| fs::write(at.join("ram"), "short").unwrap(),
        true,
        "its file `ram` has 5 bytes, expected 30000",
    );
    check_damage(
        |at| fs::remove_file(at.join("devices")).unwrap(),
        true,
        "its file `devices` is missing",
    );
    check_damage(
        |at| fs::write(at.join(NOTE), r#"{"schema": 2}"#).unwrap(),
        true,
        "it has format 2, and this version of qa uses format 1",
    );
    check_damage(
        |at| {
            fs::remove_file(at.join("ram")).unwrap();
            symlink("/dev/zero", at.join("ram")).unwrap();
        },
        true,
        "its file `ram` is missing",
    );
}

#[test]
fn a_damaged_disk_of_a_parent_is_damage_of_the_child_and_its_memory_is_not() {
    let (_folder, store) = store();
    drop(add(&store, 1, None));
    let child = add(&store, 2, Some(1));
    let parent = entry_folder(store.folder(), &key(1));
    fs::write(parent.join("ram"), "MEMORY".repeat(5_000)).unwrap();
    child.verify().unwrap();
    fs::write(parent.join("disk0.qcow2"), "DISK".repeat(5_000)).unwrap();
    match child.verify().unwrap_err() {
        Damage::Ancestor { ancestor, source } => {
            assert_eq!(ancestor, key(1));
            assert!(matches!(*source, Damage::OtherBytes { .. }));
        }
        other => panic!("{other:?}"),
    }
    // A holder keeps the files open. No one else finds the checkpoint.
    assert_eq!(store.remove_damaged(&key(1)).unwrap(), [key(2), key(1)]);
    assert!(store.find(&key(2)).unwrap().is_none());
    drop(child);
}

#[test]
fn garbage_for_a_note_is_told() {
    let (_folder, store) = store();
    let at = || entry_folder(store.folder(), &key(1));
    for garbage in [
        "",
        "{",
        "[]",
        "\u{0}\u{0}\u{0}",
        r#"{"schema": "one"}"#,
        r#"{"schema": 1}"#,
    ] {
        drop(add(&store, 1, None));
        fs::write(at().join(NOTE), garbage).unwrap();
        assert!(
            matches!(
                store.find(&key(1)),
                Err(CheckpointError::Damaged {
                    source: Damage::NoteUnclear { .. },
                    ..
                })
            ),
            "{garbage}"
        );
        // It does not prevent making it again.
        drop(store.begin(&key(1)).unwrap().unwrap());
    }
}

#[test]
fn an_orphan_is_damaged_and_leaves_with_the_next_pruning() {
    let (_folder, store) = store();
    drop(add(&store, 1, None));
    drop(add(&store, 2, Some(1)));
    drop(add(&store, 3, Some(2)));
    fs::remove_dir_all(entry_folder(store.folder(), &key(1))).unwrap();
    let Err(CheckpointError::Damaged { source, .. }) = store.find(&key(2)) else {
        panic!("an orphan was found");
    };
    assert_eq!(source.to_string(), "its parent 010101010101 is missing");
    let pruned = store
        .prune(PruneLimits {
            bytes: u64::MAX,
            unused_for: None,
        })
        .unwrap();
    assert_eq!(
        pruned
            .removed
            .iter()
            .map(|entry| entry.key)
            .collect::<Vec<_>>(),
        [key(3), key(2)]
    );
}
