//! The tables of the coarse windows, one for each step: `coarse_10`, `coarse_60`.

use rusqlite::{OptionalExtension as _, params};

use super::super::StoreError;
use super::super::window::WindowId;
use super::File;

/// What their names begin with.
pub(super) const PREFIX: &str = "coarse_";

impl File {
    /// Makes the tables of these steps, in seconds, and removes those of others: what was kept in other steps is forgotten.
    pub(crate) fn prepare_coarse(&self, steps: &[i64]) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'coarse_*'")?;
        let names = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
        drop(statement);
        let wanted: Vec<String> = steps.iter().map(|step| format!("{PREFIX}{step}")).collect();
        for name in names.iter().filter(|name| !wanted.contains(name)) {
            let step = name.trim_start_matches(PREFIX);
            tracing::warn!("the store forgets what it kept in steps of {step} s: the settings have no such tier any more");
            self.connection.execute_batch(&format!("DROP TABLE \"{name}\""))?;
        }
        for name in &wanted {
            self.connection.execute_batch(&format!("CREATE TABLE IF NOT EXISTS {name} (id INTEGER PRIMARY KEY, body BLOB NOT NULL)"))?;
        }
        Ok(())
    }

    /// Writes a coarse window.
    pub(crate) fn put_coarse(&self, step: i64, id: WindowId, body: &[u8]) -> rusqlite::Result<()> {
        self.run(&format!("INSERT OR REPLACE INTO {PREFIX}{step} VALUES (?, ?)"), params![id.0, body])
    }

    /// A coarse window.
    pub(crate) fn coarse(&self, step: i64, id: WindowId) -> rusqlite::Result<Option<Vec<u8>>> {
        let sql = format!("SELECT body FROM {PREFIX}{step} WHERE id = ?");
        self.connection.prepare_cached(&sql)?.query_row([id.0], |row| row.get(0)).optional()
    }

    /// Gives every coarse window of an entity that begins from `start` to `end`, in the order of time.
    pub(crate) fn coarse_of(
        &self,
        step: i64,
        entity: u32,
        (start, end): (i64, i64),
        mut found: impl FnMut(WindowId, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let sql = format!("SELECT id, body FROM {PREFIX}{step} WHERE id BETWEEN ? AND ? ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([WindowId::at(entity, start).0, WindowId::at(entity, end).0])?;
        while let Some(row) = rows.next()? {
            found(WindowId(row.get(0)?), row.get_ref(1)?.as_blob().unwrap_or_default())?;
        }
        Ok(())
    }

    /// The first second of an entity's last coarse window.
    pub(crate) fn last_coarse(&self, step: i64, entity: u32) -> rusqlite::Result<Option<i64>> {
        let sql = format!("SELECT id FROM {PREFIX}{step} WHERE id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1");
        self.start(&sql, entity, 0)
    }

    /// The first second of an entity's first coarse window that begins at or after a second.
    pub(crate) fn next_coarse(&self, step: i64, entity: u32, from: i64) -> rusqlite::Result<Option<i64>> {
        let sql = format!("SELECT id FROM {PREFIX}{step} WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1");
        self.start(&sql, entity, from)
    }

    /// The first second of an entity's first sealed window that begins at or after a second.
    pub(crate) fn next_block(&self, entity: u32, from: i64) -> rusqlite::Result<Option<i64>> {
        self.start("SELECT id FROM block WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1", entity, from)
    }

    /// Removes an entity's coarse windows that begin before a second.
    pub(crate) fn remove_coarse_before(&self, step: i64, entity: u32, start: i64) -> rusqlite::Result<()> {
        let sql = format!("DELETE FROM {PREFIX}{step} WHERE id BETWEEN ? AND ?");
        self.run(&sql, params![WindowId::at(entity, 0).0, WindowId::at(entity, start.saturating_sub(1)).0])
    }

    fn start(&self, sql: &str, entity: u32, from: i64) -> rusqlite::Result<Option<i64>> {
        let range = [WindowId::at(entity, from).0, WindowId::at(entity, i64::MAX).0];
        self.connection.prepare_cached(sql)?.query_row(range, |row| row.get(0).map(|id| WindowId(id).start())).optional()
    }
}
