//! `serial`: what counts as an answer, what is saved of it, and when text is sent again.

use std::time::Duration;

use reports::CauseKind;
use vm::scripted::{Effect, Trigger};

use super::{Rig, after};

const SECOND: Duration = Duration::from_secs(1);

fn line(text: &str) -> Trigger {
    Trigger::Line(text.to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_there_already_counts() {
    let rig = Rig::steps(
        "  - serial: login\n  - serial: { regex: 'up (\\d+) days', save: days }\n  - assert: days == \"12\"\n",
    );
    let starts = [Effect::line("login:"), after(5), Effect::line("up 12 days")];
    rig.starts(starts).run().await.holds();
}

#[tokio::test(start_paused = true)]
async fn a_text_counts_once() {
    let rig = Rig::steps("  - serial: login\n  - serial: { regex: login, within: 10s }\n");
    let ran = rig.starts([Effect::line("login:")]).run().await;
    ran.fails(
        CauseKind::Deadline,
        "the serial console did not say `login` within 10s",
    )
    .at_step("2");
}

#[tokio::test(start_paused = true)]
async fn the_echo_of_what_was_sent_is_no_answer() {
    let rig = Rig::steps("  - serial: { send: \"uptime\\n\", regex: uptime, within: 10s }\n");
    let ran = rig
        .script(|script| {
            script.when(
                line("uptime"),
                [Effect::line("uptime"), Effect::line("12 days")],
            )
        })
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "did not say `uptime`");
    assert!(
        ran.cause().hints.iter().any(|hint| hint.contains("echo")),
        "{:?}",
        ran.cause()
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_before_the_question_does_not_count() {
    let rig = Rig::steps(
        "  - serial: ready\n  - serial: { send: \"go\\n\", regex: done, within: 10s }\n",
    );
    let ran = rig
        .starts([Effect::line("done"), Effect::line("ready")])
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "did not say `done`")
        .at_step("2");
}

#[tokio::test(start_paused = true)]
async fn text_is_sent_again_until_the_answer_comes() {
    let rig =
        Rig::steps("  - serial: { send: \"hello\\n\", until: welcome, every: 3s, within: 1m }\n");
    let ran = rig
        .script(|script| {
            script
                .at_start([after(10), Effect::line("a getty that sleeps")])
                .when(line("hello"), [after(4), Effect::line("welcome")])
        })
        .run()
        .await;
    ran.holds();
}

#[tokio::test(start_paused = true)]
async fn a_text_that_must_not_come_fails_as_soon_as_it_comes() {
    let rig = Rig::steps("  - serial: { absent: error, for: 1m }\n");
    let ran = rig
        .starts([after(20), Effect::line("an error occurred")])
        .run()
        .await;
    ran.fails(
        CauseKind::Assertion,
        "the serial console says `an error occurred`, which it must not",
    );
    ran.takes(SECOND * 20, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_text_that_does_not_come_holds_when_the_time_is_over() {
    let rig = Rig::steps("  - serial: { absent: error, for: 1m }\n");
    let ran = rig.starts([Effect::line("all is well")]).run().await;
    ran.holds().takes(SECOND * 60, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_is_sent_is_nowhere_in_the_log() {
    let rig = Rig::scenario(
        "vars: { word: sesame }\nsteps:\n  - serial: { send: \"{{ word }}\\n\", regex: welcome }\n  \
            - type: { text: opensesame, secret: true }\n",
    );
    let ran = rig
        .script(|script| script.when(line("sesame"), [Effect::line("welcome")]))
        .run()
        .await;
    ran.holds();
    let log: Vec<String> = ran
        .log
        .iter()
        .map(|entry| format!("{:?}", entry.event))
        .collect();
    assert!(
        !log.iter().any(|event| event.contains("opensesame")),
        "{log:#?}"
    );
}
