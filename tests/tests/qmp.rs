//! What a QEMU of another version, or a bad day, may say.

use qa_tests::{Fake, Outcome, Screen, act, on};
use serde_json::json;

use crate::steps;

fn logs_in(fake: Fake) -> Outcome {
    steps("- type: x\n- see: desktop")
        .needles(["desktop"])
        .machine(fake.on(on::typed("x"), [act::show(&Screen::of("desktop"))]))
        .exit_code(0)
}

#[test]
fn lines_that_arrive_in_pieces() {
    logs_in(Fake::new().splits_lines()).shows("QEMU's lines on QMP come in pieces");
}

#[test]
fn lines_that_are_none() {
    logs_in(Fake::new().on(
        on::captures(1),
        [act::qmp("\u{0}garbage\n{\"half\": \r\n[]\n{}\n\n\"x\"\n")],
    ))
    .shows("QEMU says garbage on QMP");
}

#[test]
fn answers_that_nobody_asked_for() {
    logs_in(Fake::new().on(
        on::captures(1),
        [act::qmp(
            "{\"return\": {}, \"id\": 99999}\n{\"return\": {}}\n\
        {\"error\": {\"class\": \"X\", \"desc\": \"y\"}, \"id\": \"z\"}\n",
        )],
    ))
    .shows("QEMU answers what nobody asked");
}

#[test]
fn events_from_the_future() {
    logs_in(Fake::new().on(
        on::captures(1),
        [
            act::event("FROM_THE_FUTURE", json!({"x": [1, {"y": null}]})),
            act::event(
                "JOB_STATUS_CHANGE",
                json!({"id": "j", "status": "teleporting"}),
            ),
            act::event(
                "VSERPORT_CHANGE",
                json!({"id": "another-port", "open": true}),
            ),
            act::event("VSERPORT_CHANGE", json!({})),
            act::event("RTC_CHANGE", json!({"offset": "not a number"})),
        ],
    ))
    .shows("QEMU tells of events that nobody knows");
}

#[test]
fn an_event_of_a_known_kind_with_an_unknown_reason_is_still_judged() {
    let outcome = steps("- serial: { regex: never, within: 2h }")
        .machine(Fake::new().on(
            on::captures(1),
            [act::event(
                "RESET",
                json!({"guest": true, "reason": "cosmic-ray"}),
            )],
        ))
        .exit_code(1);
    assert!(
        outcome.cause("s").message.contains("cosmic-ray"),
        "{:?}",
        outcome.cause("s")
    );
}

#[test]
fn a_flood_of_events() {
    let flood: String = (0..500)
        .map(|n| format!("{{\"event\": \"NOISE\", \"data\": {{\"n\": {n}}}}}\n"))
        .collect();
    logs_in(Fake::new().on(on::captures(1), [act::qmp(&flood)]))
        .shows("QEMU floods QMP with events");
}
