//! The store of checkpoints.

use std::path::{Path, PathBuf};

use super::{
    CheckpointEntry, CheckpointError, CheckpointKey, Damage, Draft, Lease, PruneLimits,
    lock::{FileLock, LOCK},
    marker,
    names::Name,
    prune,
    removal::{SetAside, is_live_draft, with_descendants},
};

/// The usual limit of a store: 20 GiB on disk, some fifteen desktops.
pub const DEFAULT_LIMIT: u64 = 20 << 30;

/// The folder of all checkpoints. The page of the module `checkpoint` shows its content.
#[derive(Debug, Clone)]
pub struct CheckpointStore {
    folder: PathBuf,
    limit: u64,
}

/// The result of [`CheckpointStore::verify`] for one checkpoint.
#[derive(Debug)]
pub struct Verified {
    /// The key.
    pub key: CheckpointKey,
    /// The damage; none if every byte is as it was saved.
    pub outcome: Result<(), Damage>,
}

impl CheckpointStore {
    /// Returns the store in `folder` (by convention `$XDG_CACHE_HOME/qa/checkpoints`). Makes the folder if it does not
    /// exist. Removes the rest that killed processes have left.
    ///
    /// # Errors
    /// When the folder cannot be made or used, or has files and is not marked as a store.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, CheckpointError> {
        let store = Self {
            folder: marker::open(folder.as_ref())?,
            limit: DEFAULT_LIMIT,
        };
        let mut aside = SetAside::default();
        let lock = store.lock()?;
        aside.leftovers(&store.folder)?;
        drop(lock);
        // A rest that cannot be removed does no harm. The next open tries again.
        let _ = aside.delete();
        Ok(store)
    }

    /// Returns the same store with another limit in bytes on disk. The limit is enforced when a checkpoint is begun or
    /// added.
    #[must_use]
    pub fn limited_to(self, limit: u64) -> Self {
        Self { limit, ..self }
    }

    /// Returns the store's folder, an absolute path.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the limit in bytes on disk.
    #[must_use]
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Returns a lease on the checkpoint of this key, or `None` if there is none. It and its ancestors count as used
    /// now. Takes milliseconds: checks that all files exist in their sizes, but reads none. [`Lease::verify`] reads
    /// them.
    ///
    /// # Errors
    /// [`CheckpointError::Damaged`] if it exists and cannot be used. Others if the store cannot be used.
    pub fn find(&self, key: &CheckpointKey) -> Result<Option<Lease>, CheckpointError> {
        let lease = self.lease(key)?;
        if let Some(lease) = &lease {
            lease.touch()?;
        }
        Ok(lease)
    }

    /// Returns a draft of this checkpoint. Returns `None` if the checkpoint exists, or another process makes it. A
    /// damaged one is dropped. Makes room first if the store is beyond its limit.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub fn begin(&self, key: &CheckpointKey) -> Result<Option<Draft>, CheckpointError> {
        let mut aside = SetAside::default();
        let lock = self.lock()?;
        aside.leftovers(&self.folder)?;
        let draft = if self.is_made_or_in_the_making(key, &mut aside)? {
            None
        } else {
            prune::set_aside(&self.folder, self.limits(), &mut aside)?;
            Some(Draft::new(self, *key)?)
        };
        drop(lock);
        let _ = aside.delete(); // As in `open`.
        Ok(draft)
    }

    /// Returns all checkpoints in the store, sorted by key, damaged or not. Reads notes, but none of the files.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self) -> Result<Vec<CheckpointEntry>, CheckpointError> {
        let _lock = self.lock()?;
        CheckpointEntry::all(&self.folder)
    }

    /// Removes a checkpoint and its children. Returns the removed keys, children first; none if it does not exist.
    ///
    /// # Errors
    /// [`CheckpointError::InUse`] if a process uses one of them; nothing is removed then. Others if the store cannot be
    /// used.
    pub fn remove(&self, key: &CheckpointKey) -> Result<Vec<CheckpointKey>, CheckpointError> {
        self.drop_entry(key, WhenInUse::Refuse)
    }

    /// Removes a checkpoint that cannot be used, with its children, even while processes use them. A machine that runs
    /// from it has its files open and goes on. No machine can start from it any more. Returns the removed keys,
    /// children first.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub fn remove_damaged(
        &self,
        key: &CheckpointKey,
    ) -> Result<Vec<CheckpointKey>, CheckpointError> {
        self.drop_entry(key, WhenInUse::Remove)
    }

    /// Reads every byte of every checkpoint. Removes nothing. Skips checkpoints that are added or removed meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn verify(&self) -> Result<Vec<Verified>, CheckpointError> {
        let keys: Vec<_> = self.list()?.iter().map(|entry| entry.key).collect();
        let mut all = Vec::new();
        for key in keys {
            let outcome = match self.lease(&key) {
                Ok(None) => continue,
                // The ancestors are read in their own turn.
                Ok(Some(lease)) => lease.verify_own(),
                Err(CheckpointError::Damaged { source, .. }) => Err(source),
                Err(error) => return Err(error),
            };
            all.push(Verified { key, outcome });
        }
        Ok(all)
    }

    /// The right to change names in the store.
    pub(super) fn lock(&self) -> Result<FileLock, CheckpointError> {
        let path = self.folder.join(LOCK);
        let lock = FileLock::exclusive(&path).map_err(CheckpointError::io("lock", &path))?;
        // Checked each time: nothing may be removed from a folder that now serves another purpose.
        marker::check(&self.folder)?;
        Ok(lock)
    }

    /// Removes what is beyond the limit.
    pub(super) fn keep_limit(&self) -> Result<(), CheckpointError> {
        self.prune(self.limits()).map(drop)
    }

    fn limits(&self) -> PruneLimits {
        PruneLimits {
            bytes: self.limit,
            unused_for: None,
        }
    }

    fn lease(&self, key: &CheckpointKey) -> Result<Option<Lease>, CheckpointError> {
        let path = self.folder.join(LOCK);
        let _lock = FileLock::shared(&path).map_err(CheckpointError::io("lock", &path))?;
        Lease::take(&self.folder, key)
    }

    fn is_made_or_in_the_making(
        &self,
        key: &CheckpointKey,
        aside: &mut SetAside,
    ) -> Result<bool, CheckpointError> {
        let names = Name::all(&self.folder).map_err(CheckpointError::io("read", &self.folder))?;
        let in_the_making =
            |(name, path): &(Name, PathBuf)| *name == Name::Draft(*key) && is_live_draft(path);
        if names.iter().any(in_the_making) {
            return Ok(true);
        }
        match Lease::take(&self.folder, key) {
            Ok(lease) => Ok(lease.is_some()),
            Err(CheckpointError::Damaged { .. }) => {
                let entries = CheckpointEntry::all(&self.folder)?;
                aside.entries(&self.folder, &with_descendants(&entries, key))?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn drop_entry(
        &self,
        key: &CheckpointKey,
        when_in_use: WhenInUse,
    ) -> Result<Vec<CheckpointKey>, CheckpointError> {
        let mut aside = SetAside::default();
        let lock = self.lock()?;
        let entries = CheckpointEntry::all(&self.folder)?;
        let mut keys = with_descendants(&entries, key);
        keys.retain(|key| entries.iter().any(|entry| entry.key == *key));
        if when_in_use == WhenInUse::Refuse {
            let used = |entry: &&CheckpointEntry| entry.in_use && keys.contains(&entry.key);
            if let Some(entry) = entries.iter().find(used) {
                return Err(CheckpointError::InUse { key: entry.key });
            }
        }
        aside.entries(&self.folder, &keys)?;
        drop(lock);
        aside.delete()?;
        Ok(keys)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WhenInUse {
    Refuse,
    Remove,
}
