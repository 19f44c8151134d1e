//! Settings of the InfluxDB sink, before it has a folder.

use std::path::PathBuf;

use event::Duration;

use crate::sink::influx::{Secret, Settings, Tls, Version};

/// Where points go and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Influx {
    /// `http://` or `https://`, host, port; a path is kept as a prefix.
    pub url: String,
    /// Which write interface.
    pub version: Version,
    /// 1.x and 3: the database.
    pub database: Option<String>,
    /// 1.x: the retention policy.
    pub retention_policy: Option<String>,
    /// 1.x: who writes.
    pub username: Option<String>,
    /// 1.x: that user's password.
    pub password: Option<Secret>,
    /// 2.x: the organisation.
    pub org: Option<String>,
    /// 2.x: the bucket.
    pub bucket: Option<String>,
    /// 2.x and 3: the token.
    pub token: Option<Secret>,
    /// Files for https.
    pub tls: Tls,
    /// Create the database or bucket when the server does not know it.
    pub create_database: bool,
    /// Attributes of foreign events that become tags, beside `host`.
    pub tag_fields: Vec<String>,
    /// How long one request may take.
    pub timeout: Duration,
    /// Bytes that may wait on disk for a server that is away.
    pub spool_max: u64,
    /// How long they may wait there.
    pub spool_age: Duration,
}

impl Influx {
    /// The usual settings for a server.
    pub fn new(url: impl Into<String>) -> Self {
        let usual = Settings::new(url, "");
        Self {
            url: usual.url,
            version: usual.version,
            database: usual.database,
            retention_policy: usual.retention_policy,
            username: usual.user,
            password: usual.password,
            org: usual.org,
            bucket: usual.bucket,
            token: usual.token,
            tls: usual.tls,
            create_database: usual.create_database,
            tag_fields: usual.tag_fields,
            timeout: usual.timeout,
            spool_max: usual.spool_bytes,
            spool_age: usual.spool_age,
        }
    }

    /// As the sink takes it, with its files in `folder`.
    pub fn in_folder(&self, folder: impl Into<PathBuf>) -> Settings {
        let this = self.clone();
        Settings {
            version: this.version,
            database: this.database,
            retention_policy: this.retention_policy,
            user: this.username,
            password: this.password,
            org: this.org,
            bucket: this.bucket,
            token: this.token,
            tls: this.tls,
            create_database: this.create_database,
            tag_fields: this.tag_fields,
            timeout: this.timeout,
            spool_bytes: this.spool_max,
            spool_age: this.spool_age,
            ..Settings::new(this.url, folder)
        }
    }
}
