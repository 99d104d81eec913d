//! The limits of a bundle. What is written keeps them, and what is read must.

/// The most files that a bundle may have.
pub(super) const MOST_FILES: usize = 20_000;

/// The most bytes that the files of a bundle may have together, unpacked. A full film, serial console and QMP log of
/// an attempt have 160 MiB.
pub(super) const MOST_BYTES: u64 = 2 << 30;

/// The deepest place of a file: its folders and its name.
pub(super) const DEEPEST: usize = 8;

/// The longest name of a file in bytes, with its folders.
pub(super) const LONGEST_NAME: usize = 600;

/// The event log in a bundle and in the folder of a run.
pub(super) const LOG: &str = "events.jsonl";
