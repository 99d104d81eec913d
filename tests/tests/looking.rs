//! Looking into a failure, by hand.

mod part;
mod resume;

use qa_tests::{Fake, Qa, Screen, act, on};

use crate::qa;

const STEPS: &str = "\
- note: one
- group:
    name: two
    steps:
      - type: a
      - type: b
- type: c
- see: { needle: desktop, within: 20ms }
- type: d";

fn project() -> Qa {
    qa().steps("s", STEPS).needles(["desktop"])
}

/// A machine whose person goes as soon as it is told where the screen is.
fn visited() -> Fake {
    Fake::shows(&Screen::of("greeter")).on(on::command("query-vnc"), [act::signal_qa("INT")])
}
