//! The database: its file and its tables. `put` fills it, `get` asks it.

#[cfg(test)]
mod dump;
mod get;
mod put;
mod words;

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::record::RunRecord;

/// The version of the tables. It must be raised with every change of them, and of what is stored in them. Then all
/// databases are made again.
const SCHEMA: i32 = 1;

/// Marks the file as a history of `qa`: `qaHi` in ASCII.
const APPLICATION: i32 = 0x7161_4869;

const TABLES: &str = "
CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    folder TEXT NOT NULL UNIQUE,
    log_bytes INTEGER NOT NULL,
    log_modified INTEGER NOT NULL,
    began INTEGER NOT NULL,
    damage TEXT
) STRICT;
CREATE TABLE result (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,
    cell TEXT NOT NULL,
    verdict TEXT NOT NULL,
    cause_kind TEXT,
    cause_line TEXT,
    duration_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    origin TEXT,
    begins_after TEXT,
    image_digest TEXT
) STRICT;
CREATE INDEX result_of_run ON result (run);
CREATE INDEX result_of_cell ON result (cell, run);
CREATE TABLE step (
    result INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,
    place INTEGER NOT NULL,
    stage TEXT NOT NULL,
    id TEXT NOT NULL,
    text TEXT NOT NULL,
    outcome TEXT,
    duration_ms INTEGER NOT NULL,
    after_ms INTEGER,
    is_group INTEGER NOT NULL,
    PRIMARY KEY (result, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE needle (
    result INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,
    name TEXT NOT NULL,
    matched INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    reserve REAL,
    PRIMARY KEY (result, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE gone (
    result INTEGER NOT NULL REFERENCES result ON DELETE CASCADE,
    tags TEXT NOT NULL,
    PRIMARY KEY (result, tags)
) STRICT, WITHOUT ROWID;
";

/// A log as the database knows it: its run, or the reason why it cannot be read.
pub(super) type Taken = Result<RunRecord, String>;

/// The database.
#[derive(Debug)]
pub(super) struct Store {
    connection: Connection,
}

/// The care with which a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// All of it is looked through.
    Whole,
    /// Only its version is read. Damage is found when it is used.
    Version,
}

impl Store {
    /// Opens the database in a file, and makes it first if it is missing. If it is damaged or of another version, it is
    /// emptied.
    ///
    /// # Errors
    /// When the file cannot be opened, read or written, and when another process uses it for longer than `patience`.
    pub(super) fn open(file: &Path, patience: Duration, check: Check) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let mut store = Self {
            connection: Connection::open_with_flags(file, flags)?,
        };
        store.connection.busy_timeout(patience)?;
        if !store.is_usable(check)? {
            store.empty()?;
        }
        store.prepare()?;
        Ok(store)
    }

    /// Makes an empty database in memory.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub(super) fn in_memory() -> rusqlite::Result<Self> {
        let mut store = Self {
            connection: Connection::open_in_memory()?,
        };
        store.prepare()?;
        Ok(store)
    }

    /// Returns false if the file is damaged, or is not a history of this version. A new file is usable.
    fn is_usable(&self, check: Check) -> rusqlite::Result<bool> {
        let versions = self.versions().and_then(|versions| {
            let is_ours = versions == (APPLICATION, SCHEMA);
            if is_ours && check == Check::Whole {
                let found = self
                    .connection
                    .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))?;
                return Ok(found == "ok");
            }
            let pages: i64 = self
                .connection
                .query_row("PRAGMA page_count", [], |row| row.get(0))?;
            Ok(is_ours || pages == 0)
        });
        match versions {
            Err(error) if is_damage(&error) => Ok(false),
            other => other,
        }
    }

    fn versions(&self) -> rusqlite::Result<(i32, i32)> {
        let pragma = |name| {
            self.connection
                .pragma_query_value(None, name, |row| row.get(0))
        };
        Ok((pragma("application_id")?, pragma("user_version")?))
    }

    /// Empties the file, whatever is in it. The file is not removed: another process may have it open.
    fn empty(&self) -> rusqlite::Result<()> {
        let reset = DbConfig::SQLITE_DBCONFIG_RESET_DATABASE;
        self.connection.set_db_config(reset, true)?;
        let emptied = self.connection.execute_batch("VACUUM");
        self.connection.set_db_config(reset, false)?;
        emptied
    }

    /// Makes the tables, unless they are there.
    fn prepare(&mut self) -> rusqlite::Result<()> {
        self.connection.execute_batch(
            "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA synchronous = NORMAL;",
        )?;
        if self.versions()? == (APPLICATION, SCHEMA) {
            return Ok(());
        }
        // Another process may make them at the same time.
        let transaction = self.write()?;
        let made: i32 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if made != SCHEMA {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            transaction.pragma_update(None, "user_version", SCHEMA)?;
        }
        transaction.commit()
    }

    /// Keeps the database as it is for all questions until the value is dropped. Without it, another process could
    /// replace a run between two questions.
    ///
    /// # Errors
    /// When the database refuses.
    pub(super) fn snapshot(&self) -> rusqlite::Result<Transaction<'_>> {
        self.connection.unchecked_transaction()
    }

    fn write(&mut self) -> rusqlite::Result<Transaction<'_>> {
        // A transaction that begins as a reader cannot always become a writer.
        self.connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
    }
}

/// Returns true if the error says that the file is damaged, or is no database.
pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}
