//! Tests of acquiring places.

use std::sync::Mutex;

use super::*;
use crate::board::{
    all_returned,
    labgrid::{Labgrid, fake::Fake},
};

const MINUTE: Duration = Duration::from_secs(60);

fn owner() -> Owner {
    Owner::of_this_process("run").unwrap()
}

fn tagged(fake: &Fake, tags: &[(&str, &str)]) -> LabgridSpec {
    let tags = tags
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    LabgridSpec {
        place: Place::Tagged(tags.collect()),
        ..fake.spec("")
    }
}

fn never(words: &str) {
    panic!("it waits: {words}");
}

#[tokio::test]
async fn a_check_looks_at_everything_and_acquires_nothing() {
    let fake = Fake::new("case \"$*\" in version) says version;; *places) says places;; esac");
    assert_eq!(
        Labgrid::check(&fake.spec("b1")).await.unwrap().to_string(),
        "26.0.1"
    );
    Labgrid::check(&tagged(&fake, &[("board", "rock3b")]))
        .await
        .unwrap();
    assert_eq!(fake.calls()[..2], ["version", "-v places"]);
    let rows = [
        // The program itself would take `b` for b1 or b2.
        (fake.spec("b"), "knows no place `b`", "it knows: b1, b2"),
        (
            tagged(&fake, &[("board", "moon")]),
            "place with the tags `board=moon`",
            "it knows: board=rpi4",
        ),
        (
            tagged(&fake, &[("bo ard", "x")]),
            "tag `bo ard=x` is not possible",
            "use letters",
        ),
        (
            tagged(&fake, &[]),
            "needs a name or a tag",
            "name the place",
        ),
    ];
    for (spec, words, advice) in rows {
        let fault = Labgrid::check(&spec).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Refused);
        assert!(fault.words.contains(words), "{fault:?}");
        assert!(
            fault.advice.as_deref().unwrap().starts_with(advice),
            "{fault:?}"
        );
    }
    let mut spec = fake.spec("b1");
    spec.state = Some("shell".to_owned());
    assert!(
        Labgrid::check(&spec)
            .await
            .unwrap_err()
            .words
            .contains("needs an environment file")
    );
    spec.environment = Some("/nowhere/env.yaml".into());
    assert!(
        Labgrid::check(&spec)
            .await
            .unwrap_err()
            .words
            .contains("/nowhere/env.yaml")
    );
}

#[tokio::test]
async fn a_coordinator_that_is_gone_is_told() {
    let fake = Fake::new("fails coordinator-gone");
    let fault = Labgrid::check(&fake.spec("b1")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    let fault = Labgrid::acquire(&fake.spec("b1"), &owner(), MINUTE, never)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(fault.words.contains("does not answer"), "{fault:?}");
}

#[tokio::test]
async fn a_free_place_is_acquired_and_released_by_its_owner() {
    let fake = Fake::new(
        "case \"$*\" in *places) says places-free;; *acquire) says acquired;; *release-from*) says released;; esac",
    );
    let owner = owner();
    let board = Labgrid::acquire(&fake.spec("b1"), &owner, Duration::ZERO, never)
        .await
        .unwrap();
    assert_eq!(board.place(), "b1");
    board.release().await.unwrap();
    let release = format!("-p b1 release-from {owner}");
    assert_eq!(fake.calls(), ["-v places", "-p b1 acquire", &release]);
    assert_eq!(fake.owners()[1], owner.to_string());
}

#[tokio::test]
async fn a_place_that_is_dropped_is_released() {
    let fake =
        Fake::new("case \"$*\" in *places) says places-free;; *acquire) says acquired;; esac");
    let owner = owner();
    drop(
        Labgrid::acquire(&fake.spec("b1"), &owner, Duration::ZERO, never)
            .await
            .unwrap(),
    );
    all_returned().await;
    assert_eq!(
        fake.calls().last().unwrap(),
        &format!("-p b1 release-from {owner}")
    );
}

#[tokio::test]
async fn a_wait_that_is_dropped_leaves_nothing_acquired() {
    let fake = Fake::new(
        "case \"$*\" in *places) says places-free;; *acquire) : > \"$folder/asked\"; sleep 1000;; esac",
    );
    let (spec, owner) = (fake.spec("b1"), owner());
    let asked = async {
        while !fake.folder().join("asked").exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = Labgrid::acquire(&spec, &owner, Duration::ZERO, never) => panic!("it answers never"),
        () = asked => {}
    }
    all_returned().await;
    assert_eq!(
        fake.calls().last().unwrap(),
        &format!("-p b1 release-from {owner}")
    );
}

#[tokio::test]
async fn a_place_of_a_person_is_told_with_the_person() {
    let fake = Fake::new("case \"$*\" in *places) says places-held;; *acquire) fails held;; esac");
    let fault = Labgrid::acquire(&fake.spec("b1"), &owner(), Duration::ZERO, never)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Held);
    assert_eq!(fault.words, "the place `b1` is held by anna on desk");
    // Nothing is released that was not acquired.
    assert_eq!(fake.calls(), ["-v places", "-p b1 acquire", "-v places"]);
}

#[tokio::test]
async fn patience_waits_in_the_queue_of_the_lab() {
    let fake = Fake::new(
        "case \"$*\" in
        *places) says places-held;;
        *acquire) if once acquire; then fails held; else says acquired; fi;;
        'reserve name=b1') says reserved-waiting;;
        wait*) says waited;;
        cancel-reservation*|*release-from*) exit 0;;
        esac",
    );
    let waits = Mutex::new(Vec::new());
    let note = |words: &str| waits.lock().unwrap().push(words.to_owned());
    let board = Labgrid::acquire(&fake.spec("b1"), &owner(), MINUTE, note)
        .await
        .unwrap();
    assert_eq!(board.place(), "b1");
    assert_eq!(
        *waits.lock().unwrap(),
        ["the place `b1` is held by anna on desk; waiting for it, at most 60 s"]
    );
    assert_eq!(
        fake.calls()[2..],
        [
            "reserve name=b1",
            "-v places",
            "wait 9REK2OZT40",
            "-p b1 acquire",
            "cancel-reservation 9REK2OZT40"
        ]
    );
}

#[tokio::test]
async fn patience_that_is_over_cancels_the_reservation() {
    let fake = Fake::new(
        "case \"$*\" in
        *places) says places-held;;
        *acquire) fails held;;
        reserve*) says reserved-waiting;;
        wait*) sleep 1000;;
        cancel-reservation*) exit 0;;
        esac",
    );
    let moment = Duration::from_millis(50);
    let fault = Labgrid::acquire(&fake.spec("b1"), &owner(), moment, |_| {})
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Held);
    assert!(
        fault
            .words
            .starts_with("the place `b1` is held by anna on desk; it did not become free"),
        "{fault:?}"
    );
    all_returned().await;
    assert!(
        fake.calls()
            .contains(&"cancel-reservation 9REK2OZT40".to_owned())
    );
    // Without patience, tags are reserved, looked at, and given back at once.
    let spec = tagged(&fake, &[("board", "rpi4")]);
    let fault = Labgrid::acquire(&spec, &owner(), Duration::ZERO, never)
        .await
        .unwrap_err();
    assert_eq!(fault.words, "the place `b1` is held by anna on desk");
    assert_eq!(
        fake.calls().last().unwrap(),
        "cancel-reservation 9REK2OZT40"
    );
}

#[tokio::test]
async fn tags_get_a_place_that_has_them() {
    let fake = Fake::new(
        "case \"$*\" in
        *places) says places-free;;
        'reserve board=rpi4') says reserved;;
        *acquire) says acquired;;
        cancel-reservation*|*release-from*) exit 0;;
        esac",
    );
    let spec = tagged(&fake, &[("board", "rpi4")]);
    let board = Labgrid::acquire(&spec, &owner(), Duration::ZERO, never)
        .await
        .unwrap();
    assert_eq!(board.place(), "b1");
    assert_eq!(
        fake.calls()[1..],
        [
            "reserve board=rpi4",
            "-p b1 acquire",
            "cancel-reservation UF7SYFUZGA"
        ]
    );
}

#[tokio::test]
async fn a_lab_that_answers_garbage_is_not_understood() {
    let fake = Fake::new("echo '<html>502 Bad Gateway</html>'; exit 0");
    let fault = Labgrid::acquire(&fake.spec("b1"), &owner(), Duration::ZERO, never)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::NotUnderstood);
    assert!(fault.words.contains("502 Bad Gateway"), "{fault:?}");
}

#[tokio::test]
async fn an_exporter_that_is_gone_is_told_when_its_place_is_acquired() {
    let fake =
        Fake::new("case \"$*\" in *places) says places-free;; *acquire) fails no-exporter;; esac");
    let fault = Labgrid::acquire(&fake.spec("b1"), &owner(), MINUTE, never)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unreachable);
    assert!(
        fault
            .words
            .starts_with("no labgrid exporter offers `exp1/board1/*`"),
        "{fault:?}"
    );
}

#[tokio::test]
async fn a_place_that_may_have_been_granted_is_released() {
    let fake = Fake::new(
        "case \"$*\" in *places) says places-free;; *acquire) echo Traceback >&2; exit 1;; \
         *release-from*) exit 0;; esac",
    );
    let owner = owner();
    let fault = Labgrid::acquire(&fake.spec("b1"), &owner, MINUTE, never)
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Refused);
    all_returned().await;
    assert_eq!(
        fake.calls().last().unwrap(),
        &format!("-p b1 release-from {owner}")
    );
}
