//! The statements that ask the database.

use std::collections::{BTreeMap, HashMap};

use reports::Verdict;
use rusqlite::{Row, params};

use super::super::cell::Cell;
use super::super::drift::NeedleRun;
use super::super::marker::Stamp;
use super::super::record::{CauseRecord, Origin, StepRecord};
use super::super::row::CellRun;
use super::super::steps::StepKey;
use super::Store;
use super::words::{natural, optional_natural, outcome_of, unknown};

/// The columns of a [`CellRun`], in the order in which [`cell_run`] reads them.
const RESULT_COLUMNS: &str = "result.id, run.folder, run.began, cell, verdict, cause_kind, cause_line, duration_ms, \
    attempts, origin, begins_after, image_digest";

impl Store {
    /// Returns the stamps of all logs that were taken in, by the folders of their runs.
    pub(in crate::history) fn stamps(&self) -> rusqlite::Result<HashMap<String, Stamp>> {
        let mut statement = self
            .connection
            .prepare("SELECT folder, log_bytes, log_modified FROM run")?;
        let stamps = statement.query_map([], |row| {
            let stamp = Stamp {
                bytes: row.get(1)?,
                modified: row.get(2)?,
            };
            Ok((row.get(0)?, stamp))
        })?;
        stamps.collect()
    }

    /// Returns when the run in a folder began; none if the run is not known.
    pub(in crate::history) fn began(&self, folder: &str) -> rusqlite::Result<Option<i64>> {
        let mut statement = self
            .connection
            .prepare("SELECT began FROM run WHERE folder = ?1")?;
        let mut rows = statement.query([folder])?;
        rows.next()?.map(|row| row.get(0)).transpose()
    }

    /// Returns the number of runs whose logs could be read.
    pub(in crate::history) fn run_count(&self) -> rusqlite::Result<usize> {
        let count: i64 = self.connection.query_row(
            "SELECT count(*) FROM run WHERE damage IS NULL",
            [],
            |row| row.get(0),
        )?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Returns all results, by cell, of each cell the oldest first.
    pub(in crate::history) fn results(&self) -> rusqlite::Result<BTreeMap<Cell, Vec<CellRun>>> {
        let sql = format!(
            "SELECT {RESULT_COLUMNS} FROM result JOIN run ON run.id = result.run \
             ORDER BY cell, run.began, run.folder, result.id"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let mut cells: BTreeMap<Cell, Vec<CellRun>> = BTreeMap::new();
        for run in statement.query_map([], cell_run)? {
            let run = run?;
            cells.entry(run.cell.clone()).or_default().push(run);
        }
        Ok(cells)
    }

    /// Returns the results of a cell in runs that began before another one, the newest first, at most `most`.
    pub(in crate::history) fn results_before(
        &self,
        cell: &Cell,
        (began, folder): (i64, &str),
        most: usize,
    ) -> rusqlite::Result<Vec<CellRun>> {
        let sql = format!(
            "SELECT {RESULT_COLUMNS} FROM result JOIN run ON run.id = result.run \
             WHERE cell = ?1 AND (run.began, run.folder) < (?2, ?3) \
             ORDER BY run.began DESC, run.folder DESC, result.id DESC LIMIT ?4"
        );
        let mut statement = self.connection.prepare(&sql)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map(params![cell.as_str(), began, folder, most], cell_run)?;
        rows.collect()
    }

    /// Returns the steps of a result, in order.
    pub(in crate::history) fn steps(&self, result: &CellRun) -> rusqlite::Result<Vec<StepRecord>> {
        let mut statement = self.connection.prepare(
            "SELECT stage, id, text, outcome, duration_ms, after_ms, is_group FROM step WHERE result = ?1 \
             ORDER BY place",
        )?;
        let steps = statement.query_map([result.id], |row| {
            let outcome: Option<String> = row.get(3)?;
            Ok(StepRecord {
                stage: row.get(0)?,
                id: row.get(1)?,
                text: row.get(2)?,
                outcome: outcome.map(|word| outcome_of(&word)).transpose()?,
                duration_ms: natural(row, 4)?,
                after_ms: optional_natural(row, 5)?,
                is_group: row.get(6)?,
            })
        })?;
        steps.collect()
    }

    /// Returns the steps of results that passed, with their times.
    pub(in crate::history) fn passed_steps(
        &self,
        results: &[CellRun],
    ) -> rusqlite::Result<Vec<(StepKey, u64)>> {
        let mut statement = self.connection.prepare(
            "SELECT stage, id, text, duration_ms FROM step WHERE result = ?1 AND outcome = 'passed' ORDER BY place",
        )?;
        let mut passed = Vec::new();
        for result in results {
            let steps = statement.query_map([result.id], |row| {
                let key = StepKey {
                    stage: row.get(0)?,
                    id: row.get(1)?,
                    text: row.get(2)?,
                };
                Ok((key, natural(row, 3)?))
            })?;
            for step in steps {
                passed.push(step?);
            }
        }
        Ok(passed)
    }

    /// Returns the needles of results, by name, each with its runs in the order of the results.
    pub(in crate::history) fn needles(
        &self,
        results: &[CellRun],
    ) -> rusqlite::Result<BTreeMap<String, Vec<NeedleRun>>> {
        let mut statement = self
            .connection
            .prepare("SELECT name, matched, missed, reserve FROM needle WHERE result = ?1")?;
        let mut needles: BTreeMap<String, Vec<NeedleRun>> = BTreeMap::new();
        for result in results {
            let runs = statement.query_map([result.id], |row| {
                Ok(NeedleRun {
                    needle: row.get(0)?,
                    matched: natural(row, 1)?,
                    missed: natural(row, 2)?,
                    reserve: row.get(3)?,
                })
            })?;
            for run in runs {
                let run = run?;
                needles.entry(run.needle.clone()).or_default().push(run);
            }
        }
        Ok(needles)
    }

    /// Returns the names of all needles that a look has compared.
    pub(in crate::history) fn needle_names(&self) -> rusqlite::Result<Vec<String>> {
        self.words("SELECT DISTINCT name FROM needle ORDER BY name")
    }

    /// Returns the tags that `gone` steps have looked for, as the event log writes them.
    pub(in crate::history) fn gone_tags(&self) -> rusqlite::Result<Vec<String>> {
        self.words("SELECT DISTINCT tags FROM gone ORDER BY tags")
    }

    fn words(&self, sql: &str) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.connection.prepare(sql)?;
        let words = statement.query_map([], |row| row.get(0))?;
        words.collect()
    }
}

fn cell_run(row: &Row<'_>) -> rusqlite::Result<CellRun> {
    let verdict: String = row.get(4)?;
    let all = Verdict::ALL.into_iter();
    let verdict = all
        .clone()
        .find(|known| known.word() == verdict)
        .ok_or_else(|| unknown(4, &verdict))?;
    let kind: Option<String> = row.get(5)?;
    let line: Option<String> = row.get(6)?;
    let origin: Option<String> = row.get(9)?;
    let begins_after: Option<String> = row.get(10)?;
    Ok(CellRun {
        id: row.get(0)?,
        run: row.get(1)?,
        began: row.get(2)?,
        cell: Cell::stored(row.get(3)?),
        verdict,
        cause: kind
            .zip(line)
            .map(|(kind, line)| CauseRecord { kind, line }),
        duration_ms: natural(row, 7)?,
        attempts: natural(row, 8)?,
        origin: origin
            .map(|word| Origin::stored(&word, begins_after).ok_or_else(|| unknown(9, &word)))
            .transpose()?,
        image_digest: row.get(11)?,
    })
}
