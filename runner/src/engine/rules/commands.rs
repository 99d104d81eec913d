//! `run`: commands in the guest, by its agent.

use std::time::Duration;

use reports::CauseKind;
use vm::EventOrigin;
use vm::scripted::{Answer, Effect};

use super::{Rig, after};

const SECOND: Duration = Duration::from_secs(1);
const AGENT: Effect = Effect::ConnectAgent;

#[tokio::test(start_paused = true)]
async fn a_command_is_judged_by_its_exit_status() {
    let rig = Rig::steps("  - run: { command: check-it, over: agent }\n");
    let ran = rig
        .starts([AGENT])
        .script(|script| script.answer("check-it", Answer::status(3)))
        .run()
        .await;
    ran.fails(CauseKind::Command, "`check-it`");
    let steps = ran.steps();
    let command = steps[0].evidence.command.as_ref().expect("a command");
    assert_eq!(command.exit, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_status_that_the_step_wants_holds() {
    let rig = Rig::steps("  - run: { command: check-it, exit: 3, over: agent }\n");
    let ran = rig
        .starts([AGENT])
        .script(|script| script.answer("check-it", Answer::status(3)))
        .run()
        .await;
    ran.holds();
}

#[tokio::test(start_paused = true)]
async fn an_output_that_does_not_fit_fails() {
    let rig = Rig::steps("  - run: { command: uname, output: Hurd, over: agent }\n");
    let ran = rig
        .starts([AGENT])
        .script(|script| script.answer("uname", Answer::success("Linux\n")))
        .run()
        .await;
    ran.fails(CauseKind::Command, "Hurd");
}

#[tokio::test(start_paused = true)]
async fn a_command_waits_for_an_agent_that_comes_late() {
    let rig = Rig::steps("  - run: { command: uname, over: agent, within: 2m }\n");
    let ran = rig
        .starts([after(60), AGENT])
        .script(|script| script.answer("uname", Answer::success("Linux\n")))
        .run()
        .await;
    ran.holds().takes(SECOND * 60, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_guest_without_an_agent_fails_at_the_deadline() {
    let rig = Rig::steps("  - run: { command: uname, over: agent, within: 20s }\n");
    let ran = rig.run().await;
    ran.fails(
        CauseKind::Deadline,
        "no guest agent was connected within 20s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_command_that_does_not_end_is_ended_at_the_deadline() {
    let rig = Rig::steps("  - run: { command: sleep, over: agent, within: 30s }\n");
    let ran = rig
        .starts([AGENT])
        .script(|script| script.answer("sleep", Answer::success("").after(SECOND * 600)))
        .run()
        .await;
    ran.fails(CauseKind::Deadline, "`sleep` still ran after 30s");
    ran.takes(SECOND * 30, SECOND * 5);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_restarts_the_guest_as_the_step_says_needs_no_answer() {
    let rig = Rig::steps(
        "  - run: { command: systemctl reboot, over: agent }\n    resets: 1\n    within: 2m\n  - serial: again\n",
    );
    let ran = rig
        .script(|script| {
            script
                .at_start_number(0, [AGENT, after(20), Effect::Restart(EventOrigin::Guest)])
                .at_start_number(1, [Effect::line("again")])
                .answer("reboot", Answer::success("").after(SECOND * 600))
        })
        .run()
        .await;
    ran.holds();
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_goes_during_a_command_is_the_guests_failure() {
    let rig = Rig::steps("  - run: { command: work, over: agent, within: 2m }\n");
    let ran = rig
        .starts([AGENT, after(20), Effect::DisconnectAgent])
        .script(|script| script.answer("work", Answer::success("").after(SECOND * 600)))
        .run()
        .await;
    ran.fails(
        CauseKind::Deadline,
        "the guest agent does not answer any more",
    );
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_takes_the_agent_first_is_the_reason() {
    let rig = Rig::steps("  - run: { command: work, over: agent, within: 2m }\n");
    let went = [
        AGENT,
        after(20),
        Effect::DisconnectAgent,
        after(60),
        Effect::Restart(EventOrigin::Guest),
    ];
    let ran = rig
        .starts(went)
        .script(|script| script.answer("work", Answer::success("").after(SECOND * 600)))
        .run()
        .await;
    ran.fails(CauseKind::UnexpectedReset, "no step had asked for it");
}

#[tokio::test(start_paused = true)]
async fn an_agent_that_comes_back_has_no_other_reason() {
    let rig = Rig::steps("  - run: { command: work, over: agent, within: 2m }\n");
    let ran = rig
        .starts([AGENT, after(20), Effect::DisconnectAgent, after(10), AGENT])
        .script(|script| script.answer("work", Answer::success("").after(SECOND * 600)))
        .run()
        .await;
    ran.fails(
        CauseKind::Deadline,
        "the guest agent does not answer any more",
    );
    ran.takes(SECOND * 30, SECOND * 10);
}
