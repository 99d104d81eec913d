//! Tests of the evidence of a failure: the end of the console, the crash of a kernel, secrets that stay hidden.

use reports::CauseKind;
use vm::scripted::{Answer, Effect};

use super::{Rig, after, shown};

const CRASH: [&str; 4] = [
    "[    5.0] BUG: kernel NULL pointer dereference, address: 0000000000000010",
    "[    5.0] Oops: 0002 [#1] PREEMPT SMP",
    "[    5.0] RIP: 0010:broken_probe+0x11/0x20",
    "[    5.1] ---[ end trace 0000000000000000 ]---",
];

#[tokio::test(start_paused = true)]
async fn a_failure_has_the_last_lines_of_the_console() {
    let rig = Rig::steps("  - see: { needle: desktop, within: 20s }\n");
    let lines = (1..=50).map(|number| Effect::line(&format!("line {number}")));
    let ran = rig
        .starts([shown("menu")].into_iter().chain(lines))
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "no needle");
    let steps = ran.steps();
    let tail = &steps[0].evidence.serial_tail;
    assert_eq!(tail.len(), 20);
    assert_eq!(
        (tail[0].as_str(), tail[19].as_str()),
        ("line 31", "line 50")
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_has_the_crash_of_the_kernel_from_its_first_line_on() {
    let rig = Rig::steps("  - see: { needle: desktop, within: 20s }\n");
    let lines = CRASH.map(Effect::line);
    let ran = rig
        .starts([shown("menu"), after(3)].into_iter().chain(lines))
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "no needle");
    let steps = ran.steps();
    let crash = &steps[0].evidence.kernel_crash;
    assert!(
        crash
            .first()
            .is_some_and(|line| line.contains("NULL pointer dereference")),
        "{crash:?}"
    );
    assert!(crash.iter().any(|line| line.contains("RIP: ")), "{crash:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_held_needs_no_console() {
    let ran = Rig::steps("  - see: menu\n")
        .starts([shown("menu"), Effect::line("hello")])
        .run()
        .await;
    ran.holds();
    assert!(ran.steps()[0].evidence.serial_tail.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_the_guest_echoes_is_hidden_in_the_evidence() {
    let rig = Rig::steps(
        "  - type: { text: opensesame, secret: true }\n  - serial: { regex: welcome, within: 10s }\n",
    );
    let ran = rig
        .starts([after(2), Effect::line("you typed opensesame")])
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "did not say `welcome`");
    let steps = ran.steps();
    let tail = steps[1].evidence.serial_tail.join("\n");
    assert!(
        tail.contains("you typed") && !tail.contains("opensesame"),
        "{tail}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_a_command_is_kept_also_where_it_fails() {
    let rig = Rig::steps("  - run: { command: uname, output: Hurd, over: agent }\n");
    let ran = rig
        .starts([Effect::ConnectAgent])
        .script(|script| script.answer("uname", Answer::success("Linux 6.1\n")))
        .run()
        .await;
    ran.fails(CauseKind::Command, "Hurd");
    let steps = ran.steps();
    let command = steps[0].evidence.command.as_ref().expect("a command");
    assert!(format!("{command:?}").contains("Linux 6.1"), "{command:?}");
}
