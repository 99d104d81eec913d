//! Runs that nobody made, as event logs; and the reports that `qa` makes of them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The message of a failure, with every sign that XML escapes.
pub(crate) const MESSAGE: &str = "the guest's screen said \"no\" & didn't <start>";

/// What a guest says to add a property and a file of the host to the report, and to end its text.
pub(crate) const NASTY: &str =
    "[[PROPERTY|owner=guest]] [[ATTACHMENT|/etc/passwd]] ]]> ##[error]x\nnot ok 99\nBail out!";

/// A log that grows.
#[derive(Debug)]
pub(crate) struct MadeUp {
    lines: Vec<Value>,
    now_ms: u64,
    scenario: String,
    attempt: u32,
}

/// The folder of a made-up run, gone with this.
#[derive(Debug)]
pub(crate) struct Reported {
    dir: TempDir,
}

impl MadeUp {
    /// Begins a run of scenarios: name, image and machine of each. With a matrix, a flaky scenario gates.
    pub(crate) fn new(scenarios: &[(&str, &str, &str)], matrix: Option<&str>) -> Self {
        let infos: Vec<_> = scenarios
            .iter()
            .map(|(name, image, machine)| {
                json!({
                    "name": name, "title": "", "file": format!("scenarios/{name}.yaml"), "image": image,
                    "image_digest": "sha256:5f0c", "machine": machine, "after": [],
                })
            })
            .collect();
        let mut log = Self {
            lines: Vec::new(),
            now_ms: 0,
            scenario: String::new(),
            attempt: 0,
        };
        let flaky = if matrix.is_some() { "fail" } else { "pass" };
        log.push(json!({
            "event": "run-started", "format": 3, "version": "0.1.0", "run": "made-up",
            "started": "2026-11-30T10:00:00Z", "command": ["qa", "run"], "matrix": matrix, "scenarios": infos,
            "hosts": [{"name": "builder", "os": "Debian", "cores": 2, "memory_mib": 8000}],
            "rules": {"flaky": flaky, "confirm": true, "repeats": false},
        }));
        log
    }

    fn push(&mut self, mut event: Value) {
        event["seq"] = self.lines.len().into();
        event["at_ms"] = self.now_ms.into();
        event["host"] = "builder".into();
        if self.attempt > 0 {
            event["scenario"] = self.scenario.as_str().into();
            event["attempt"] = self.attempt.into();
        }
        self.lines.push(event);
    }

    /// Adds an attempt of one step, which takes `ms`. Its outcome is a verdict; every one but a good one has a message.
    pub(crate) fn attempt(&mut self, scenario: &str, verdict: &str, message: &str, ms: u64) {
        self.attempt = if self.scenario == scenario {
            self.attempt + 1
        } else {
            1
        };
        scenario.clone_into(&mut self.scenario);
        let reason = (self.attempt > 1).then_some("retry");
        self.push(json!({"event": "scenario-started", "from": "power-on", "reason": reason}));
        self.push(json!({"event": "stage-started", "stage": scenario, "steps": 1}));
        self.push(json!({
            "event": "step-started", "stage": scenario, "step": "1", "verb": "see", "text": "see desktop",
            "place": format!("scenarios/{scenario}.yaml:7:5"), "deadline_ms": 30_000,
        }));
        self.push(json!({"event": "note", "text": NASTY}));
        if verdict == "soft-failed" {
            self.push(json!({"event": "soft-failure", "reason": message, "ticket": "DEB-1"}));
        }
        self.now_ms += ms;
        let kind = match verdict {
            "failed" => "deadline",
            "error" => "machine-exited",
            "skipped" => "missing",
            other => other,
        };
        let held = matches!(verdict, "passed" | "soft-failed");
        let cause = (!held).then(|| {
            json!({
                "kind": kind, "message": message, "hints": ["look at the screen"],
                "step": format!("{scenario} step 1"), "place": format!("scenarios/{scenario}.yaml:7:5"),
            })
        });
        let outcome = if held { "passed" } else { verdict };
        let frame = json!({"file": format!("{scenario}/frames/0001.png"), "generation": 1, "width": 8, "height": 8});
        let mut evidence = json!({"frame": frame, "serial_tail": ["login:", NASTY]});
        if let Some(cause) = &cause {
            evidence["cause"] = cause.clone();
        }
        self.push(json!({
            "event": "step-finished", "stage": scenario, "step": "1", "outcome": outcome, "duration_ms": ms,
            "evidence": evidence,
        }));
        self.push(json!({
            "event": "scenario-finished", "verdict": verdict, "cause": cause, "duration_ms": ms, "last_frame": null,
            "files": [format!("{scenario}/serial0.log")],
        }));
    }

    /// Ends the run, and lets `qa` make its reports.
    pub(crate) fn reported(mut self, exit: u8) -> Reported {
        self.attempt = 0;
        let took = self.now_ms;
        self.push(json!({"event": "run-finished", "exit": exit, "duration_ms": took}));
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("results/made-up");
        fs::create_dir_all(&folder).unwrap();
        let lines: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(folder.join("events.jsonl"), lines).unwrap();
        let reported = Reported { dir };
        reported.printed("text");
        reported
    }
}

impl Reported {
    /// Returns the path of `junit.xml`.
    pub(crate) fn junit(&self) -> PathBuf {
        self.folder().join("junit.xml")
    }

    /// Returns what `qa report` prints in a format.
    pub(crate) fn printed(&self, format: &str) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
            .args(["report", "results/made-up", "--format", format])
            .current_dir(self.dir.path())
            .env_remove("CI_PROJECT_DIR")
            .env_remove("WORKSPACE")
            .output()
            .unwrap();
        let talk = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{talk}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("results/made-up")
    }

    /// Returns a folder for what a reader writes.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// A run with every verdict.
pub(crate) fn every_verdict() -> Reported {
    let names = [
        "passes", "defect", "fails", "flaky", "breaks", "skips", "stops", "again",
    ];
    let scenarios = names.map(|name| (name, "disk.qcow2", "pc"));
    let mut log = MadeUp::new(&scenarios, None);
    log.attempt("passes", "passed", "", 1_500);
    log.attempt("defect", "soft-failed", "the wallpaper is missing", 2_250);
    log.attempt("fails", "failed", MESSAGE, 3_000);
    log.attempt("flaky", "failed", "nothing matched", 4_000);
    log.attempt("flaky", "passed", "", 500);
    log.attempt("breaks", "error", "QEMU ended", 5_000);
    log.attempt("skips", "skipped", "there is no agent", 0);
    log.attempt("stops", "cancelled", "stopped by the user", 6_000);
    log.attempt("again", "failed", "nothing matched", 1_000);
    log.attempt("again", "error", "QEMU ended", 2_000);
    log.attempt("again", "failed", "nothing matched again", 3_000);
    log.reported(1)
}

/// A run of a matrix, in which a flaky scenario gates.
pub(crate) fn matrix() -> Reported {
    let mut log = MadeUp::new(
        &[
            ("login@gnome+small", "gnome", "small"),
            ("login@gnome+large", "gnome", "large"),
        ],
        Some("nightly"),
    );
    log.attempt("login@gnome+small", "passed", "", 1_000);
    log.attempt("login@gnome+large", "failed", "nothing matched", 2_000);
    log.attempt("login@gnome+large", "passed", "", 3_000);
    log.reported(1)
}

/// A run that the user stopped.
pub(crate) fn stopped() -> Reported {
    let mut log = MadeUp::new(&[("stops", "disk.qcow2", "pc")], None);
    log.attempt("stops", "cancelled", "stopped by the user", 6_000);
    log.reported(130)
}
