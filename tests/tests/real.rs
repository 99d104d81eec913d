//! Real QEMU, real images: what only they can show. `make real` installs and builds what is needed and runs these one
//! by one; `cargo test -p qa-tests --features real-machines --test real -- --nocapture NAME` runs one. What takes
//! longer is behind the feature `nightly`: `make updates`, which `make nightly` ends with.
//!
//! Nothing is skipped: what is missing is a failure that names the command that gets it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "real/architectures.rs"]
mod architectures;
#[path = "real/boards/mod.rs"]
mod boards;
#[path = "real/boot_sector.rs"]
mod boot_sector;
#[path = "real/broken_guests.rs"]
mod broken_guests;
#[path = "real/desktop.rs"]
mod desktop;
#[path = "real/host.rs"]
mod host;
#[path = "real/junit_readers/mod.rs"]
mod junit_readers;
#[cfg(feature = "nightly")]
#[path = "real/nightly.rs"]
mod nightly;
#[path = "real/report_page/mod.rs"]
mod report_page;
#[cfg(feature = "nightly")]
#[path = "real/soak.rs"]
mod soak;
#[path = "real/stopped.rs"]
mod stopped;
#[path = "real/text.rs"]
mod text;
#[path = "real/typing.rs"]
mod typing;
#[path = "real/updates.rs"]
mod updates;
#[path = "real/video.rs"]
mod video;
#[path = "real/watches.rs"]
mod watches;
