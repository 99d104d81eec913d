//! What machines of one call tell each other through their journal.

use std::{
    mem::MaybeUninit,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    path::{Path, PathBuf},
};

use qa_tests::{Entry, Journal};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

#[derive(Debug)]
pub(crate) struct Told {
    journal: PathBuf,
    changes: OwnedFd,
    taken: usize,
}

impl Told {
    /// Listens from now on; what was told before is heard as well.
    pub(crate) fn new(journal: &Path) -> Result<Self, String> {
        let listen = || {
            let changes = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
            inotify::add_watch(&changes, journal, WatchFlags::MODIFY)?;
            rustix::io::Result::Ok(changes)
        };
        Ok(Self {
            changes: listen().map_err(|error| format!("{}: {error}", journal.display()))?,
            journal: journal.to_owned(),
            taken: 0,
        })
    }

    /// The descriptor to wait on.
    pub(crate) fn changes(&self) -> BorrowedFd<'_> {
        self.changes.as_fd()
    }

    /// What others have told since this was asked last.
    pub(crate) fn news(&mut self) -> Vec<String> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.changes, &mut buffer);
        while reader.next().is_ok() {}
        let journal = Journal::read(&self.journal);
        let own = std::process::id();
        let told = journal.entries()[self.taken..].iter();
        let news = told.filter_map(|entry| match entry {
            Entry::Told { by, what } if *by != own => Some(what.clone()),
            _ => None,
        });
        let news = news.collect();
        self.taken = journal.entries().len();
        news
    }
}
