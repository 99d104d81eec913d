//! The reference images, driven through their own scenarios.

use std::fs;

use reports::{CauseKind, Event, StartedFrom, Verdict};

use crate::host::{Outcome, Project, repository, require_image};

/// The repository's project, with these of its scenarios as shipped.
pub(crate) fn shipped(names: &[&str]) -> Project {
    edited(names, |text| text)
}

/// The same, with every scenario's text changed by `edit`.
fn edited(names: &[&str], edit: impl Fn(String) -> String) -> Project {
    let root = repository();
    let needles = format!("needles: [{}]", root.join("needles").display());
    let file = fs::read_to_string(root.join("qa.yaml")).unwrap();
    // Its matrices, which come last, name scenarios that are not here.
    let (file, _) = file.split_once("\nmatrix:").unwrap();
    let file = file.replace("needles: [needles]", &needles);
    let mut files = vec![("qa.yaml".to_owned(), file)];
    for name in names {
        let path = format!("scenarios/{name}.yaml");
        let text = fs::read_to_string(root.join(&path)).unwrap();
        files.push((path, edit(text)));
    }
    let files: Vec<_> = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_bytes()))
        .collect();
    Project::new(&files)
}

/// From where each attempt started: the scenario at whose end its checkpoint stands, and whether that
/// was made in the same run.
fn checkpoints(outcome: &Outcome) -> Vec<(String, String, bool)> {
    let started = outcome
        .entries()
        .into_iter()
        .filter_map(|entry| match entry.event {
            Event::ScenarioStarted {
                from:
                    StartedFrom::Checkpoint {
                        scenario: at,
                        this_run,
                        ..
                    },
                ..
            } => Some((entry.envelope.scenario?, at, this_run)),
            _ => None,
        });
    started.collect()
}

#[test]
fn a_user_logs_in_on_the_text_console() {
    require_image("console");
    let outcome = shipped(&["console-login"])
        .run(&["console-login"])
        .exits_with(0);
    assert_eq!(outcome.verdict("console-login").0, Verdict::Passed);
}

#[test]
fn a_user_logs_in_to_gnome_calculates_writes_and_logs_out() {
    require_image("gnome");
    let names = [
        "gnome-login",
        "gnome-calculator",
        "gnome-text-editor",
        "gnome-logout",
    ];
    let project = shipped(&names);
    let outcome = project
        .run(&[&names[..], &["--cold"]].concat())
        .exits_with(0);
    for name in names {
        assert_eq!(outcome.verdict(name).0, Verdict::Passed, "{name}");
    }
    // One boot for all: the others start where the login ended.
    let login = |name: &&str, this_run| ((*name).to_owned(), names[0].to_owned(), this_run);
    let expected: Vec<_> = names[1..].iter().map(|name| login(name, true)).collect();
    assert_eq!(checkpoints(&outcome), expected);
    // And another day, none at all.
    let again = project.run(&[names[1], "--warm"]).exits_with(0);
    assert_eq!(checkpoints(&again), [login(&names[1], false)]);
    let last = outcome
        .entries()
        .into_iter()
        .rev()
        .filter(|entry| entry.scenario() == Some("gnome-login"))
        .find_map(|entry| match entry.event {
            Event::ScenarioFinished { last_frame, .. } => last_frame,
            _ => None,
        });
    let picture = image::open(outcome.folder.join(last.unwrap().file)).unwrap();
    assert_eq!((picture.width(), picture.height()), (1024, 768));
    for name in names {
        assert!(outcome.file("junit.xml").contains(name), "{name}");
    }
}

#[test]
fn a_wrong_password_fails_and_the_report_names_the_nearest_needle() {
    require_image("gnome");
    // The deadline for the desktop that never comes is the price of this test: two minutes under emulation will do.
    let shipped = "gnome-overview, within: 60s";
    let outcome = edited(&["gnome-login"], |text| {
        assert!(text.contains(shipped), "{text}");
        text.replace(shipped, "gnome-overview, within: 15s")
    })
    .run(&["gnome-login", "--var", "password=wrong"])
    .exits_with(1);
    let (verdict, cause) = outcome.verdict("gnome-login");
    let cause = cause.unwrap();
    assert_eq!(
        (verdict, &cause.kind),
        (Verdict::Failed, &CauseKind::Deadline),
        "{cause:?}"
    );
    assert!(cause.message.contains("gnome-overview"), "{cause:?}");
    let look = outcome.last_evidence().look.unwrap();
    let nearest = &look.candidates[0];
    assert!(
        nearest
            .areas
            .iter()
            .any(|area| area.similarity < area.required),
        "{nearest:?}"
    );
    assert!(
        outcome.file("report.html").contains(&nearest.needle),
        "the page names {}",
        nearest.needle
    );
    for file in [
        "events.jsonl",
        "report.html",
        "junit.xml",
        "gnome-login/qmp.log",
    ] {
        let text = outcome.file(file);
        assert!(
            !text.contains(r#""data":"w""#),
            "{file} tells the password's keys"
        );
    }
}
