//! tap-parser, the reader of node-tap.

use std::process::Command;

use serde_json::{Value, json};

use super::made_up::{MESSAGE, NASTY, every_verdict, stopped};
use super::{installed, json_of, named, run};

/// Lets tap-parser read a stream, and returns its events of a kind.
fn tap_parser(stream: &str) -> impl Fn(&str) -> Vec<Value> {
    let program = installed("node_modules/tap-parser/bin/cmd.cjs");
    let said = run(Command::new("node").arg(program).arg("-j"), stream);
    let events = json_of(&said);
    move |kind| {
        let events = events.as_array().unwrap().iter();
        events
            .filter(|event| event[0] == kind)
            .map(|event| event[1].clone())
            .collect()
    }
}

#[test]
fn tap_parser_reads_every_verdict() {
    let stream = every_verdict().printed("tap");
    let events = tap_parser(&stream);
    assert_eq!(
        events("extra"),
        Vec::<Value>::new(),
        "no line is unknown: {stream}"
    );
    let end = &events("complete")[0];
    for (key, number) in [
        ("count", 8),
        ("pass", 3),
        ("fail", 5),
        ("todo", 1),
        ("skip", 1),
    ] {
        assert_eq!(end[key], number, "{key}: {end}");
    }
    assert_eq!(
        (&end["ok"], &end["bailout"]),
        (&json!(false), &json!(false))
    );
    let points = Value::from(events("assert"));
    for (name, ok, todo, skip) in [
        ("passes", true, json!(false), json!(false)),
        (
            "defect",
            false,
            json!("the wallpaper is missing (DEB-1)"),
            json!(false),
        ),
        ("fails", false, json!(false), json!(false)),
        ("flaky", true, json!(false), json!(false)),
        ("breaks", false, json!(false), json!(false)),
        ("skips", true, json!(false), json!("there is no agent")),
        ("stops", false, json!(false), json!(false)),
        ("again", false, json!(false), json!(false)),
    ] {
        let point = named(&points, name);
        assert_eq!(point["ok"], ok, "{name}");
        assert_eq!((&point["todo"], &point["skip"]), (&todo, &skip), "{name}");
    }
    let fails = &named(&points, "fails")["diag"];
    assert_eq!(fails["message"], MESSAGE);
    assert_eq!(
        fails["at"],
        json!({"file": "scenarios/fails.yaml", "line": 7})
    );
    assert_eq!(named(&points, "fails")["time"], 3_000);
    assert_eq!(fails["serial"], json!(["login:", NASTY]));
    assert_eq!(fails["files"][0], "results/made-up/fails/frames/0001.png");
}

#[test]
fn tap_parser_reads_that_a_run_was_stopped() {
    let stream = stopped().printed("tap");
    let events = tap_parser(&stream);
    let end = &events("complete")[0];
    assert_eq!((&end["count"], &end["fail"]), (&json!(1), &json!(1)));
    assert_eq!(end["bailout"], "stopped by the user");
}
