//! The oldest window of a table, whose keys are sorted by entity first.

use super::super::window::WindowId;
use super::File;
use super::coarse::PREFIX;

impl File {
    /// The first second of the oldest sealed window, of whichever entity: one look into the index for each.
    pub(crate) fn oldest_block(&self) -> rusqlite::Result<Option<i64>> {
        self.oldest("block")
    }

    /// The same of the coarse windows of a step.
    pub(crate) fn oldest_coarse(&self, step: i64) -> rusqlite::Result<Option<i64>> {
        self.oldest(&format!("{PREFIX}{step}"))
    }

    fn oldest(&self, table: &str) -> rusqlite::Result<Option<i64>> {
        let next = format!("SELECT min(id) FROM {table} WHERE id >= ((first.id >> 32) + 1) << 32");
        let sql = format!(
            "WITH RECURSIVE first(id) AS (SELECT min(id) FROM {table} UNION ALL SELECT ({next}) FROM first WHERE first.id IS NOT NULL)
             SELECT id FROM first WHERE id IS NOT NULL"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let starts = statement.query_map([], |row| row.get(0).map(|id| WindowId(id).start()))?;
        Ok(starts.collect::<rusqlite::Result<Vec<i64>>>()?.into_iter().min())
    }
}
