//! The store of checkpoints: making, finding, sharing, removing.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    time::{Duration, SystemTime},
};

use super::{
    CheckpointError, CheckpointFacts, CheckpointKey, CheckpointStore, Draft, Lease, PruneLimits,
    entry::entry_folder, lock::LOCK, note::NOTE,
};

pub(super) fn key(number: u8) -> CheckpointKey {
    CheckpointKey::from_bytes([number; 32])
}

pub(super) fn facts(parent: Option<CheckpointKey>) -> CheckpointFacts {
    CheckpointFacts {
        parent,
        scenario: "gnome-login".into(),
        image: "gnome".into(),
        image_digest: "00".into(),
        machine: "desktop".into(),
        qemu: "7.2.9".into(),
        saved: "2026-01-02T03:04:05Z".into(),
        cold_ms: 170_000,
        state: serde_json::json!({ "any": "thing" }),
    }
}

/// Writes some files into a draft and commits it.
pub(super) fn commit(draft: Draft, parent: Option<CheckpointKey>) -> Lease {
    for (name, text) in [
        ("ram", "memory"),
        ("devices", "devices"),
        ("disk0.qcow2", "disk"),
    ] {
        fs::write(draft.folder().join(name), text.repeat(5_000)).unwrap();
    }
    draft.commit(facts(parent)).unwrap()
}

pub(super) fn add(store: &CheckpointStore, number: u8, parent: Option<u8>) -> Lease {
    commit(store.begin(&key(number)).unwrap().unwrap(), parent.map(key))
}

pub(super) fn store() -> (tempfile::TempDir, CheckpointStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = CheckpointStore::open(folder.path().join("qa/checkpoints")).unwrap();
    (folder, store)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(super) fn keys(store: &CheckpointStore) -> Vec<CheckpointKey> {
    store
        .list()
        .unwrap()
        .iter()
        .map(|entry| entry.key)
        .collect()
}

fn use_at(store: &CheckpointStore, number: u8, ago: u64) {
    let lock = entry_folder(store.folder(), &key(number)).join(LOCK);
    let file = fs::File::options().write(true).open(lock).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(ago))
        .unwrap();
}

#[test]
fn what_was_committed_is_found_with_its_files_and_note() {
    let (_folder, store) = store();
    assert!(store.find(&key(1)).unwrap().is_none());
    let draft = store.begin(&key(1)).unwrap().unwrap();
    let final_folder = draft.final_folder();
    let lease = commit(draft, None);
    assert_eq!(lease.folder(), final_folder);
    let found = CheckpointStore::open(store.folder())
        .unwrap()
        .find(&key(1))
        .unwrap()
        .unwrap();
    assert_eq!(found.note(), lease.note());
    assert_eq!(found.note().facts, facts(None));
    let sizes: Vec<_> = found
        .note()
        .files
        .iter()
        .map(|file| (file.name.as_str(), file.bytes))
        .collect();
    assert_eq!(
        sizes,
        [
            ("devices", 35_000),
            ("disk0.qcow2", 20_000),
            ("ram", 30_000)
        ]
    );
    found.verify().unwrap();
}

#[test]
fn a_store_is_private_and_marked_as_a_cache() {
    let (_folder, store) = store();
    assert_eq!(
        store.folder().metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
    let tag = fs::read_to_string(store.folder().join("CACHEDIR.TAG")).unwrap();
    assert!(tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55\n"));
    fs::set_permissions(store.folder(), PermissionsExt::from_mode(0o755)).unwrap();
    CheckpointStore::open(store.folder()).unwrap();
    assert_eq!(
        store.folder().metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "mine").unwrap();
    let error = CheckpointStore::open(folder.path()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("is not a checkpoint store and not empty"),
        "{error}"
    );
    assert_eq!(names(folder.path()), ["thesis.txt"]);
    // A cache of another program.
    fs::remove_file(folder.path().join("thesis.txt")).unwrap();
    fs::write(
        folder.path().join("CACHEDIR.TAG"),
        "Signature: 8a477f597d28d172789f06886806bc55\n",
    )
    .unwrap();
    assert!(matches!(
        CheckpointStore::open(folder.path()),
        Err(CheckpointError::NotOurs { .. })
    ));
}

#[test]
fn nothing_is_removed_where_the_marker_is_gone() {
    let (_folder, store) = store();
    drop(add(&store, 1, None));
    fs::remove_file(store.folder().join("CACHEDIR.TAG")).unwrap();
    let everything = PruneLimits {
        bytes: 0,
        unused_for: None,
    };
    assert!(matches!(
        store.prune(everything),
        Err(CheckpointError::NotOurs { .. })
    ));
    assert!(matches!(
        store.remove(&key(1)),
        Err(CheckpointError::NotOurs { .. })
    ));
    assert!(matches!(
        store.remove_damaged(&key(1)),
        Err(CheckpointError::NotOurs { .. })
    ));
    assert!(matches!(
        store.begin(&key(2)),
        Err(CheckpointError::NotOurs { .. })
    ));
    assert!(entry_folder(store.folder(), &key(1)).join("ram").exists());
}

#[test]
fn one_maker_at_a_time_and_none_when_it_is_there() {
    let (_folder, store) = store();
    let draft = store.begin(&key(1)).unwrap().unwrap();
    assert!(store.begin(&key(1)).unwrap().is_none());
    assert!(store.begin(&key(2)).unwrap().is_some());
    drop(draft);
    let lease = add(&store, 1, None);
    drop(lease);
    assert!(store.begin(&key(1)).unwrap().is_none());
}

#[test]
fn a_dropped_draft_leaves_nothing() {
    let (_folder, store) = store();
    let draft = store.begin(&key(1)).unwrap().unwrap();
    fs::write(draft.folder().join("ram"), "half").unwrap();
    drop(draft);
    assert_eq!(names(store.folder()), [".lock", "CACHEDIR.TAG"]);
}

#[test]
fn what_is_no_plain_file_is_not_kept() {
    let (folder, store) = store();
    let secret = folder.path().join("secret");
    fs::write(&secret, "mine").unwrap();
    for make in [
        (|at: &Path, _: &Path| fs::create_dir(at).unwrap()) as fn(&Path, &Path),
        |at, secret| symlink(secret, at).unwrap(),
    ] {
        let draft = store.begin(&key(1)).unwrap().unwrap();
        make(&draft.folder().join("odd"), &secret);
        let error = draft.commit(facts(None)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`odd` in its folder is not a plain file"),
            "{error}"
        );
    }
    let draft = store.begin(&key(1)).unwrap().unwrap();
    fs::write(draft.folder().join(NOTE), "{}").unwrap();
    assert!(matches!(
        draft.commit(facts(None)),
        Err(CheckpointError::NotAFile { .. })
    ));
    assert_eq!(names(store.folder()), [".lock", "CACHEDIR.TAG"]);
    assert_eq!(fs::read(secret).unwrap(), b"mine");
}

#[test]
fn a_child_needs_its_parent() {
    let (_folder, store) = store();
    let draft = store.begin(&key(2)).unwrap().unwrap();
    assert!(matches!(
        draft.commit(facts(Some(key(1)))),
        Err(CheckpointError::ParentGone { .. })
    ));
    assert!(keys(&store).is_empty());
}

#[test]
fn who_holds_a_child_holds_its_ancestors() {
    let (_folder, store) = store();
    for (number, parent) in [(1, None), (2, Some(1)), (3, Some(2))] {
        drop(add(&store, number, parent));
    }
    let lease = store.find(&key(3)).unwrap().unwrap();
    for number in 1..=3 {
        assert!(matches!(
            store.remove(&key(number)),
            Err(CheckpointError::InUse { .. })
        ));
    }
    assert!(store.list().unwrap().iter().all(|entry| entry.in_use));
    drop(lease);
    assert!(store.list().unwrap().iter().all(|entry| !entry.in_use));
    assert_eq!(store.remove(&key(2)).unwrap(), [key(3), key(2)]);
    assert_eq!(keys(&store), [key(1)]);
    assert_eq!(store.remove(&key(2)).unwrap(), []);
    assert_eq!(names(store.folder()).len(), 3);
}

#[test]
fn a_new_child_is_held_with_its_ancestors() {
    let (_folder, store) = store();
    drop(add(&store, 1, None));
    drop(add(&store, 2, Some(1)));
    let lease = add(&store, 3, Some(2));
    assert!(matches!(
        store.remove(&key(1)),
        Err(CheckpointError::InUse { .. })
    ));
    lease.verify().unwrap();
    drop(lease);
    assert_eq!(store.remove(&key(1)).unwrap(), [key(3), key(2), key(1)]);
}

#[test]
fn the_limit_holds_when_a_checkpoint_is_added() {
    let (_folder, store) = store();
    for number in 1..=3 {
        drop(add(&store, number, None));
        use_at(&store, number, 1_000 - u64::from(number));
    }
    let size = store.list().unwrap()[0].stored;
    // Finding it makes it young.
    store.find(&key(1)).unwrap().unwrap();
    let store = store.limited_to(3 * size);
    drop(add(&store, 4, None));
    assert_eq!(keys(&store), [key(1), key(3), key(4)]);
    // A new checkpoint stays, even if it is too large by itself.
    let store = store.limited_to(1);
    let lease = add(&store, 5, None);
    assert_eq!(keys(&store), [key(5)]);
    lease.verify().unwrap();
}

#[test]
fn pruning_keeps_what_is_in_use_and_tells_what_went() {
    let (_folder, store) = store();
    let parent = add(&store, 1, None);
    drop(add(&store, 2, Some(1)));
    let pruned = store
        .prune(PruneLimits {
            bytes: 0,
            unused_for: None,
        })
        .unwrap();
    assert_eq!(
        pruned
            .removed
            .iter()
            .map(|entry| entry.key)
            .collect::<Vec<_>>(),
        [key(2)]
    );
    assert_eq!(
        pruned
            .kept
            .iter()
            .map(|entry| entry.key)
            .collect::<Vec<_>>(),
        [key(1)]
    );
    assert!(pruned.freed() > 0 && pruned.remaining() > 0);
    parent.verify().unwrap();
}

#[test]
fn what_killed_processes_left_is_cleared() {
    let (_folder, store) = store();
    drop(add(&store, 1, None));
    let draft = store.folder().join(format!(".draft-{}-abc", key(2)));
    fs::create_dir(&draft).unwrap();
    fs::write(draft.join("ram"), "half").unwrap();
    fs::write(draft.join(LOCK), "").unwrap();
    fs::create_dir(store.folder().join(format!(".draft-{}-def", key(2)))).unwrap();
    fs::create_dir(store.folder().join(".gone-x")).unwrap();
    fs::write(store.folder().join(".gone-x/ram"), "old").unwrap();
    let live = store.begin(&key(3)).unwrap().unwrap();
    fs::write(store.folder().join("notes.txt"), "not ours, not touched").unwrap();
    CheckpointStore::open(store.folder()).unwrap();
    let left = names(store.folder());
    assert!(live.folder().is_dir());
    assert_eq!(left.len(), 5, "{left:?}");
    assert!(store.begin(&key(2)).unwrap().is_some());
}

#[test]
fn links_are_removed_and_never_followed() {
    let (folder, store) = store();
    let elsewhere = folder.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("thesis.txt"), "mine").unwrap();
    symlink(&elsewhere, entry_folder(store.folder(), &key(1))).unwrap();
    symlink(&elsewhere, store.folder().join(".gone-x")).unwrap();
    symlink(
        &elsewhere,
        store.folder().join(format!(".draft-{}-x", key(3))),
    )
    .unwrap();
    drop(add(&store, 2, None));
    symlink(
        &elsewhere,
        entry_folder(store.folder(), &key(2)).join("link"),
    )
    .unwrap();
    CheckpointStore::open(store.folder()).unwrap();
    store.remove(&key(1)).unwrap();
    store.remove(&key(2)).unwrap();
    assert_eq!(names(store.folder()), [".lock", "CACHEDIR.TAG"]);
    assert_eq!(names(&elsewhere), ["thesis.txt"]);
}

#[test]
fn a_copied_cache_is_whole() {
    let (folder, store) = store();
    let draft = store.begin(&key(1)).unwrap().unwrap();
    let ram = fs::File::create(draft.folder().join("ram")).unwrap();
    ram.set_len(3 << 20).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&ram, b"memory", 1 << 20).unwrap();
    drop(draft.commit(facts(None)).unwrap());
    // A copy that fills holes, as `cp --sparse=never` makes.
    let copy = folder.path().join("copy");
    for at in [
        store.folder().to_owned(),
        entry_folder(store.folder(), &key(1)),
    ] {
        let to = copy.join(at.strip_prefix(store.folder()).unwrap());
        fs::create_dir_all(&to).unwrap();
        for name in names(&at).iter().filter(|name| at.join(name).is_file()) {
            fs::write(to.join(name), fs::read(at.join(name)).unwrap()).unwrap();
        }
    }
    let copy = CheckpointStore::open(copy).unwrap();
    copy.find(&key(1)).unwrap().unwrap().verify().unwrap();
}
