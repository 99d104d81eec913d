//! Runs that start from checkpoints, and runs with several attempts at a scenario.

use reports::{
    AttemptReason, Cause, CauseKind, Entry, Evidence, ExitStatus, FlakyPolicy, Rules, StartedFrom,
    StepOutcome, Verdict,
};

use super::runs::{CALCULATOR, LOGIN, login, present};
use super::side_by_side::side_by_side;
use super::writer::{Writer, candidate};

const KEY: &str = "1f2e3d4c5b6a";

fn checkpoint_of_login(age_ms: u64, this_run: bool) -> StartedFrom {
    StartedFrom::Checkpoint {
        scenario: "gnome-login".to_owned(),
        key: KEY.to_owned(),
        saved: "2026-11-24T00:00:04Z".to_owned(),
        age_ms,
        this_run,
    }
}

/// The steps of the calculator; `shown_ms` is how long its window takes.
fn calculator(log: &mut Writer, shown_ms: u64) -> &mut Writer {
    log.stage("gnome-calculator", 4)
        .machine()
        .held("1", "press super", 60)
        .held("2", "type calc", 380)
        .saw(
            "3",
            "click app-calculator",
            shown_ms,
            present(
                "app-calculator",
                candidate("app-calculator", (0, 0), &[(440, 210, 96, 96, 1.0, 0.96)]),
            ),
        )
}

fn adds(log: &mut Writer) -> &mut Writer {
    log.saw(
        "4",
        "see calculator-shows-42",
        640,
        present(
            "calculator-shows-42",
            candidate(
                "calculator-shows-42",
                (0, 0),
                &[(380, 160, 240, 60, 0.994, 0.96)],
            ),
        ),
    )
    .finish(Verdict::Passed, None)
}

/// A step that ran into its deadline, and with it the attempt.
fn missed(log: &mut Writer, step: &str, text: &str, tag: &str) {
    log.start(step, text, Some(60_000));
    let cause = log.cause(
        CauseKind::Deadline,
        step,
        &format!("no needle tagged `{tag}` matched within 1m"),
        &[],
    );
    let evidence = failure(log, &cause);
    log.end(step, StepOutcome::Failed, 60_003, evidence)
        .finish(Verdict::Failed, Some(cause));
}

fn failure(log: &mut Writer, cause: &Cause) -> Evidence {
    Evidence {
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        ..Evidence::default()
    }
}

/// A login from power-on, since its checkpoint was damaged, and a calculator from the one it then left.
pub(super) fn checkpoint() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN, CALCULATOR]);
    log.checkpoint_unusable(
        "gnome-login",
        "gnome-boot",
        "its file `ram` is not as it was saved; it was dropped",
    )
    .begin("gnome-login", 1, None);
    login(&mut log);
    log.checkpoint_saved(KEY, 1_182 << 20)
        .finish(Verdict::Passed, None)
        .begin_from("gnome-calculator", 1, checkpoint_of_login(1_400, true));
    calculator(&mut log, 2_900);
    adds(&mut log);
    log.run_finished(ExitStatus::Success)
}

/// A calculator that fails from the checkpoint of an earlier run, holds from power-on, and holds from the checkpoint,
/// too.
pub(super) fn disagreement() -> Vec<Entry> {
    let mut log = Writer::new(&[CALCULATOR]);
    fails_and_holds(&mut log);
    log.begin_from("gnome-calculator", 3, checkpoint_of_login(7_480_000, false))
        .because(AttemptReason::HeldFromPowerOn);
    calculator(&mut log, 2_800);
    adds(&mut log);
    log.run_finished(ExitStatus::Success)
}

/// A calculator that fails from the checkpoint each time and holds from power-on each time.
pub(super) fn blamed() -> Vec<Entry> {
    let mut log = Writer::new(&[CALCULATOR]);
    log.under(Rules {
        flaky: FlakyPolicy::Fail,
        ..Rules::default()
    });
    fails_and_holds(&mut log);
    log.begin_from("gnome-calculator", 3, checkpoint_of_login(7_480_000, false))
        .because(AttemptReason::HeldFromPowerOn);
    calculator(&mut log, 2_800);
    does_not_add(&mut log);
    log.begin("gnome-calculator", 4, None)
        .because(AttemptReason::FailedFromCheckpointAgain);
    login(&mut log);
    calculator(&mut log, 3_000);
    adds(&mut log).checkpoint_blamed("gnome-login", KEY);
    log.run_finished(ExitStatus::Failed)
}

fn fails_and_holds(log: &mut Writer) {
    log.begin_from("gnome-calculator", 1, checkpoint_of_login(7_380_000, false));
    calculator(log, 2_900);
    does_not_add(log);
    log.begin("gnome-calculator", 2, None)
        .because(AttemptReason::FailedFromCheckpoint);
    login(log);
    calculator(log, 3_100);
    adds(log);
}

fn does_not_add(log: &mut Writer) {
    missed(log, "4", "see calculator-shows-42", "calculator-shows-42");
}

/// Two retries that did not help: the first broke off, the second failed again.
pub(super) fn retried() -> Vec<Entry> {
    let mut log = Writer::new(&[CALCULATOR]);
    log.begin_from("gnome-calculator", 1, checkpoint_of_login(95_000, true));
    calculator(&mut log, 2_900);
    missed(
        &mut log,
        "4",
        "see calculator-shows-42",
        "calculator-shows-42",
    );
    log.begin_from("gnome-calculator", 2, checkpoint_of_login(160_000, true))
        .stage("gnome-calculator", 4)
        .machine()
        .start("1", "press super", None);
    let cause = log.cause(
        CauseKind::MachineExited,
        "1",
        "QEMU ended by itself: signal 9 (SIGKILL)",
        &["the host may have run out of memory: `dmesg` tells"],
    );
    let evidence = failure(&mut log, &cause);
    log.end("1", StepOutcome::Error, 50, evidence)
        .finish(Verdict::Error, Some(cause))
        .begin_from("gnome-calculator", 3, checkpoint_of_login(163_000, true));
    calculator(&mut log, 4_100);
    missed(
        &mut log,
        "4",
        "see calculator-shows-42",
        "calculator-shows-42",
    );
    log.run_finished(ExitStatus::Failed)
}

/// The first twenty-four of them, four at once; the run counts flaky scenarios as failed.
pub(super) fn parallel() -> Vec<Entry> {
    let mut log = Writer::new(&[CALCULATOR]);
    let rules = Rules {
        flaky: FlakyPolicy::Fail,
        repeats: true,
        ..Rules::default()
    };
    repeat(log.under(rules), 24);
    side_by_side(&log.run_finished(ExitStatus::Failed), 4)
}

/// Forty attempts, of which three fail at two steps.
pub(super) fn repeated() -> Vec<Entry> {
    let mut log = Writer::new(&[CALCULATOR]);
    repeat(&mut log, 40);
    log.run_finished(ExitStatus::Failed)
}

fn repeat(log: &mut Writer, times: u32) {
    for attempt in 1..=times {
        let age_ms = 60_000 + u64::from(attempt) * 5_000;
        log.begin_from(
            "gnome-calculator",
            attempt,
            checkpoint_of_login(age_ms, true),
        );
        match attempt {
            17 | 31 => {
                calculator(log, 2_900);
                missed(log, "4", "see calculator-shows-42", "calculator-shows-42");
            }
            23 => {
                log.stage("gnome-calculator", 4)
                    .machine()
                    .held("1", "press super", 60)
                    .held("2", "type calc", 380);
                missed(log, "3", "click app-calculator", "app-calculator");
            }
            _ => {
                calculator(log, 2_000 + u64::from(attempt) * 7_919 % 3_000);
                adds(log);
            }
        }
    }
}
