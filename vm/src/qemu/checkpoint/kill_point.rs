//! Places at which the tests kill a process.

/// The places, in the order in which they are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KillPoint {
    /// A draft's folder is there, without its lock.
    DraftFolder,
    /// Some of a draft's files are on disk.
    FilesSynced,
    /// A draft is complete and has its last name not yet.
    NoteWritten,
    /// A checkpoint has its name; the store's folder is not on disk.
    Renamed,
    /// A checkpoint is out of sight, others that go with it are not.
    SetAside,
    /// All is out of sight, and nothing was removed.
    AllSetAside,
}

/// Passes a place. Only the tests ever stop here.
#[cfg(not(test))]
pub(super) fn pass(_point: KillPoint) {}

#[cfg(test)]
pub(super) use super::kill_tests::pass;
