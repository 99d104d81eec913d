//! The statements that fill the database.

use rusqlite::{Transaction, params};

use super::super::marker::Stamp;
use super::super::record::{Origin, ResultRecord};
use super::words::{outcome_word, whole};
use super::{Store, Taken};

impl Store {
    /// Takes runs in, all or none of them. A run that is known is replaced.
    pub(in crate::history) fn put(
        &mut self,
        runs: &[(String, Stamp, Taken)],
    ) -> rusqlite::Result<()> {
        let transaction = self.write()?;
        for (folder, stamp, taken) in runs {
            put_run(&transaction, folder, *stamp, taken)?;
        }
        transaction.commit()
    }

    /// Forgets runs.
    pub(in crate::history) fn forget(&mut self, folders: &[String]) -> rusqlite::Result<()> {
        if folders.is_empty() {
            return Ok(());
        }
        let transaction = self.write()?;
        for folder in folders {
            transaction.execute("DELETE FROM run WHERE folder = ?1", [folder])?;
        }
        transaction.commit()
    }
}

fn put_run(
    transaction: &Transaction<'_>,
    folder: &str,
    stamp: Stamp,
    taken: &Taken,
) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM run WHERE folder = ?1", [folder])?;
    let (began, damage, results) = match taken {
        Ok(run) => (run.began, None, run.results.as_slice()),
        Err(damage) => (0, Some(damage), [].as_slice()),
    };
    transaction.execute(
        "INSERT INTO run (folder, log_bytes, log_modified, began, damage) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![folder, stamp.bytes, stamp.modified, began, damage],
    )?;
    let run = transaction.last_insert_rowid();
    for result in results {
        put_result(transaction, run, result)?;
    }
    Ok(())
}

fn put_result(
    transaction: &Transaction<'_>,
    run: i64,
    result: &ResultRecord,
) -> rusqlite::Result<()> {
    let cause = result.cause.as_ref();
    let origin = result.origin.as_ref();
    transaction.execute(
        "INSERT INTO result (run, cell, verdict, cause_kind, cause_line, duration_ms, attempts, origin, begins_after, \
         image_digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            run,
            result.cell.as_str(),
            result.verdict.word(),
            cause.map(|cause| &cause.kind),
            cause.map(|cause| &cause.line),
            whole(result.duration_ms),
            whole(result.attempts),
            origin.map(Origin::word),
            origin.and_then(Origin::begins_after),
            result.image_digest,
        ],
    )?;
    let id = transaction.last_insert_rowid();
    let mut statement = transaction.prepare(
        "INSERT INTO step (result, place, stage, id, text, outcome, duration_ms, after_ms, is_group) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    for (place, step) in (0_i64..).zip(&result.steps) {
        statement.execute(params![
            id,
            place,
            step.stage,
            step.id,
            step.text,
            step.outcome.map(outcome_word),
            whole(step.duration_ms),
            step.after_ms.map(whole),
            step.is_group,
        ])?;
    }
    let mut statement = transaction.prepare(
        "INSERT INTO needle (result, name, matched, missed, reserve) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (name, needle) in &result.needles {
        let (matched, missed) = (whole(needle.matched), whole(needle.missed));
        statement.execute(params![id, name, matched, missed, needle.reserve])?;
    }
    let mut statement = transaction.prepare("INSERT INTO gone (result, tags) VALUES (?1, ?2)")?;
    for tags in &result.gone {
        statement.execute(params![id, tags])?;
    }
    Ok(())
}
