//! Scenarios that start where others end.

use reports::{StartedFrom, Verdict};
use vm::scripted::{Effect, Trigger};

use super::{Rig, after, shown};

const LOGIN: &str = "image: cd\nvars: { user: nobody }\nsteps:\n  - see: { needle: menu, within: 1m }\n  \
    - set: { user: alice }\n";

fn after_login(login: &str, steps: &str) -> Rig {
    let text = format!("after: login\nvars: {{ user: nobody }}\nsteps:\n{steps}");
    Rig::scenario(&text).also("login", login)
}

fn story(steps: &str) -> Rig {
    after_login(LOGIN, steps)
}

#[tokio::test(start_paused = true)]
async fn a_scenario_goes_on_with_the_machine_and_the_variables_of_the_one_before() {
    let key = Trigger::Key("ret".parse().expect("a key"));
    let ran = story("  - assert: user == \"alice\"\n  - press: ret\n  - see: desktop\n")
        .starts([shown("menu")])
        .script(|script| script.when(key, [after(1), shown("desktop")]))
        .run()
        .await;
    assert_eq!(ran.named("login").verdict, Verdict::Passed);
    let scenario = ran.named("story");
    assert_eq!(scenario.verdict, Verdict::Passed, "{:?}", scenario.why());
    let from = &scenario.last_attempt().expect("an attempt").from;
    assert!(
        matches!(from, StartedFrom::Continued { scenario } if scenario == "login"),
        "{from:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_starts_after_a_failure_is_skipped_with_the_reason() {
    let ran = story("  - see: desktop\n")
        .starts([shown("window")])
        .run()
        .await;
    assert_eq!(ran.named("login").verdict, Verdict::Failed);
    let scenario = ran.named("story");
    assert_eq!(scenario.verdict, Verdict::Skipped);
    let why = scenario.why().expect("a reason");
    assert!(
        why.contains("it starts after `login`, whose verdict in this run is failed"),
        "{why}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_starts_after_a_machine_that_broke_is_skipped_too() {
    let ran = story("  - see: desktop\n")
        .starts([after(3), Effect::End])
        .run()
        .await;
    assert_eq!(ran.named("login").verdict, Verdict::Error);
    assert_eq!(ran.named("story").verdict, Verdict::Skipped);
}

#[tokio::test(start_paused = true)]
async fn what_the_console_said_before_is_not_searched_again() {
    let ran = story("  - serial: { regex: hello, within: 10s }\n")
        .starts([Effect::line("hello"), shown("menu")])
        .run()
        .await;
    assert_eq!(ran.named("story").verdict, Verdict::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_known_defect_on_the_way_counts_for_what_starts_after_it() {
    let login = format!("{LOGIN}  - soft_fail: {{ reason: a slow clock, ticket: BUG-1 }}\n");
    let ran = after_login(&login, "  - see: menu\n")
        .starts([shown("menu")])
        .run()
        .await;
    assert_eq!(ran.named("login").verdict, Verdict::SoftFailed);
    assert_eq!(ran.named("story").verdict, Verdict::SoftFailed);
}
