//! `cache`: checkpoints are listed, pruned and verified.

use std::fs;
use std::path::PathBuf;

use qa_tests::Qa;
use serde_json::Value;
use vm::checkpoint::{CheckpointFacts, CheckpointKey, CheckpointStore, Lease};

use crate::qa;

fn folder(qa: &Qa) -> PathBuf {
    qa.root().join("../home/.cache/qa/checkpoints")
}

/// Puts a checkpoint of a few kilobytes into the cache that a call will use.
fn add(qa: &Qa, number: u8, parent: Option<u8>, scenario: &str) -> Lease {
    let key = |number| CheckpointKey::from_bytes([number; 32]);
    let store = CheckpointStore::open(folder(qa)).unwrap();
    let draft = store.begin(&key(number)).unwrap().unwrap();
    fs::write(draft.folder().join("ram"), "memory".repeat(10_000)).unwrap();
    let facts = CheckpointFacts {
        parent: parent.map(key),
        scenario: scenario.into(),
        image: "disk".into(),
        image_digest: "00".into(),
        machine: "pc".into(),
        qemu: "7.2.9".into(),
        saved: "2001-02-03T04:05:06Z".into(),
        cold_ms: 170_000,
        state: Value::Null,
    };
    draft.commit(facts).unwrap()
}

fn damage(qa: &Qa, number: &str) {
    let ram = folder(qa).join(number.repeat(32)).join("ram");
    let mut bytes = fs::read(&ram).unwrap();
    bytes[1_000] ^= 1;
    fs::write(ram, bytes).unwrap();
}

#[test]
fn an_empty_cache_lists_nothing() {
    let call = qa();
    call.args(["cache", "list"])
        .stdout("")
        .stderr_has("no checkpoints in ")
        .exit_code(0);
}

#[test]
fn list_shows_what_is_there_and_what_is_in_use() {
    let call = qa();
    drop(add(&call, 1, None, "login"));
    let _lease = add(&call, 2, None, "calculator");
    let outcome = call
        .beside()
        .args(["cache", "list"])
        .any_stdout()
        .exit_code(0);
    let lines: Vec<Vec<_>> = outcome
        .stdout()
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(
        lines[0].join(" "),
        "KEY SCENARIO IMAGE MACHINE AGE LAST USE SIZE STATE"
    );
    assert_eq!(lines[1][..4], ["020202020202", "calculator", "disk", "pc"]);
    assert_eq!(lines[1][lines[1].len() - 2..], ["in", "use"]);
    assert_eq!(lines[2][..4], ["010101010101", "login", "disk", "pc"]);
    assert_eq!(lines[2].last(), Some(&"idle"));
    assert_eq!(lines.len(), 3);
}

#[test]
fn list_for_programs_has_a_line_a_checkpoint() {
    let call = qa();
    drop(add(&call, 1, None, "login"));
    drop(add(&call, 2, Some(1), "calculator"));
    fs::write(folder(&call).join("02".repeat(32)).join("ram"), "short").unwrap();
    let outcome = call
        .beside()
        .args(["cache", "list", "--format", "json"])
        .any_stdout()
        .exit_code(0);
    let lines: Vec<Value> = outcome
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |scenario| {
        lines
            .iter()
            .find(|line| line["scenario"] == scenario)
            .unwrap()
    };
    assert_eq!(lines.len(), 2);
    let login = of("login");
    assert_eq!(login["key"], "01".repeat(32));
    assert_eq!(
        (&login["parent"], &login["damage"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        (&login["saved"], &login["in_use"]),
        (&"2001-02-03T04:05:06Z".into(), &false.into())
    );
    assert!(login["bytes"].as_u64().unwrap() >= 60_000);
    let calculator = of("calculator");
    assert_eq!(calculator["parent"], login["key"]);
    assert_eq!(
        calculator["damage"],
        "its file `ram` has 5 bytes, expected 60000"
    );
}

#[test]
fn prune_removes_down_to_the_limit_and_keeps_what_is_in_use() {
    let call = qa();
    drop(add(&call, 1, None, "login"));
    let lease = add(&call, 2, None, "calculator");
    call.beside()
        .args(["cache", "prune", "--limit", "1G", "--older-than", "7d"])
        .stdout("")
        .stderr_has("0 removed, 0 B freed; 2 kept, ")
        .exit_code(0);
    call.beside()
        .args(["cache", "prune", "--all"])
        .stdout_has("removed  010101010101  login  ")
        .stderr_has("the cache is still larger than the limit, because the rest is in use")
        .exit_code(0);
    drop(lease);
    call.beside()
        .env("QA_CACHE_LIMIT", "1K")
        .args(["cache", "prune"])
        .stdout_has("removed  020202020202  calculator  ")
        .stderr_has("1 removed, ")
        .exit_code(0);
    assert_eq!(fs::read_dir(folder(&call)).unwrap().count(), 2);
}

#[test]
fn verify_drops_what_is_damaged_with_what_hangs_on_it() {
    let call = qa();
    drop(add(&call, 1, None, "login"));
    drop(add(&call, 2, Some(1), "settings"));
    drop(add(&call, 3, Some(2), "network"));
    call.beside()
        .args(["cache", "verify"])
        .stdout("ok       010101010101  login\nok       020202020202  settings\nok       030303030303  network\n")
        .exit_code(0);
    damage(&call, "02");
    call.beside()
        .args(["cache", "verify"])
        .stdout(
            "\
ok       010101010101  login
damaged  020202020202  settings: the bytes of its file `ram` have changed since it was saved
ok       030303030303  network
removed  030303030303  network
removed  020202020202  settings
",
        )
        .stderr_has("makes it again")
        .exit_code(3);
    call.beside()
        .args(["cache", "verify"])
        .stdout("ok       010101010101  login\n")
        .exit_code(0);
}

#[test]
fn limits_that_are_no_sizes_are_refused() {
    qa().args(["cache", "prune", "--limit", "lots"])
        .stderr_has("a size like `500M` or `20G`")
        .exit_code(2);
    qa().env("QA_CACHE_LIMIT", "lots")
        .args(["cache", "list"])
        .stderr_has("QA_CACHE_LIMIT is `lots`: expected a size like `500M` or `20G`")
        .exit_code(2);
}

#[test]
fn a_folder_that_is_not_ours_is_left_alone() {
    let call = qa();
    fs::create_dir_all(folder(&call)).unwrap();
    fs::write(folder(&call).join("thesis.txt"), "mine").unwrap();
    call.beside()
        .args(["cache", "prune", "--all"])
        .stderr_has("is not a checkpoint store and not empty")
        .exit_code(3);
    assert_eq!(fs::read(folder(&call).join("thesis.txt")).unwrap(), b"mine");
}
