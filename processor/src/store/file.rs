//! The SQLite file: its tables, and every statement that touches them.

mod coarse;
mod oldest;

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::State;
use event::{Metric, Timestamp};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::catalogue::{Addition, Place};
use super::window::WindowId;
use super::{HistoryRequest, StoreError, TransitionRecord};

/// The layout of the tables below, in SQLite's `user_version`.
const VERSION: i64 = 1;

/// A block of forty columns is about 17 kB: two pages and a bit, where pages of 4 kB would take five.
const PAGE_BYTES: i64 = 8192;

/// How long another program that has the file locked is waited for; then the commit fails and is tried again.
const PATIENCE: Duration = Duration::from_millis(250);

/// `WITHOUT ROWID` for blocks was measured: eight times slower to read.
const SCHEMA: &str = "
    CREATE TABLE entity (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, tags TEXT NOT NULL);
    CREATE TABLE field (entity INTEGER NOT NULL, slot INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (entity, slot)) WITHOUT ROWID;
    CREATE TABLE block (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE log (n INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE late (block INTEGER NOT NULL, slot INTEGER NOT NULL, offset INTEGER NOT NULL, value NOT NULL,
        PRIMARY KEY (block, slot, offset)) WITHOUT ROWID;
    CREATE TABLE transition (since INTEGER NOT NULL, rule TEXT NOT NULL, instance TEXT NOT NULL, host TEXT, service TEXT NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL, value REAL, message TEXT NOT NULL, PRIMARY KEY (since, rule, instance)) WITHOUT ROWID;
    CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
";

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite refuses: the folder is missing or read-only, the disk is full.
    #[error("could not open the store {path}; check that the folder is there and writable, or set `store: off`")]
    File {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        #[source]
        source: rusqlite::Error,
    },
    /// A later skep wrote it.
    #[error("the store {path} has layout {found}, this skep reads {VERSION}; run the newer skep, or move the file away")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
    },
    /// The thread of the store cannot be started.
    #[error("could not start the store's thread")]
    Thread(#[source] std::io::Error),
}

/// The open file.
#[derive(Debug)]
pub(crate) struct File {
    connection: Connection,
}

impl File {
    /// Opens or makes the file; one that is not a database, or a damaged one, is moved aside and said so.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        match Self::try_open(path) {
            Err(OpenError::File { source, .. }) if is_damaged(&source) => {
                let aside = path.with_extension("db.bad");
                tracing::error!(path = %path.display(), aside = %aside.display(), "the store is damaged: moved aside, a new one begins");
                let _ = std::fs::rename(path, &aside);
                for suffix in ["db-wal", "db-shm"] {
                    let _ = std::fs::remove_file(path.with_extension(suffix));
                }
                Self::try_open(path)
            }
            other => other,
        }
    }

    fn try_open(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::File { path: path.to_owned(), source };
        let connection = Connection::open(path).map_err(failed)?;
        prepare(&connection).map_err(failed)?;
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
        match found {
            0 => {
                let script = format!("BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;");
                connection.execute_batch(&script).map_err(failed)?;
            }
            VERSION => {}
            found => return Err(OpenError::Newer { path: path.to_owned(), found }),
        }
        Ok(Self { connection })
    }

    /// Begins a transaction.
    pub(crate) fn begin(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")
    }

    /// Ends it.
    pub(crate) fn commit(&self) -> rusqlite::Result<()> {
        self.connection.execute_batch("COMMIT")
    }

    /// Undoes it; there may be none.
    pub(crate) fn roll_back(&self) {
        let _ = self.connection.execute_batch("ROLLBACK");
    }

    /// Writes a line of the catalogue.
    pub(crate) fn add(&self, addition: &Addition) -> rusqlite::Result<()> {
        match addition {
            Addition::Entity { id, measurement, tags } => {
                self.run("INSERT OR REPLACE INTO entity VALUES (?, ?, ?)", params![id, measurement, tags])
            }
            Addition::Field { place, name } => {
                self.run("INSERT OR REPLACE INTO field VALUES (?, ?, ?)", params![place.entity, place.slot, name])
            }
        }
    }

    /// Strikes an entity off the catalogue, with all that is left of it.
    pub(crate) fn remove_entity(&self, id: u32) -> rusqlite::Result<()> {
        self.remove_before(id, i64::MAX)?;
        self.run("DELETE FROM late WHERE block BETWEEN ? AND ?", params![WindowId::at(id, 0).0, WindowId::at(id, i64::MAX).0])?;
        self.run("DELETE FROM field WHERE entity = ?", params![id])?;
        self.run("DELETE FROM entity WHERE id = ?", params![id])
    }

    /// Removes an entity's windows that begin before a second. Late values stay: they may belong to a coarser tier.
    pub(crate) fn remove_before(&self, entity: u32, start: i64) -> rusqlite::Result<()> {
        let range = params![WindowId::at(entity, 0).0, WindowId::at(entity, start.saturating_sub(1)).0];
        self.run("DELETE FROM block WHERE id BETWEEN ? AND ?", range)
    }

    /// Writes a row of the log.
    pub(crate) fn put_row(&self, n: i64, body: &[u8]) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO log VALUES (?, ?)", params![n, body])
    }

    /// Removes the rows of the log before one.
    pub(crate) fn trim_log(&self, before: i64) -> rusqlite::Result<()> {
        self.run("DELETE FROM log WHERE n < ?", params![before])
    }

    /// Writes a sealed window.
    pub(crate) fn put_block(&self, id: WindowId, body: &[u8]) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO block VALUES (?, ?)", params![id.0, body])
    }

    /// A sealed window.
    pub(crate) fn block(&self, id: WindowId) -> rusqlite::Result<Option<Vec<u8>>> {
        self.connection.prepare_cached("SELECT body FROM block WHERE id = ?")?.query_row([id.0], |row| row.get(0)).optional()
    }

    /// Whether a window is sealed.
    pub(crate) fn has_block(&self, id: WindowId) -> rusqlite::Result<bool> {
        self.connection.prepare_cached("SELECT 1 FROM block WHERE id = ?")?.exists([id.0])
    }

    /// Writes a value of a window that is over.
    pub(crate) fn put_late(&self, id: WindowId, slot: u16, offset: u16, value: Metric) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO late VALUES (?, ?, ?, ?)", params![id.0, slot, offset, Number(value)])
    }

    /// The first window after one that late values wait for.
    pub(crate) fn next_late(&self, after: WindowId) -> rusqlite::Result<Option<WindowId>> {
        let mut statement = self.connection.prepare_cached("SELECT block FROM late WHERE block > ? ORDER BY block LIMIT 1")?;
        statement.query_row([after.0], |row| row.get(0).map(WindowId)).optional()
    }

    /// The late values of a window, each given to `found`.
    pub(crate) fn late_of(&self, id: WindowId, mut found: impl FnMut(u16, u16, Metric)) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare_cached("SELECT slot, offset, value FROM late WHERE block = ?")?;
        let mut rows = statement.query([id.0])?;
        while let Some(row) = rows.next()? {
            found(row.get(0)?, row.get(1)?, number(row, 2)?);
        }
        Ok(())
    }

    /// Removes the late values of a window.
    pub(crate) fn remove_late(&self, id: WindowId) -> rusqlite::Result<()> {
        self.run("DELETE FROM late WHERE block = ?", params![id.0])
    }

    /// Gives every block of an entity whose window begins from `start` to `end`, in the order of time.
    pub(crate) fn blocks_of(
        &self,
        entity: u32,
        (start, end): (i64, i64),
        mut found: impl FnMut(WindowId, &[u8]) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT id, body FROM block WHERE id BETWEEN ? AND ? ORDER BY id")?;
        let mut rows = statement.query([WindowId::at(entity, start).0, WindowId::at(entity, end).0])?;
        while let Some(row) = rows.next()? {
            found(WindowId(row.get(0)?), row.get_ref(1)?.as_blob().unwrap_or_default())?;
        }
        Ok(())
    }

    /// Gives every late value of a series whose window begins from `start` to `end`: its second and the value.
    pub(crate) fn late_in(&self, place: Place, (start, end): (i64, i64), mut found: impl FnMut(i64, Metric)) -> rusqlite::Result<()> {
        let mut statement =
            self.connection.prepare_cached("SELECT block, offset, value FROM late WHERE block BETWEEN ? AND ? AND slot = ?")?;
        let range = params![WindowId::at(place.entity, start).0, WindowId::at(place.entity, end).0, place.slot];
        let mut rows = statement.query(range)?;
        while let Some(row) = rows.next()? {
            found(WindowId(row.get(0)?).start() + row.get::<_, i64>(1)?, number(row, 2)?);
        }
        Ok(())
    }

    /// Writes a change of an alert instance, once.
    pub(crate) fn put_transition(&self, record: &TransitionRecord) -> rusqlite::Result<()> {
        self.run(
            "INSERT OR IGNORE INTO transition VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                record.since.micros(),
                record.rule,
                record.instance,
                record.host,
                record.service,
                record.from.as_str(),
                record.to.as_str(),
                record.value,
                record.message,
            ],
        )
    }

    /// The newest `limit` changes that are wanted, oldest first.
    pub(crate) fn transitions(&self, wanted: &HistoryRequest, limit: usize) -> rusqlite::Result<Vec<TransitionRecord>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM transition WHERE since >= ?1 AND since < ?2 AND (?3 IS NULL OR rule = ?3) AND (?4 IS NULL OR host = ?4)
             ORDER BY since DESC LIMIT ?5",
        )?;
        let HistoryRequest { from, to, rule, host } = wanted;
        let rows = statement.query_map(params![from.micros(), to.micros(), rule, host, limit as i64], transition)?;
        let mut records: Vec<TransitionRecord> = rows.collect::<rusqlite::Result<_>>()?;
        records.reverse();
        Ok(records)
    }

    /// Removes the changes before a moment.
    pub(crate) fn remove_transitions(&self, before: Timestamp) -> rusqlite::Result<()> {
        self.run("DELETE FROM transition WHERE since < ?", params![before.micros()])
    }

    /// A small value by its key.
    pub(crate) fn state(&self, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        self.connection.prepare_cached("SELECT value FROM state WHERE key = ?")?.query_row([key], |row| row.get(0)).optional()
    }

    /// Keeps a small value under a key.
    pub(crate) fn put_state(&self, key: &str, value: &[u8]) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO state VALUES (?, ?)", params![key, value])
    }

    /// Gives every entity: id, measurement, tags.
    pub(crate) fn entities(&self, mut found: impl FnMut(u32, &str, &str)) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare("SELECT id, measurement, tags FROM entity ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            found(row.get(0)?, row.get_ref(1)?.as_str().unwrap_or_default(), row.get_ref(2)?.as_str().unwrap_or_default());
        }
        Ok(())
    }

    /// Gives every field: its entity and name, in the order of entities and slots.
    pub(crate) fn fields(&self, mut found: impl FnMut(u32, &str)) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare("SELECT entity, name FROM field ORDER BY entity, slot")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            found(row.get(0)?, row.get_ref(1)?.as_str().unwrap_or_default());
        }
        Ok(())
    }

    /// Gives every row of the log, oldest first.
    pub(crate) fn rows(&self, mut found: impl FnMut(i64, &[u8]) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare("SELECT n, body FROM log ORDER BY n")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            found(row.get(0)?, row.get_ref(1)?.as_blob().unwrap_or_default())?;
        }
        Ok(())
    }

    /// Bytes in use, and bytes that are free within the file.
    pub(crate) fn size(&self) -> rusqlite::Result<(u64, u64)> {
        let pragma = |name| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let (pages, free, bytes) = (pragma("page_count")?, pragma("freelist_count")?, pragma("page_size")?);
        Ok(((pages - free).max(0).unsigned_abs() * bytes.unsigned_abs(), free.unsigned_abs() * bytes.unsigned_abs()))
    }

    /// Gives some free pages back to the file system.
    pub(crate) fn shrink(&self, pages: u32) -> rusqlite::Result<()> {
        let mut statement = self.connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = statement.query([])?;
        // Each step frees one page.
        while rows.next()?.is_some() {}
        Ok(())
    }

    fn run(&self, sql: &str, params: impl rusqlite::Params) -> rusqlite::Result<()> {
        self.connection.prepare_cached(sql)?.execute(params).map(drop)
    }
}

/// The settings of a connection. `NORMAL` loses the last transactions with the power, never the file; the journal has them.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -4096)?;
    connection.pragma_update_and_check(None, "journal_size_limit", 16 << 20, |_| Ok(()))
}

fn is_damaged(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}

/// A metric as SQLite has it: INTEGER or REAL.
struct Number(Metric);

impl ToSql for Number {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Metric::Int(value) => value.into(),
            Metric::Float(value) => value.into(),
        })
    }
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<Metric> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(value) => Metric::Int(value),
        other => Metric::Float(other.as_f64().unwrap_or_default()),
    })
}

fn transition(row: &Row<'_>) -> rusqlite::Result<TransitionRecord> {
    let state = |column| Ok::<_, rusqlite::Error>(State::parse(&row.get::<_, String>(column)?).unwrap_or_default());
    Ok(TransitionRecord {
        since: Timestamp::from_micros(row.get(0)?),
        rule: row.get(1)?,
        instance: row.get(2)?,
        host: row.get(3)?,
        service: row.get(4)?,
        from: state(5)?,
        to: state(6)?,
        value: row.get(7)?,
        message: row.get(8)?,
    })
}
