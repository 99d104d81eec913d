//! The places in the code at which the tests kill a process.

/// A place in the code, in the order in which they are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KillPoint {
    /// The folder of a draft exists, without its lock.
    DraftFolder,
    /// Some files of a draft are on disk.
    FilesSynced,
    /// A draft is complete and does not have its final name yet.
    NoteWritten,
    /// A checkpoint has its name. The store's folder is not synced to disk.
    Renamed,
    /// One checkpoint was renamed for its removal. Others that are removed with it were not.
    SetAside,
    /// All were renamed for their removal, and none was deleted.
    AllSetAside,
}

/// Passes a place. Only the tests ever stop here.
#[cfg(not(test))]
pub(super) fn pass(_point: KillPoint) {}

#[cfg(test)]
pub(super) use super::kill_tests::pass;
