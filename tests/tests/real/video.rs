//! Videos by a real ffmpeg: what other programs say of them.

use std::fs;
use std::path::Path;
use std::process::Command;

use image::{Rgb, RgbImage};
use serde_json::{Value, json};

/// Writes a run of one scenario: a screen for two seconds, then another one for two seconds.
fn write_run(folder: &Path) {
    for (file, colour) in [("0.png", [200, 40, 40]), ("1.png", [40, 180, 60])] {
        let picture = RgbImage::from_pixel(800, 600, Rgb(colour));
        picture.save(folder.join(file)).unwrap();
    }
    let about = |mut event: Value| {
        event["scenario"] = "s".into();
        event["attempt"] = 1.into();
        event
    };
    let shot = |number: u64| {
        let picture = json!({"file": format!("{number}.png"), "width": 800, "height": 600});
        about(json!({
            "event": "shot", "frame": number, "shown_ms": 2000 * number, "picture": picture, "at_ms": 2000 * number,
        }))
    };
    let lines = [
        json!({
            "event": "run-started", "format": 3, "version": "1", "run": "r", "started": "2026-11-30T10:00:00Z",
            "command": ["qa"], "hosts": [], "scenarios": [],
        }),
        about(json!({"event": "scenario-started", "from": "power-on"})),
        shot(0),
        shot(1),
        about(json!({
            "event": "scenario-finished", "verdict": "passed", "cause": null, "duration_ms": 4000, "last_frame": null,
            "files": [], "at_ms": 4000,
        })),
        json!({"event": "run-finished", "exit": 0, "duration_ms": 4000, "at_ms": 4000}),
    ];
    let lines = (0..).zip(lines).map(|(seq, mut line)| {
        line["seq"] = Value::from(seq);
        line["host"] = "h".into();
        if line["at_ms"].is_null() {
            line["at_ms"] = 0.into();
        }
        format!("{line}\n")
    });
    fs::write(folder.join("events.jsonl"), lines.collect::<String>()).unwrap();
}

/// Returns what ffprobe says of a video: codec, width, height, duration in seconds.
fn probed(file: &Path) -> (String, u32, u32, f64) {
    let output = Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-of",
            "json",
            "-show_streams",
            "-show_format",
        ])
        .arg(file)
        .output()
        .unwrap_or_else(|error| panic!("ffprobe: {error}; `make ffmpeg` installs it"));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let stream = &said["streams"][0];
    let number = |name: &str| u32::try_from(stream[name].as_u64().unwrap()).unwrap();
    (
        stream["codec_name"].as_str().unwrap().to_owned(),
        number("width"),
        number("height"),
        said["format"]["duration"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap(),
    )
}

#[test]
fn webm_and_mp4_have_the_size_and_the_length_that_they_should_have() {
    let dir = tempfile::tempdir().unwrap();
    write_run(dir.path());
    for (name, codec) in [("v.webm", "vp9"), ("v.mp4", "h264")] {
        let file = dir.path().join(name);
        let status = Command::new(env!("CARGO_BIN_EXE_qa-under-test"))
            .arg("report")
            .arg(dir.path())
            .args(["--scenario", "s", "--video"])
            .arg(&file)
            .status()
            .unwrap();
        assert!(status.success(), "{name}: {status}");
        let (found, width, height, seconds) = probed(&file);
        assert_eq!((found.as_str(), width), (codec, 800), "{name}");
        assert!(height > 600, "{name}: the words are below the screen");
        // Each screen is shown for 1.5 s, the result for 3 s.
        assert!((5.8..=6.2).contains(&seconds), "{name}: {seconds} s");
    }
}
