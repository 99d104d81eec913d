//! Tests of requests as stored data.

use super::*;

/// Returns a request with a value in every field.
fn full() -> RunRequest {
    RunRequest {
        format: FormatNumber,
        selection: Selection {
            scenarios: vec![
                ScenarioName::of_word("login"),
                ScenarioName::of_word("extra/calc.yaml"),
            ],
            among: Among::Matrix("nightly".to_owned()),
            image: Some("gnome".to_owned()),
            machine: Some("pc".to_owned()),
        },
        vars: vec!["user=a=b".parse().expect("a setting")],
        extent: Extent::Whole(Tries::Repeat(Count::try_from(7).expect("a count"))),
        checkpoints: CheckpointUse::On {
            trust: Trust::ThisRun,
            keep_failed: true,
        },
        confirm: true,
        flaky: FlakyPolicy::Fail,
        deadline_scale: Some(DeadlineScale::try_from(1.5).expect("a factor")),
        at_once: Some(Count::try_from(2).expect("a count")),
    }
}

#[test]
fn a_request_reads_as_it_was_written() {
    let plain = RunRequest::for_person(
        Selection {
            scenarios: Vec::new(),
            among: Among::ResultOf {
                matrix: "nightly".to_owned(),
                label: "login@gnome+pc".to_owned(),
            },
            image: None,
            machine: None,
        },
        Extent::Part(Part::From("3.1".parse().expect("a step"))),
    );
    let off = RunRequest {
        checkpoints: CheckpointUse::Off,
        extent: Extent::Whole(Tries::UntilFailure(None)),
        ..full()
    };
    for request in [full(), plain, off] {
        let json = serde_json::to_string(&request).expect("JSON");
        let read: RunRequest = serde_json::from_str(&json).expect("a request");
        assert_eq!(read, request, "{json}");
    }
}

#[test]
fn the_stored_form_is_what_other_programs_may_rely_on() {
    assert_eq!(
        serde_json::to_string(&full()).expect("JSON"),
        concat!(
            r#"{"format":1,"selection":{"scenarios":[{"name":"login"},{"file":"extra/calc.yaml"}],"#,
            r#""among":{"matrix":"nightly"},"image":"gnome","machine":"pc"},"vars":[{"name":"user","value":"a=b"}],"#,
            r#""extent":{"whole":{"repeat":7}},"checkpoints":{"on":{"trust":"this-run","keep_failed":true}},"#,
            r#""confirm":true,"flaky":"fail","deadline_scale":1.5,"at_once":2}"#
        )
    );
}

#[test]
fn what_this_version_does_not_know_is_refused() {
    let json = serde_json::to_value(full()).expect("JSON");
    for (change, why) in [
        (
            ("format", serde_json::json!(2)),
            "it is written in format 2, and this version of qa reads format 1",
        ),
        (
            ("at_once", serde_json::json!(0)),
            "a whole number from 1 to 1000",
        ),
        (
            ("deadline_scale", serde_json::json!(0)),
            "a number from 0.01 to 1000",
        ),
        (
            ("colour", serde_json::json!("red")),
            "unknown field `colour`",
        ),
    ] {
        let (field, value) = change;
        let mut changed = json.clone();
        changed[field] = value;
        let error = serde_json::from_value::<RunRequest>(changed).expect_err("a mistake");
        assert!(error.to_string().contains(why), "{field}: {error}");
    }
}

#[test]
fn a_word_that_ends_like_a_file_is_one() {
    let selection = full().selection;
    assert_eq!(selection.names(), ["login", "calc"]);
    assert_eq!(selection.files(), [PathBuf::from("extra/calc.yaml")]);
    assert_eq!(
        ScenarioName::of_word("a.yml"),
        ScenarioName::File("a.yml".into())
    );
    assert_eq!(
        ScenarioName::of_word("calc@gnome+pc"),
        ScenarioName::Name("calc@gnome+pc".to_owned())
    );
}

#[test]
fn a_setting_has_a_name() {
    let setting = |text: &str| text.parse::<Setting>();
    let of = |name: &str, value: &str| {
        Ok(Setting {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    };
    assert_eq!(setting("a=b=c"), of("a", "b=c"));
    assert_eq!(setting("a="), of("a", ""));
    assert!(setting("=b").is_err());
    assert!(setting("a").is_err());
}
