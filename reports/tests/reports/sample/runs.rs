//! A handful of runs, one for each way in which a run can end.

use reports::{
    Candidate, CauseKind, Entry, Evidence, ExitStatus, KeptFile, Look, MachineNews, ResetKind,
    StepOutcome, Verdict, Wanted,
};

use super::attempts;
use super::matrix::matrix;
use super::serial::{SERIAL, owned};
use super::writer::{Writer, candidate, command};

/// The names [`log_of`] knows.
pub(crate) const RUNS: [&str; 20] = [
    "passed",
    "failed-look",
    "failed-command",
    "kept-files",
    "watch-breach",
    "error-exit",
    "error-launch",
    "cancelled",
    "soft-failed",
    "flaky",
    "cut-short",
    "skipped",
    "checkpoint",
    "disagreement",
    "blamed",
    "retried",
    "repeated",
    "parallel",
    "matrix",
    "hostile",
];

pub(crate) const LOGIN: (&str, &str, &[&str]) =
    ("gnome-login", "A user logs in to the desktop", &[]);
pub(super) const CALCULATOR: (&str, &str, &[&str]) = (
    "gnome-calculator",
    "Calculator starts from the overview and adds",
    &["gnome-login"],
);

/// The log of a run by name.
pub(crate) fn log_of(name: &str) -> Vec<Entry> {
    match name {
        "passed" => passed(),
        "failed-look" => failed_look(),
        "failed-command" => failed_command(),
        "kept-files" => kept_files(),
        "watch-breach" => watch_breach(),
        "error-exit" => error_exit(),
        "error-launch" => error_launch(),
        "cancelled" => cancelled(),
        "soft-failed" => soft_failed(),
        "flaky" => flaky(),
        "cut-short" => cut_short(),
        "skipped" => skipped(),
        "checkpoint" => attempts::checkpoint(),
        "disagreement" => attempts::disagreement(),
        "blamed" => attempts::blamed(),
        "retried" => attempts::retried(),
        "repeated" => attempts::repeated(),
        "parallel" => attempts::parallel(),
        "matrix" => matrix(),
        "hostile" => hostile(),
        other => panic!("no run `{other}`"),
    }
}

pub(super) fn present(query: &str, matched: Candidate) -> Look {
    Look {
        query: query.to_owned(),
        wanted: Wanted::Present,
        matched: Some(matched),
        candidates: Vec::new(),
    }
}

fn greeter() -> Look {
    present(
        "gnome-greeter",
        candidate("gnome-greeter", (0, 0), &[(412, 330, 200, 48, 0.998, 0.96)]),
    )
}

/// The stage `gnome-login`, all of it held.
pub(super) fn login(log: &mut Writer) {
    log.stage("gnome-login", 5)
        .machine()
        .saw("1", "see gnome-greeter", 64_200, greeter())
        .held("2", "press ret", 140)
        .start("3", "group log in", None)
        .held("3.1", "type •••", 420)
        .held("3.2", "press ret", 90);
    let frame = log.frame();
    log.end(
        "3",
        StepOutcome::Passed,
        12,
        Evidence {
            frame: Some(frame),
            ..Evidence::default()
        },
    )
    .saw(
        "4",
        "see gnome-overview",
        21_800,
        present(
            "gnome-overview",
            candidate(
                "gnome-overview",
                (6, 0),
                &[
                    (390, 40, 244, 36, 0.991, 0.96),
                    (300, 690, 424, 64, 0.973, 0.96),
                ],
            ),
        ),
    )
    .start("5", "run systemctl is-active gdm", Some(540_000))
    .end(
        "5",
        StepOutcome::Passed,
        310,
        Evidence {
            command: Some(command("systemctl is-active gdm", 0, "active\n", "")),
            ..Evidence::default()
        },
    );
}

fn passed() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN, CALCULATOR]);
    log.begin("gnome-login", 1, None);
    login(&mut log);
    log.finish(Verdict::Passed, None);
    log.begin("gnome-calculator", 1, Some("gnome-login"))
        .stage("gnome-calculator", 3)
        .held("1", "type calc", 380)
        .note("the overview searches while one types")
        .saw(
            "2",
            "click app-calculator",
            2_900,
            present(
                "app-calculator",
                candidate("app-calculator", (0, 0), &[(440, 210, 96, 96, 1.0, 0.96)]),
            ),
        )
        .start("3", "gone app-calculator", Some(180_000))
        .end(
            "3",
            StepOutcome::Passed,
            1_020,
            Evidence {
                look: Some(Look {
                    query: "app-calculator".to_owned(),
                    wanted: Wanted::Absent,
                    matched: None,
                    candidates: Vec::new(),
                }),
                ..Evidence::default()
            },
        )
        .finish(Verdict::Passed, None);
    log.run_finished(ExitStatus::Success)
}

fn failed_look() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN, CALCULATOR]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .machine()
        .saw("1", "see gnome-greeter", 64_200, greeter())
        .held("2", "press ret", 140)
        .start("3", "group log in", None)
        .held("3.1", "type •••", 420)
        .start("3.2", "see gnome-overview", Some(180_000));
    let cause = log.cause(
        CauseKind::Deadline,
        "3.2",
        "no needle tagged `gnome-overview` matched within 3m",
        &["if the screen is as it should be, cut the needle anew from this frame with `qa needle crop`"],
    );
    let mut nearest = candidate(
        "gnome-overview-dark",
        (14, 5),
        &[
            (390, 40, 244, 36, 0.83, 0.96),
            (300, 690, 424, 64, 0.971, 0.96),
        ],
    );
    nearest.picture = Some("gnome-login/needles/gnome-overview-dark.png".to_owned());
    let mut second = candidate("gnome-overview", (0, 0), &[(390, 40, 244, 36, 0.412, 0.96)]);
    second.picture = Some("gnome-login/needles/gnome-overview.png".to_owned());
    let third = candidate(
        "gnome-overview-old",
        (0, 0),
        &[(390, 40, 244, 36, 0.0, 0.96)],
    );
    let evidence = Evidence {
        pointed_out: None,
        changed: None,
        after_ms: None,
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        look: Some(Look {
            query: "gnome-overview".to_owned(),
            wanted: Wanted::Present,
            matched: None,
            candidates: vec![nearest, second, third],
        }),
        command: None,
        file: None,
        kernel_crash: Vec::new(),
        serial_tail: owned(&SERIAL),
    };
    log.end("3.2", StepOutcome::Failed, 180_004, evidence.clone())
        .end("3", StepOutcome::Failed, 3, evidence)
        .finish(Verdict::Failed, Some(cause));
    let skip = reports::Cause {
        kind: CauseKind::Missing,
        message: "it starts after `gnome-login`, which came out failed in this run".to_owned(),
        hints: Vec::new(),
        step: None,
        place: None,
    };
    log.begin("gnome-calculator", 1, None)
        .finish(Verdict::Skipped, Some(skip));
    log.run_finished(ExitStatus::Failed)
}

fn failed_command() -> Vec<Entry> {
    let mut log = Writer::new(&[("console-login", "", &[])]);
    log.begin("console-login", 1, None)
        .stage("console-login", 3)
        .machine()
        .start("1", "serial wait for /login: $/", Some(90_000))
        .end("1", StepOutcome::Passed, 8_400, Evidence::default())
        .start("2", "run systemctl is-system-running", Some(90_000));
    let cause = log.cause(
        CauseKind::Command,
        "2",
        "`systemctl is-system-running` ended with status 1, not 0",
        &["`serial0.log` has the whole console"],
    );
    let evidence = Evidence {
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        command: Some(command(
            "systemctl is-system-running",
            1,
            "degraded\n",
            "warning: <1 unit> failed & more\n",
        )),
        serial_tail: owned(&SERIAL),
        ..Evidence::default()
    };
    log.end("2", StepOutcome::Failed, 640, evidence)
        .finish(Verdict::Failed, Some(cause));
    log.run_finished(ExitStatus::Failed)
}

fn watch_breach() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .machine()
        .start("1", "see gnome-greeter", Some(360_000));
    let cause = log.cause(
        CauseKind::Watch("oops".to_owned()),
        "1",
        "watch `oops` was breached: the serial console says `BUG: unable to handle page fault`",
        &["`serial0.log` has the whole console"],
    );
    let evidence = Evidence {
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        kernel_crash: owned(&[
            "[    7.113] BUG: unable to handle page fault for address: ffffdead",
            "[    7.113] #PF: supervisor write access in kernel mode",
            "[    7.114] Oops: 0002 [#1] PREEMPT SMP",
            "[    7.114] CPU: 1 PID: 412 Comm: kworker/1:2 Not tainted 6.12.48-amd64",
            "[    7.115] Workqueue: events <drm_fb_helper_damage_work>",
            "[    7.115] RIP: 0010:memcpy_orig+0x68/0x110",
            "[    7.116] Call Trace:",
        ]),
        serial_tail: owned(&["[    7.119] ---[ end trace 0000000000000000 ]---"]),
        ..Evidence::default()
    };
    log.end("1", StepOutcome::Failed, 7_204, evidence)
        .finish(Verdict::Failed, Some(cause));
    log.run_finished(ExitStatus::Failed)
}

fn error_exit() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .machine()
        .start("1", "see gnome-greeter", Some(360_000))
        .after(4_000)
        .news(MachineNews::Exited {
            status: "signal 9 (SIGKILL)".to_owned(),
            stderr: vec!["qemu-system-x86_64: terminating".to_owned()],
        });
    let cause = log.cause(
        CauseKind::MachineExited,
        "1",
        "QEMU ended by itself: signal 9 (SIGKILL)",
        &["the host may have run out of memory: `dmesg` tells"],
    );
    let evidence = Evidence {
        cause: Some(cause.clone()),
        ..Evidence::default()
    };
    log.end("1", StepOutcome::Error, 12, evidence)
        .finish(Verdict::Error, Some(cause));
    log.run_finished(ExitStatus::Error)
}

fn error_launch() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .after(30);
    let cause = reports::Cause {
        kind: CauseKind::Image,
        message: "image `gnome` is not built, or its recipe has changed since".to_owned(),
        hints: vec!["`qa image build gnome` builds it".to_owned()],
        step: None,
        place: None,
    };
    let mut entries = log
        .finish(Verdict::Error, Some(cause))
        .run_finished(ExitStatus::Error);
    // No machine, so no picture and no files.
    for entry in &mut entries {
        if let reports::Event::ScenarioFinished {
            last_frame, files, ..
        } = &mut entry.event
        {
            *last_frame = None;
            files.clear();
        }
    }
    entries
}

fn cancelled() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN, CALCULATOR]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .machine()
        .start("1", "see gnome-greeter", Some(360_000));
    let cause = log.cause(CauseKind::Cancelled, "1", "stopped by the user", &[]);
    let evidence = Evidence {
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        ..Evidence::default()
    };
    log.end("1", StepOutcome::Cancelled, 9_700, evidence)
        .finish(Verdict::Cancelled, Some(cause));
    log.run_finished(ExitStatus::Cancelled)
}

fn soft_failed() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 3)
        .machine()
        .saw("1", "see gnome-greeter", 64_200, greeter())
        .start("2", "group dismiss the tour", None)
        .start("2.1", "see gnome-tour", Some(60_000));
    let cause = log.cause(
        CauseKind::Deadline,
        "2.1",
        "no needle tagged `gnome-tour` matched within 1m",
        &[],
    );
    let frame = log.frame();
    log.end(
        "2.1",
        StepOutcome::Failed,
        60_002,
        Evidence {
            cause: Some(cause),
            frame: Some(frame),
            ..Evidence::default()
        },
    )
    .note("optional group `dismiss the tour` did not hold: no needle tagged `gnome-tour` matched within 1m")
    .end("2", StepOutcome::Passed, 4, Evidence::default())
    .start("3", "soft_fail the wallpaper is missing", None)
    .soft_failure("the wallpaper is missing", Some("DEB-1204"))
    .end("3", StepOutcome::Passed, 1, Evidence::default())
    .finish(Verdict::SoftFailed, None);
    log.run_finished(ExitStatus::Success)
}

fn flaky() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .machine()
        .start("1", "see gnome-greeter", Some(360_000));
    let cause = log.cause(
        CauseKind::UnexpectedReset,
        "1",
        "the guest was reset, and no step had asked for it",
        &[],
    );
    let evidence = Evidence {
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        ..Evidence::default()
    };
    log.news(MachineNews::Reset {
        expected: false,
        kind: ResetKind::Guest,
        after_ms: None,
    })
    .end("1", StepOutcome::Failed, 31_000, evidence)
    .finish(Verdict::Failed, Some(cause))
    .begin("gnome-login", 2, None);
    login(&mut log);
    log.finish(Verdict::Passed, None);
    log.run_finished(ExitStatus::Success)
}

fn cut_short() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN, CALCULATOR]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 5)
        .machine()
        .saw("1", "see gnome-greeter", 64_200, greeter())
        .start("2", "see gnome-overview", Some(180_000))
        .after(5_300)
        .note("the guest was reset on purpose");
    log.killed()
}

fn skipped() -> Vec<Entry> {
    let mut log = Writer::new(&[LOGIN]);
    log.begin("gnome-login", 1, None)
        .stage("gnome-login", 2)
        .machine()
        .start("1", "run uname -a", Some(90_000));
    let cause = log.cause(
        CauseKind::Missing,
        "1",
        "the image has no guest agent, which `run` needs",
        &["install qemu-guest-agent in the image"],
    );
    let evidence = Evidence {
        cause: Some(cause.clone()),
        ..Evidence::default()
    };
    log.end("1", StepOutcome::Skipped, 3, evidence)
        .finish(Verdict::Skipped, Some(cause));
    log.run_finished(ExitStatus::Success)
}

/// A scenario that kept files of the guest. The name of one is meant to do harm.
fn kept_files() -> Vec<Entry> {
    let kept = |file: &str, guest_path: &str, remark: Option<&str>| Evidence {
        file: Some(KeptFile {
            file: file.to_owned(),
            guest_path: guest_path.to_owned(),
            bytes: 48_213,
            remark: remark.map(str::to_owned),
        }),
        ..Evidence::default()
    };
    let mut log = Writer::new(&[("console-login", "", &[])]);
    log.begin("console-login", 1, None)
        .stage("console-login", 3)
        .machine()
        .start("1", "get /var/log/boot.log", Some(300_000))
        .end(
            "1",
            StepOutcome::Passed,
            310,
            kept("console-login/files/boot.log", "/var/log/boot.log", None),
        )
        .start("2", "get /etc/app.conf", Some(300_000))
        .end(
            "2",
            StepOutcome::Passed,
            290,
            kept(
                "console-login/files/app.conf",
                "/etc/app.conf",
                Some("a secret in it is hidden"),
            ),
        )
        .start("3", "get /tmp/<script>", Some(300_000))
        .end(
            "3",
            StepOutcome::Passed,
            280,
            kept("../<script>]]", "/tmp/<script>\u{1b}[2J", None),
        )
        .finish(Verdict::Passed, None);
    log.run_finished(ExitStatus::Success)
}

/// Everything that a guest or a scenario's author can write, at its worst.
fn hostile() -> Vec<Entry> {
    const NASTY: &str = "]]>\u{1b}[2J\0\u{7}\u{fffe}<script>alert('x')</script> & \"q\" [[ATTACHMENT|/etc/passwd]] \
        {{ 7*7 }}";
    let mut log = Writer::new(&[(NASTY, NASTY, &[])]);
    log.begin(NASTY, 1, None)
        .stage(NASTY, 1)
        .machine()
        .start("1", NASTY, Some(1_000))
        .note(NASTY);
    let cause = log.cause(CauseKind::Watch(NASTY.to_owned()), "1", NASTY, &[NASTY]);
    let mut wild = candidate(
        NASTY,
        (-4_000, 9_000),
        &[
            (0, 0, u32::MAX, 0, f64::INFINITY, -1.0),
            (i64::MIN / 2, 5, 1, 1, f64::NAN, 0.5),
        ],
    );
    wild.picture = Some("javascript:alert(1)//../../etc".to_owned());
    let evidence = Evidence {
        pointed_out: None,
        changed: None,
        after_ms: None,
        cause: Some(cause.clone()),
        frame: Some(log.frame()),
        look: Some(Look {
            query: NASTY.to_owned(),
            wanted: Wanted::Absent,
            matched: Some(wild.clone()),
            candidates: vec![wild],
        }),
        command: Some(command(NASTY, -1, NASTY, NASTY)),
        file: None,
        kernel_crash: vec![NASTY.to_owned()],
        serial_tail: vec![NASTY.to_owned(); 2],
    };
    log.end("1", StepOutcome::Failed, 1_000, evidence)
        .finish(Verdict::Failed, Some(cause));
    log.run_finished(ExitStatus::Failed)
}
