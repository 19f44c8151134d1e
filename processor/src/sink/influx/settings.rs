//! What a sink is told: where the server is, how to speak to it, and where to keep what it does not take.

use std::fmt;
use std::path::PathBuf;

use event::Duration;

use super::tls::Tls;

/// A password or token. It prints as stars, so that no log ever holds it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Which of InfluxDB's write interfaces a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// `/write?db=`, users and passwords.
    One,
    /// `/api/v2/write?org=&bucket=`, tokens.
    Two,
    /// `/api/v3/write_lp?db=`, tokens.
    Three,
    /// The server's answer to `/ping` or `/health` decides, with the settings: a 3 is always spoken to as one; between 1 and 2, a bucket, an
    /// organisation or a token means 2.
    #[default]
    Auto,
}

/// Everything that a sink needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `http://` or `https://`, host, port; a path is kept as a prefix.
    pub url: String,
    /// Which interface.
    pub version: Version,
    /// 1.x and 3: the database; `skep` when none is given.
    pub database: Option<String>,
    /// 1.x: the retention policy; the database's own when none is given.
    pub retention_policy: Option<String>,
    /// Who writes, where there is no token.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret>,
    /// 2.x: the organisation's name or id.
    pub org: Option<String>,
    /// 2.x: the bucket; `skep` when none is given.
    pub bucket: Option<String>,
    /// The token: `Token` of a 2.x, `Bearer` of a 3, and of a 1.x with a shared secret (JWT).
    pub token: Option<Secret>,
    /// Files for https.
    pub tls: Tls,
    /// Create the database or bucket when the server does not know it.
    pub create_database: bool,
    /// Attributes of foreign events that become tags, beside `host`.
    pub tag_fields: Vec<String>,
    /// How long one request may take.
    pub timeout: Duration,
    /// A folder of the sink's own, for its spool and `rejected.lp`.
    pub folder: PathBuf,
    /// How many bytes the spool may hold; beyond it the oldest are dropped and counted.
    pub spool_bytes: u64,
    /// How long a point may wait in the spool; older ones are dropped and counted. Less than the target's retention, which would refuse them.
    pub spool_age: Duration,
    /// How long closing may take to send what is left; the rest goes to the spool.
    pub close_within: Duration,
}

impl Settings {
    /// The usual settings for a server, with the sink's files in `folder`.
    pub fn new(url: impl Into<String>, folder: impl Into<PathBuf>) -> Self {
        Self {
            url: url.into(),
            version: Version::Auto,
            database: None,
            retention_policy: None,
            user: None,
            password: None,
            org: None,
            bucket: None,
            token: None,
            tls: Tls::default(),
            create_database: true,
            tag_fields: Vec::new(),
            timeout: Duration::from_secs(10),
            folder: folder.into(),
            spool_bytes: 1 << 30,
            spool_age: Duration::from_secs(24 * 3600),
            close_within: Duration::from_secs(5),
        }
    }
}
