//! Tests of whole runs: attempts that panic.

use reports::Cause;
use time::macros::datetime;

use super::*;
use crate::engine::machines::Machines;
use crate::feed::Feed;
use crate::needle_store::NeedleStore;
use crate::results::RunFolder;

const PANICS: &str = "panics";

/// Makes the attempts at one scenario panic.
pub(in crate::engine) fn pass(scenario: &str) {
    assert_ne!(scenario, PANICS, "as the test wants it");
}

/// Makes a job of these stages, on an image that does not exist.
fn job(way: &[&str]) -> Arc<Job> {
    let name = way.last().expect("a stage");
    let stages = way.iter().map(|name| Stage::sample(name)).collect();
    Arc::new(Job::sample(name, stages))
}

/// Runs the jobs one after the other, and returns the end of each attempt.
async fn run(jobs: &[Arc<Job>], retries: u32) -> Vec<(String, u32, Verdict, Cause)> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let now = datetime!(2026-11-24 02:03:04 UTC);
    let folder = RunFolder::create(dir.path(), now).expect("a folder");
    let feed = Feed::new();
    let store = Arc::new(NeedleStore::open(&[]));
    let mut engine = Engine::sample(Machines::Qemu, store, &feed, folder);
    engine.policy.retries = retries;
    let engine = Arc::new(engine);
    engine.run(jobs).await;
    let judged = |entry: &Arc<reports::Entry>| match &entry.event {
        Event::ScenarioFinished { verdict, cause, .. } => Some((
            entry.scenario().expect("a scenario").to_owned(),
            entry.envelope.attempt.expect("a number"),
            *verdict,
            cause.clone().expect("a cause"),
        )),
        _ => None,
    };
    feed.entries().iter().filter_map(judged).collect()
}

#[tokio::test]
async fn an_attempt_that_panics_is_an_error_and_the_others_go_on() {
    let jobs = [
        job(&["before"]),
        job(&[PANICS]),
        job(&[PANICS, "behind-it"]),
        job(&["after"]),
    ];
    let judged = run(&jobs, 0).await;
    let names: Vec<_> = judged.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["before", PANICS, "behind-it", "after"]);
    let (_, _, verdict, cause) = &judged[1];
    assert_eq!(*verdict, Verdict::Error);
    assert_eq!(cause.kind, CauseKind::Harness);
    assert!(
        cause.message.starts_with("qa itself crashed: ")
            && cause.message.contains("as the test wants it"),
        "{cause:?}"
    );
    assert_eq!(judged[2].2, Verdict::Skipped);
    for other in [&judged[0], &judged[3]] {
        assert_eq!(
            other.3.kind,
            CauseKind::Image,
            "by its own fault: {other:?}"
        );
    }
}

#[tokio::test]
async fn an_attempt_that_panics_is_tried_again_like_others() {
    let judged = run(&[job(&[PANICS])], 2).await;
    let numbers: Vec<_> = judged.iter().map(|(_, number, ..)| *number).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn whatever_a_panic_says_is_told() {
    async fn text(panics: fn()) -> String {
        let broken = tokio::spawn(async move { panics() }).await;
        panic_text(broken.expect_err("it panics"))
    }
    assert_eq!(text(|| panic!("one")).await, "one");
    assert_eq!(text(|| panic!("{}", 1 + 1)).await, "2");
    let words = text(|| std::panic::panic_any(3)).await;
    assert_eq!(words, "a panic without a message");
}
