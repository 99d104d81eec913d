//! What the tests over the whole product are made of: a fake QEMU that plays a script, drawn screens and needles, and a
//! builder that runs `qa` on them in a folder, a home and a PATH of its own.
//!
//! ```text
//! Qa (builder) --files, script.json--> qa --starts--> fake-qemu --plays--> script.json
//!    ^                                  |                  |
//!    +--------- stdout, results --------+                  |
//!    +--------------------- journal.jsonl -----------------+
//! ```
//!
//! The fake speaks bytes on the descriptors that it inherits, as QEMU does, so nothing in the product knows of it. It
//! is stricter than QEMU: an option, a command or an argument that it does not know ends the test.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, and this crate is nothing but tests"
)]

mod browser;
mod drawing;
mod fake;
pub mod fake_kvmd;
mod fault;
mod guest_disk;
mod journal;
mod outcome;
pub mod placeholder;
mod qa;
mod running;
mod script;

pub use browser::{Browser, Look};
pub use drawing::{Badge, Screen};
pub use fake::{Act, Fake, act, on};
pub use fault::{Fault, Observed, Said};
pub use guest_disk::{boot_disk, boot_disk_with, cd};
pub use journal::{Entry, Journal};
pub use outcome::Outcome;
pub use qa::{Programs, Qa, ShownTo};
pub use running::Running;
pub use script::{Action, Frame, GuestAnswer, Rule, Script, Spending, Trigger};
