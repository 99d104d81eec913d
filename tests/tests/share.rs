//! Files of a run for others: a bundle of a scenario, a video, a trace.

use std::{fs, io::Cursor, path::Path};

use image::{AnimationDecoder, codecs::png::PngDecoder};
use qa_tests::{Badge, Fake, Outcome, Screen, act, on};
use serde_json::Value;

use crate::qa;

const SECRET: &str = "correct-horse-battery";

/// A run of two scenarios, in which a secret is typed.
fn run() -> Outcome {
    let button = Badge::of("button");
    qa().steps("good", "- note: fine")
        .steps(
            "bad",
            "- see: button\n- click: button\n- see: login\n- type: \"{{ password }}\\n\"\n- serial: ready\n\
             - see: { needle: desktop, within: 20ms }",
        )
        .needles(["button", "login", "desktop"])
        .project_also("secrets:\n  password: { env: QA_TEST_PASSWORD }\n")
        .env("QA_TEST_PASSWORD", SECRET)
        .machine(
            Fake::shows(&Screen::of("button"))
                .on(on::clicked(&button), [act::show(&Screen::of("login"))])
                .on(
                    on::typed(&format!("{SECRET}\n")),
                    [act::show(&Screen::sized(300, 200)), act::say("ready\r\n")],
                ),
        )
        .args(["run", "good", "bad"])
        .exit_code(1)
}

fn bundle(outcome: &Outcome) -> Outcome {
    outcome
        .then()
        .env("QA_TEST_PASSWORD", SECRET)
        .args(["report", "--bundle", "bad.zip", "--scenario", "bad"])
        .stdout_has("bundle: bad.zip, ")
        .stderr_has("pictures are not looked through")
        .exit_code(0)
}

/// The files below a folder, by their paths in it.
fn files(folder: &Path, below: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{below}/{}", entry.file_name().to_string_lossy());
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(folder, &name)),
            false => found.push(name),
        }
    }
    found.sort();
    found
}

#[test]
fn a_bundle_has_one_scenario_and_is_opened_again() {
    let outcome = run();
    bundle(&outcome);
    let opened = outcome
        .then()
        .args(["report", "bad.zip"])
        .stderr_has("the bundle is unpacked in `bad`")
        .stdout_has("bad")
        .stdout_has("report: bad/report.html")
        .exit_code(0);
    assert!(!opened.stdout().contains("good"), "{}", opened.stdout());
    let root = outcome.then().root();
    let own = files(&root, "bad/bad");
    assert_eq!(
        own.iter()
            .map(|name| name.replacen("bad/", "", 1))
            .collect::<Vec<_>>(),
        files(&outcome.run_folder(), "bad"),
        "all files of the scenario"
    );
    for name in ["serial0.log", "qmp.log", "qemu.args", "frames/0001.png"] {
        assert!(own.contains(&format!("bad/bad/{name}")), "{name}: {own:?}");
    }
    assert!(!root.join("bad/good").exists());
    let log = fs::read_to_string(root.join("bad/events.jsonl")).unwrap();
    assert!(
        !log.contains("\"scenario\":\"good\"") && log.contains("another scenario was left out")
    );
    let page = fs::read_to_string(root.join("bad/report.html")).unwrap();
    assert!(page.contains("scenarios/bad.yaml") && !page.contains("scenarios/good.yaml"));
}

#[test]
fn a_bundle_is_opened_in_a_folder_without_a_project_too() {
    let outcome = run();
    bundle(&outcome);
    let root = outcome.then().root();
    fs::create_dir(root.join("elsewhere")).unwrap();
    fs::rename(root.join("bad.zip"), root.join("elsewhere/b.zip")).unwrap();
    outcome
        .then()
        .without_project()
        .inside("elsewhere")
        .args(["report", "b.zip", "--format", "json"])
        .any_stderr()
        .stdout_has("\"verdict\": \"failed\"")
        .exit_code(0);
}

#[test]
fn a_secret_in_a_file_is_told_with_its_line_and_no_bundle_is_made() {
    let outcome = run();
    let serial = outcome.run_folder().join("bad/serial0.log");
    fs::write(&serial, format!("one\ntwo\nit is {SECRET}\n")).unwrap();
    let refused = outcome
        .then()
        .env("QA_TEST_PASSWORD", SECRET)
        .args(["report", "--bundle", "bad.zip", "--scenario", "bad"])
        .stderr_has("no bundle was made, because the value of a secret is in it")
        .stderr_has("secret `password` at bad/serial0.log:3")
        .exit_code(3);
    assert!(!refused.stderr().contains(SECRET), "{}", refused.stderr());
    assert!(!outcome.then().root().join("bad.zip").exists());
    // The other scenario does not have it.
    outcome
        .then()
        .env("QA_TEST_PASSWORD", SECRET)
        .args(["report", "--bundle", "good.zip", "--scenario", "good"])
        .any_stdout()
        .any_stderr()
        .exit_code(0);
}

#[test]
fn a_secret_whose_value_is_not_known_here_is_named() {
    let outcome = run();
    let outcome = outcome
        .then()
        .args(["report", "--bundle", "bad.zip", "--scenario", "bad"])
        .any_stdout()
        .stderr_has("secret `password` has no value")
        .stderr_has("its value could not be looked for")
        .stderr_has("the log hides secrets in ")
        .exit_code(0);
    outcome
        .then()
        .without_project()
        .args([
            "report",
            "--bundle",
            "b.zip",
            "--scenario",
            "bad",
            "qa-results/latest",
        ])
        .any_stdout()
        .stderr_has("there is no project here, so no value of a secret could be looked for")
        .exit_code(0);
}

#[test]
fn what_is_no_bundle_and_what_is_not_there_is_told() {
    let outcome = run();
    let call = |args: &[&str], said: &str| {
        let args = args.iter().copied();
        outcome.then().args(args).stderr_has(said).exit_code(2);
    };
    call(
        &["report", "qa.yaml"],
        "`qa.yaml` is neither the folder of a run nor a bundle",
    );
    call(
        &["report", "--bundle", "x.zip"],
        "the run has 2 scenarios: say which one is meant",
    );
    call(
        &["report", "--bundle", "x.zip", "--scenario", "ugly"],
        "the run has no scenario `ugly`",
    );
    call(
        &["report", "--scenario", "bad"],
        "`--scenario` says what a file is made of, and no file is wanted",
    );
    call(
        &["report", "--video", "x.gif", "--scenario", "bad"],
        "`x.gif` does not say which kind of video it is",
    );
    fs::write(
        outcome.then().root().join("x.zip"),
        b"PK\x03\x04 no zip file",
    )
    .unwrap();
    call(&["report", "x.zip"], "it is no bundle, or it is damaged");
}

#[test]
fn a_video_without_ffmpeg_is_an_animated_picture() {
    let outcome = run();
    outcome
        .then()
        .args(["report", "--video", "bad.png", "--scenario", "bad"])
        .stdout_has("video: bad.png, attempt 1, ")
        .exit_code(0);
    let bytes = fs::read(outcome.then().root().join("bad.png")).unwrap();
    let decoder = PngDecoder::new(Cursor::new(bytes)).unwrap();
    assert!(decoder.is_apng().unwrap());
    let frames = decoder
        .apng()
        .unwrap()
        .into_frames()
        .collect_frames()
        .unwrap();
    assert!(frames.len() > 4, "{}", frames.len());
    let (width, height) = frames[0].buffer().dimensions();
    // Screens of two sizes have room, and so have the words below.
    assert!(
        width >= 640 && height > Screen::empty().size().1,
        "{width}x{height}"
    );
    let first = frames[0].buffer();
    assert!(frames.iter().any(|frame| frame.buffer() != first));
}

#[test]
fn a_video_of_another_kind_is_made_by_ffmpeg() {
    let outcome = run();
    outcome
        .then()
        .args(["report", "--video", "bad.webm", "--scenario", "bad"])
        .stderr_has("`bad.webm`: ffmpeg is not installed")
        .stderr_has("install the package `ffmpeg`, or name a file that ends in .png")
        .exit_code(3);
    // It counts the bytes that it gets.
    let script = "for last; do :; done; echo \"$@\" > asked; wc -c > \"${last#file:}\"";
    let path = format!(
        "{}:/usr/bin:/bin",
        outcome
            .then()
            .root()
            .parent()
            .unwrap()
            .join("bin")
            .display()
    );
    let made = outcome
        .then()
        .program("ffmpeg", script)
        .env("PATH", &path)
        .args(["report", "--video", "bad.webm", "--scenario", "bad"])
        .stdout_has("video: bad.webm, attempt 1, ")
        .exit_code(0);
    let root = made.then().root();
    let asked = fs::read_to_string(root.join("asked")).unwrap();
    let (_, rest) = asked.split_once("-video_size ").unwrap();
    let size = rest.split(' ').next().unwrap().split_once('x').unwrap();
    let picture = 3 * size.0.parse::<usize>().unwrap() * size.1.parse::<usize>().unwrap();
    let bytes = fs::read_to_string(root.join("bad.webm")).unwrap();
    let bytes: usize = bytes.trim().parse().unwrap();
    // The result is shown for three seconds, ten pictures each.
    assert!(
        bytes.is_multiple_of(picture) && bytes / picture >= 30,
        "{bytes} {picture}"
    );
}

#[test]
fn a_failure_of_ffmpeg_is_told_with_its_words() {
    let outcome = run();
    let failed = outcome
        .then()
        .program("ffmpeg", "echo 'Unknown encoder libvpx-vp9' >&2; exit 1")
        .args(["report", "--video", "bad.webm", "--scenario", "bad"])
        .stderr_has("ffmpeg failed (exit status: 1): Unknown encoder libvpx-vp9")
        .exit_code(3);
    let root = failed.then().root();
    let left = fs::read_dir(root).unwrap().flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    let is_draft = |name: &&std::ffi::OsString| name.to_string_lossy().starts_with(".video");
    assert_eq!(left.iter().find(is_draft), None);
}

#[test]
fn a_film_without_its_pictures_is_told() {
    let outcome = run();
    fs::remove_dir_all(outcome.run_folder().join("bad/film")).unwrap();
    outcome
        .then()
        .args(["report", "--video", "bad.png", "--scenario", "bad"])
        .stderr_has("none of its pictures can be read: the first is `bad/film/0001.png`")
        .exit_code(3);
}

#[test]
fn a_trace_has_a_process_for_each_scenario() {
    let outcome = run();
    outcome
        .then()
        .args(["report", "--trace", "trace.json"])
        .stdout_has("trace: trace.json")
        .exit_code(0);
    let text = fs::read_to_string(outcome.then().root().join("trace.json")).unwrap();
    let trace: Value = text.parse().unwrap();
    let events = trace["traceEvents"].as_array().unwrap();
    let named = |what: &str| -> Vec<&str> {
        let own = events.iter().filter(|event| event["name"] == what);
        own.filter_map(|event| event["args"]["name"].as_str())
            .collect()
    };
    assert_eq!(named("process_name"), ["good (passed)", "bad (failed)"]);
    for thread in ["steps", "looks", "keys and pointer", "screen"] {
        assert!(named("thread_name").contains(&thread), "{thread}");
    }
    assert!(!text.contains(SECRET));
}
