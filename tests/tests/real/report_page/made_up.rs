//! Runs that were never made: an event log and pictures, of which `qa report` makes a page.

use std::path::{Path, PathBuf};
use std::process::Command;

use image::{Rgb, RgbImage};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Width and height of the screen.
pub(super) const SCREEN: [u32; 2] = [320, 200];

/// The point of the click.
pub(super) const CLICK: [u32; 2] = [240, 50];

/// The place of the area that the last step looks for: left, top, width, height.
pub(super) const AREA: [u32; 4] = [20, 30, 80, 40];

/// The time between two pictures of the film, in milliseconds.
pub(super) const BETWEEN_MS: usize = 500;

/// The pictures of the film have these colours, one after the other.
pub(super) const COLOURS: [[u8; 3]; 4] =
    [[200, 40, 40], [40, 180, 60], [50, 70, 210], [230, 210, 60]];

/// A run in a folder of its own.
pub(super) struct MadeUp {
    dir: TempDir,
    lines: Vec<Value>,
    at_ms: usize,
}

impl MadeUp {
    /// Begins a run of these scenarios.
    pub(super) fn of(scenarios: &[String]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (number, colour) in COLOURS.iter().enumerate() {
            let [width, height] = SCREEN;
            let picture = RgbImage::from_pixel(width, height, Rgb(*colour));
            picture
                .save(dir.path().join(format!("{number}.png")))
                .unwrap();
        }
        let infos = scenarios.iter().enumerate().map(|(number, name)| {
            json!({
                "name": name, "title": "", "file": "scenarios/s.yaml", "image": format!("image-{}", number % 3),
                "image_digest": null, "machine": "pc", "after": [],
            })
        });
        let started = json!({
            "event": "run-started", "format": 3, "version": "1", "run": "r", "started": "2026-11-30T10:00:00Z",
            "command": ["qa"], "hosts": [], "scenarios": infos.collect::<Vec<_>>(),
        });
        let mut made = Self {
            dir,
            lines: Vec::new(),
            at_ms: 0,
        };
        made.push(None, started);
        made
    }

    fn push(&mut self, scenario: Option<&str>, mut event: Value) {
        event["seq"] = self.lines.len().into();
        event["at_ms"] = self.at_ms.into();
        event["host"] = "h".into();
        if let Some(scenario) = scenario {
            event["scenario"] = scenario.into();
            event["attempt"] = 1.into();
        }
        self.lines.push(event);
    }

    fn frame(number: usize) -> Value {
        let [width, height] = SCREEN;
        let file = format!("{}.png", number % COLOURS.len());
        json!({"file": file, "generation": number, "width": width, "height": height})
    }

    /// A scenario that fails for a reason, with a film of so many pictures and so many steps.
    pub(super) fn failed(&mut self, name: &str, reason: &str, pictures: usize, steps: usize) {
        let on = Some(name);
        let began = self.at_ms;
        self.push(on, json!({"event": "scenario-started", "from": "power-on"}));
        self.push(
            on,
            json!({"event": "stage-started", "stage": "s", "steps": steps + 1}),
        );
        for number in 0..pictures {
            let [width, height] = SCREEN;
            let file = format!("{}.png", number % COLOURS.len());
            let picture = json!({"file": file, "width": width, "height": height});
            self.push(
                on,
                json!({"event": "shot", "frame": number, "shown_ms": self.at_ms, "picture": picture}),
            );
            self.push(
                on,
                json!({"event": "serial", "lines": [format!("line {number}")]}),
            );
            self.at_ms += BETWEEN_MS;
        }
        for number in 1..=steps {
            self.step(
                name,
                &number.to_string(),
                "passed",
                json!({"frame": Self::frame(number)}),
            );
        }
        let click = json!({
            "event": "input", "step": "1", "what": "click left", "at": CLICK, "times": 1, "done_ms": began + 100,
        });
        self.push(on, click);
        let cause = json!({"kind": "deadline", "message": reason, "hints": ["look at it"]});
        let near =
            json!({"needle": "n", "error": 0.25, "areas": [Self::area(0.5)], "picture": "3.png"});
        let look = json!({"query": "n", "wanted": "present", "candidates": [near]});
        let evidence = json!({"cause": cause, "frame": Self::frame(0), "look": look});
        self.step(name, &(steps + 1).to_string(), "failed", evidence);
        let finished = json!({
            "event": "scenario-finished", "verdict": "failed", "cause": cause, "duration_ms": self.at_ms - began,
            "last_frame": null, "files": [],
        });
        self.push(on, finished);
    }

    /// An area of [`AREA`] with this similarity.
    fn area(similarity: f64) -> Value {
        let [x, y, width, height] = AREA;
        json!({
            "x": x, "y": y, "width": width, "height": height, "recorded_x": x, "recorded_y": y,
            "similarity": similarity, "required": 0.96, "ok": false,
        })
    }

    /// A step of 20 ms. While one that fails waits, a needle is near.
    fn step(&mut self, name: &str, step: &str, outcome: &str, evidence: Value) {
        let started = json!({
            "event": "step-started", "stage": "s", "step": step, "verb": "see", "text": format!("see n-{step}"),
            "place": "scenarios/s.yaml:3:5", "deadline_ms": 1000,
        });
        self.push(Some(name), started);
        self.at_ms += 10;
        if outcome == "failed" {
            let areas = [Self::area(0.25)];
            let compared = json!({"event": "compared", "step": step, "frame": 1, "needle": "n", "areas": areas});
            self.push(Some(name), compared);
        }
        self.at_ms += 10;
        let finished = json!({
            "event": "step-finished", "stage": "s", "step": step, "outcome": outcome, "duration_ms": 20,
            "evidence": evidence,
        });
        self.push(Some(name), finished);
    }

    /// Ends the run, and lets `qa report` make its page. Returns the page.
    pub(super) fn page(&mut self) -> PathBuf {
        let end = json!({"event": "run-finished", "exit": 1, "duration_ms": self.at_ms});
        self.push(None, end);
        let log: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        let folder: &Path = self.dir.path();
        std::fs::write(folder.join("events.jsonl"), log).unwrap();
        let said = Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
            .args(["--quiet", "report"])
            .arg(folder)
            .output()
            .unwrap();
        assert!(
            said.status.success(),
            "{}",
            String::from_utf8_lossy(&said.stderr)
        );
        folder.join("report.html")
    }
}
