//! `put` and `get`: files into the guest and out of it, by its agent.

use reports::{CauseKind, KeptFile, StepOutcome};
use vm::scripted::{Answer, Effect};

use super::{Ran, Rig};

const AGENT: Effect = Effect::ConnectAgent;

/// The line of `cksum` for `hello` with a line end.
const HELLO: &str = "3015617425 6\n";

fn rig(steps: &str) -> Rig {
    Rig::steps(steps).starts([AGENT])
}

/// Returns the file that a step kept.
#[track_caller]
fn kept(ran: &Ran, step: usize) -> &KeptFile {
    let steps = ran.steps();
    steps[step].evidence.file.as_ref().expect("a file")
}

#[tokio::test(start_paused = true)]
async fn a_text_and_a_file_are_written_and_compared() {
    let ran = rig(
        "  - put: { text: \"hello\\n\", to: /etc/motd, mode: '0600' }\n  \
        - put: { file: files/a, to: /root/a }\n",
    )
    .file("files/a", "hello\n")
    .script(|script| {
        script
            .answer("t='/etc/motd'\nm='0600'", Answer::success(HELLO))
            .answer("t='/root/a'\nm=''", Answer::success(HELLO))
    })
    .run()
    .await;
    ran.holds();
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_what_was_written_fails() {
    let ran = rig("  - put: { text: hello, to: /etc/motd }\n")
        .script(|script| script.answer("t='/etc/motd'", Answer::success(HELLO)))
        .run()
        .await;
    ran.fails(
        CauseKind::Command,
        "`/etc/motd` in the guest is not what was written: it has 6 bytes there and was written with 5",
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_refuses_a_file_fails() {
    let ran = rig("  - put: { text: hello, to: /etc/motd }\n")
        .script(|script| script.answer("t='/etc/motd'", Answer::status(1)))
        .run()
        .await;
    ran.fails(
        CauseKind::Command,
        "`/etc/motd` cannot be written in the guest: its shell ended with status 1",
    );
    let steps = ran.steps();
    let command = steps[0].evidence.command.as_ref().expect("a command");
    assert_eq!(
        (command.command.as_str(), command.exit),
        ("put text to /etc/motd", Some(1))
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_of_the_guest_is_kept_and_named_in_the_log() {
    let ran = rig("  - get: /var/log/installer.log\n  - get: /tmp/installer.log\n")
        .script(|script| script.answer("/installer.log'", Answer::success("a log\n")))
        .run()
        .await;
    ran.holds();
    let first = kept(&ran, 0);
    assert_eq!(
        *first,
        KeptFile {
            file: "story/files/installer.log".to_owned(),
            guest_path: "/var/log/installer.log".to_owned(),
            bytes: 6,
            remark: None,
        }
    );
    assert_eq!(kept(&ran, 1).file, "story/files/installer-2.log");
}

#[tokio::test(start_paused = true)]
async fn the_content_of_a_file_becomes_a_variable() {
    let ran = rig("  - get: { file: /etc/os-release, save: release }\n  \
        - assert: release matches /^ID=debian$/\n")
    .script(|script| script.answer("/etc/os-release", Answer::success("ID=debian\n\n")))
    .run()
    .await;
    ran.holds();
    assert!(ran.steps()[0].evidence.file.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_no_text_does_not_become_a_variable() {
    let ran = rig("  - get: { file: /bin/ls, save: program }\n")
        .script(|script| script.answer("/bin/ls", Answer::success("\0ELF")))
        .run()
        .await;
    ran.fails(CauseKind::Command, "`/bin/ls` is no text");
}

#[tokio::test(start_paused = true)]
async fn an_absent_file_fails_unless_it_is_optional() {
    let absent = |rig: Rig| rig.script(|script| script.answer("/var/log/x", Answer::status(44)));
    let ran = absent(rig("  - get: /var/log/x\n")).run().await;
    ran.fails(
        CauseKind::Command,
        "`/var/log/x` cannot be copied from the guest: it does not exist",
    );
    let ran = absent(rig(
        "  - get: { file: /var/log/x, optional: true, save: log }\n  \
        - assert: log == \"\"\n",
    ))
    .run()
    .await;
    ran.holds()
        .notes("the guest has no `/var/log/x`: it does not exist");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_optional_and_there_must_be_readable() {
    let ran = rig("  - get: { file: /var/log/x, optional: true }\n")
        .script(|script| script.answer("/var/log/x", Answer::status(1)))
        .run()
        .await;
    ran.fails(CauseKind::Command, "`/var/log/x` cannot be copied");
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_too_large_is_an_error_of_the_scenario() {
    let piece = "x".repeat(1 << 20);
    let ran = rig("  - get: /var/log/x\n")
        .script(|script| {
            let sum = "1 67108865\n-rw-r--r-- 1 0 0 99999999 Nov 30 10:00 /var/log/x\n";
            script
                .answer("s='1'", Answer::success(sum))
                .answer("/var/log/x", Answer::success(&piece))
        })
        .run()
        .await;
    ran.breaks(
        CauseKind::Scenario,
        "it has 95 MiB, and at most 64 MiB are copied",
    );
    assert!(
        ran.cause().hints[0].contains("tail -c"),
        "{:?}",
        ran.cause()
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_restarts_meanwhile_has_not_answered() {
    let ran = Rig::steps("  - get: { file: /var/log/x, resets: 1 }\n")
        .script(|script| {
            script
                .at_start_number(0, [AGENT])
                .answer("/var/log/x", Answer::success("x").after(super::minutes(9)))
                .at_start_number(
                    0,
                    [super::after(2), Effect::Restart(vm::EventOrigin::Guest)],
                )
        })
        .run()
        .await;
    ran.fails(
        CauseKind::Command,
        "the guest restarted or powered off before `get /var/log/x` had answered",
    );
}

#[tokio::test(start_paused = true)]
async fn a_transfer_that_does_not_end_fails_at_its_deadline() {
    let ran = rig("  - put: { text: x, to: /mnt/nfs/x, within: 20s }\n")
        .script(|script| script.answer("/mnt/nfs/x", Answer::success("").after(super::minutes(9))))
        .run()
        .await;
    ran.fails(
        CauseKind::Deadline,
        "`put text to /mnt/nfs/x` still ran after 20s",
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_whose_name_is_known_late_is_an_error_if_it_is_absent() {
    let steps =
        "  - run: { command: uname, save: name }\n  - put: { file: 'files/{{ name }}', to: /a }\n";
    let system = |rig: Rig| {
        rig.script(|script| {
            script
                .answer("uname", Answer::success("Linux\n"))
                .answer("t='/a'", Answer::success(HELLO))
        })
    };
    let ran = system(rig(steps)).run().await;
    ran.breaks(CauseKind::Scenario, "`files/Linux` cannot be read");
    let ran = system(rig(steps).file("files/Linux", "hello\n"))
        .run()
        .await;
    ran.holds();
    assert_eq!(ran.steps()[1].outcome, Some(StepOutcome::Passed));
}
