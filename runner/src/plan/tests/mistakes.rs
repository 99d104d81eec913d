//! Tests the mistakes that are refused before a machine starts, and those that are only noted.

use super::sample::{SampleProject, request};
use crate::guest_way::GuestWay;
use crate::plan::PutFileError;
use crate::plan::request::{RunRequest, Setting};

/// Plans the scenario `s` with these steps, on a machine with these fields.
fn refusal_on(machine: &str, scenario: &str) -> Option<String> {
    let project = project_on(machine, scenario);
    let planned = project.planned(&request(&["s"]));
    planned.err().map(|failure| failure.to_string())
}

fn project_on(machine: &str, scenario: &str) -> SampleProject {
    let file = format!(
        "images: {{ disk: {{ path: disk.img, machine: pc }} }}\n\
        machines: {{ pc: {{ preset: bios-x86_64, {machine} }} }}\nvars: {{ user: alice }}\n"
    );
    SampleProject::new(&[("qa.yaml", &file), ("scenarios/s.yaml", scenario)])
}

#[track_caller]
fn assert_refused(machine: &str, scenario: &str, expected: &[&str]) {
    let message = refusal_on(machine, scenario).expect("a refusal");
    for part in expected {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn a_step_that_needs_a_drive_is_refused_where_there_is_none() {
    assert_refused(
        "",
        "steps: [{ media: eject }]\n",
        &["scenarios/s.yaml:1:11", "has no drive for CDs"],
    );
    let project = project_on("", "steps: [{ media: eject, when: user == 'bob' }]\n");
    assert!(
        project.planned(&request(&["s"])).is_ok(),
        "it may never run"
    );
}

#[test]
fn a_medium_that_is_none_is_refused_with_the_step() {
    let project = SampleProject::new(&[
        (
            "qa.yaml",
            "images: { disk: { path: disk.img, machine: pc } }\n\
            machines: { pc: { preset: bios-x86_64, cdrom: disk.img } }\n",
        ),
        (
            "scenarios/s.yaml",
            "steps: [{ media: { insert: none.iso } }]\n",
        ),
    ]);
    let message = project
        .planned(&request(&["s"]))
        .expect_err("a refusal")
        .to_string();
    assert!(
        message.contains("none.iso") && message.contains("paths of media start at the folder"),
        "{message}"
    );
}

#[test]
fn a_file_that_cannot_be_copied_into_the_guest_is_refused_with_its_place() {
    let with = |machine: &str, steps: &str| {
        let project = project_on(machine, &format!("steps: [{steps}]\n"));
        project.write("files/a", b"x");
        project.write("files/large", &vec![0; (1 << 20) + 1]);
        project
            .planned(&request(&["s"]))
            .map_err(|error| error.to_string())
    };
    for (machine, step, parts) in [
        (
            "",
            "{ put: { file: 'files/{{ user }}', to: /a } }",
            &[
                "s.yaml:1:24",
                "`files/alice` cannot be read: No such file",
                "start at the folder of qa.yaml",
            ][..],
        ),
        (
            "",
            "{ group: { name: g, steps: [{ put: { file: files, to: /a } }] } }",
            &[
                "s.yaml:1:52",
                "`files` is a folder, and `put` copies one file",
                "tar",
            ],
        ),
        (
            "agent: false",
            "{ put: { file: files/large, to: /a } }",
            &[
                "has 1 MiB, and `put` copies at most 1 MiB over the serial line",
                "qemu-guest-agent",
            ],
        ),
        (
            "",
            "{ put: { file: files/large, to: /a, over: serial } }",
            &["at most 1 MiB over the serial line"],
        ),
    ] {
        let message = with(machine, step).expect_err("a refusal");
        for part in parts {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    for step in [
        "{ put: { file: files/large, to: /a } }",
        "{ put: { file: files/a, to: /a, over: serial } }",
        "{ put: { file: files/none, to: /a }, when: user == 'bob' }",
    ] {
        assert!(with("", step).is_ok(), "{step}");
    }
}

#[test]
fn a_file_that_changes_after_the_plan_is_not_copied() {
    let project = project_on("", "steps: [{ put: { file: files/a, to: /a } }]\n");
    let keys = || {
        let run = project.planned(&request(&["s"])).expect("a plan");
        (run.jobs[0].stages[0].key, run.jobs[0].put_files.clone())
    };
    project.write("files/a", b"one");
    let (one, files) = keys();
    assert_eq!(keys().0, one);
    assert_eq!(
        files.read("files/a", GuestWay::Agent).expect("a file"),
        b"one"
    );
    project.write("files/a", b"two");
    let changed = files.read("files/a", GuestWay::Agent).expect_err("changed");
    assert!(matches!(changed, PutFileError::Changed), "{changed}");
    let (two, files) = keys();
    assert!(one.is_some() && two.is_some() && one != two);
    assert_eq!(
        files.read("files/a", GuestWay::Agent).expect("a file"),
        b"two"
    );
}

#[test]
fn a_character_that_no_key_types_is_refused() {
    assert_refused(
        "",
        "steps: [{ type: 'λ' }]\n",
        &["no key of the `us` layout types 'λ'", "s.yaml:1:18"],
    );
}

#[test]
fn a_setting_that_nothing_has_is_refused_with_the_nearest_name() {
    let project = project_on("", "steps: [{ type: '{{ user }}' }]\n");
    let with = |name: &str| {
        let vars = vec![Setting {
            name: name.to_owned(),
            value: "x".to_owned(),
        }];
        project.planned(&RunRequest {
            vars,
            ..request(&["s"])
        })
    };
    assert!(with("user").is_ok());
    for (name, hint) in [
        ("usr", "did you mean `user`?"),
        (
            "colour",
            "declare it under `vars:` in the scenario or in qa.yaml",
        ),
    ] {
        assert_eq!(
            with(name).expect_err("a refusal").to_string(),
            format!("error: `--var {name}=` sets a variable that does not exist\n  next: {hint}")
        );
    }
}

#[test]
fn a_setting_of_the_call_wins_and_is_no_secret_by_itself() {
    let project = project_on("", "steps: [{ type: '{{ user }}' }]\n");
    let vars = vec![Setting {
        name: "user".to_owned(),
        value: "bob".to_owned(),
    }];
    let request = RunRequest {
        vars,
        ..request(&["s"])
    };
    let cells = project.cells(&request).expect("cells");
    assert!(cells[0].withheld.is_empty());
    let run = project.plan(&cells, &[]).expect("a plan");
    let user = run.jobs[0].stages[0].vars.text("user");
    assert_eq!(user.map(scenarios::Text::reveal), Some("bob"));
    assert!(run.secrets.is_empty());
}

#[test]
fn a_mistake_in_a_file_that_takes_no_part_refuses_nothing() {
    let project = project_on("", "steps: [{ note: x }]\n");
    project.write("scenarios/broken.yaml", b"steps: [{ see: nothing }]\n");
    assert!(project.planned(&request(&["s"])).is_ok());
    let message = project
        .planned(&request(&["broken"]))
        .expect_err("a refusal")
        .to_string();
    assert!(
        message.contains("broken.yaml") && message.contains("1 error found; nothing was run"),
        "{message}"
    );
}

#[test]
fn what_a_machine_lacks_for_a_scenario_is_noted() {
    let project = project_on("", "requires: [tpm]\nsteps: [{ note: x }]\n");
    let run = project.planned(&request(&["s"])).expect("a plan");
    assert_eq!(
        run.jobs[0].missing.as_deref(),
        Some("`s` requires `tpm`, which the machine `pc` does not have")
    );
}

#[test]
fn an_image_that_is_not_there_is_noted_and_one_that_cannot_start_is_refused() {
    let scenario = "image: gone\nsteps: [{ note: x }]\n";
    let file = "images: { gone: { path: gone.img } }\n";
    let project = SampleProject::new(&[("qa.yaml", file), ("scenarios/s.yaml", scenario)]);
    let run = project.planned(&request(&["s"])).expect("a plan");
    let job = &run.jobs[0];
    assert!(job.target.is_err() && job.image.disk.is_err());
    assert!(job.base.is_none() && job.stages[0].key.is_none());
    project.write("gone.img", b"<html>not found</html>");
    let error = project.planned(&request(&["s"])).expect_err("a refusal");
    assert!(error.message().contains("a page of the web"), "{error}");
}

#[test]
fn a_needle_that_can_never_be_found_is_refused() {
    let project = project_on("", "steps: [{ see: login }]\n");
    let area = r#"{ "type": "match", "xpos": 90, "ypos": 0, "width": 20, "height": 20 }"#;
    let needle = format!(r#"{{ "tags": ["login"], "area": [{area}] }}"#);
    project.write("needles/login.json", needle.as_bytes());
    let picture = image::RgbImage::from_fn(100, 100, |x, y| image::Rgb([x as u8, y as u8, 7]));
    let mut png = std::io::Cursor::new(Vec::new());
    picture
        .write_to(&mut png, image::ImageFormat::Png)
        .expect("a picture");
    project.write("needles/login.png", png.get_ref());
    let message = project
        .planned(&request(&["s"]))
        .expect_err("a refusal")
        .to_string();
    assert!(message.contains("needle `login`: "), "{message}");
    project.write("needles/login.json", needle.replace("90", "10").as_bytes());
    let run = project.planned(&request(&["s"])).expect("a plan");
    assert!(run.jobs[0].remarks.is_empty());
    // One of two needles cannot be read: it is left out, and the job has a remark.
    project.write("needles/other.json", needle.replace("90", "20").as_bytes());
    project.write("needles/other.png", b"no picture");
    let run = project.planned(&request(&["s"])).expect("a plan");
    assert!(
        run.jobs[0].remarks[0].starts_with("left out: "),
        "{:?}",
        run.jobs[0].remarks
    );
    project.write("needles/login.png", b"no picture");
    assert!(project.planned(&request(&["s"])).is_err(), "none is left");
}
