//! Everything that the database holds, as text, so that tests can compare two of them.

use rusqlite::Row;
use rusqlite::types::Value;

use super::Store;

impl Store {
    /// Returns every stored value without the numbers that the database gives, for comparisons.
    pub(in crate::history) fn dump(&self) -> Vec<String> {
        let of_run = "run.folder || '|' || result.cell || '|' || (result.id - \
            (SELECT min(id) FROM result AS first WHERE first.run = run.id))";
        let joined = "JOIN result ON result.id = result JOIN run ON run.id = result.run";
        [
            "SELECT 'run', folder, log_bytes, log_modified, began, damage, '', '', '' FROM run \
                ORDER BY folder"
                .to_owned(),
            format!(
                "SELECT 'result', {of_run}, verdict, cause_kind, cause_line, duration_ms || ' ' || attempts, origin, \
                begins_after, image_digest FROM result JOIN run ON run.id = result.run ORDER BY 2"
            ),
            format!(
                "SELECT 'step', {of_run}, place, stage || ' ' || step.id, text, outcome, step.duration_ms, after_ms, \
                is_group FROM step {joined} ORDER BY 2, place"
            ),
            format!(
                "SELECT 'needle', {of_run}, name, matched, missed, reserve, '', '', '' \
                FROM needle {joined} ORDER BY 2, name"
            ),
            format!(
                "SELECT 'gone', {of_run}, tags, '', '', '', '', '', '' FROM gone {joined} \
                ORDER BY 2, tags"
            ),
        ]
        .iter()
        .flat_map(|sql| {
            let mut statement = self.connection.prepare(sql).unwrap();
            let row = |row: &Row<'_>| {
                let values = (0..9).map(|column| row.get::<_, Value>(column).unwrap());
                Ok(format!("{:?}", values.collect::<Vec<_>>()))
            };
            statement.query_map([], row).unwrap().map(Result::unwrap).collect::<Vec<_>>()
        })
        .collect()
    }
}
