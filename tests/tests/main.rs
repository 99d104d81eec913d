//! The whole of `qa` over a fake QEMU: fast, and for every change. One module a feature.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod against;
mod arrows;
mod attempts;
mod bad_host;
mod bad_images;
mod bad_needles;
mod bad_scenarios;
mod boards;
mod book;
mod boot_menu;
mod bounds;
mod cache;
mod cancel;
mod chains;
mod checkpoints;
mod commands;
mod faults;
mod files;
mod first_look;
mod fuzzing;
mod help;
mod history;
mod hopeless;
mod idle_firmware;
mod import;
mod input;
mod killed_runs;
mod line_length;
mod look;
mod looking;
mod lost_evidence;
mod machines;
mod many_needles;
mod matrix;
mod media;
mod modes;
mod needle_batch;
mod needle_check;
mod needle_replay;
mod packages;
mod place;
mod placeholder;
mod power;
mod pulse;
mod qmp;
mod readme;
mod record;
mod resets;
mod results;
mod secrets;
mod share;
mod starvation;
mod streams;
mod structure;
mod surprises;
mod talk;
mod text_areas;
mod twelve_failures;
mod verdicts;
mod watches;

use qa_tests::{Programs, Qa};

/// A call of `qa` in a project of its own.
fn qa() -> Qa {
    Qa::new(Programs {
        qa: env!("CARGO_BIN_EXE_qa-under-test"),
        fake_qemu: env!("CARGO_BIN_EXE_fake-qemu"),
    })
}

/// A scenario `s` of these steps, on a machine of the test.
fn steps(steps: &str) -> Qa {
    qa().steps("s", steps).args(["run", "s"])
}
