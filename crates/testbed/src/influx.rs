//! InfluxDB 1.6 with authentication, and VictoriaMetrics, each on a port and a folder of its own.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Server, free_port, http, wait_until};

/// The administrator of the test server.
pub const ADMIN: (&str, &str) = ("admin", "secret");

/// How long a server may take to come up.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `influxd` with authentication on.
#[derive(Debug)]
pub struct Influxd {
    /// Its HTTP address.
    pub address: SocketAddr,
    server: Server,
    program: std::path::PathBuf,
    folder: TempDir,
}

impl Influxd {
    /// Starts it, with these lines added to the section `[http]` of its configuration, and makes the administrator.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(program: &Path, http_settings: &str) -> io::Result<Self> {
        let influxd = Self::without_users(program, http_settings)?;
        let create = format!("CREATE USER {} WITH PASSWORD '{}' WITH ALL PRIVILEGES", ADMIN.0, ADMIN.1);
        http::request(influxd.address, "POST", &format!("/query?q={}", http::encode(&create)), &[], b"")?;
        Ok(influxd)
    }

    /// The same, but nobody may ask it anything yet.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn without_users(program: &Path, http_settings: &str) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        std::fs::write(folder.path().join("influxdb.conf"), configuration(folder.path(), address, http_settings))?;
        let server = launch(program, folder.path())?;
        let influxd = Self { address, server, program: program.to_owned(), folder };
        influxd.wait()?;
        Ok(influxd)
    }

    fn wait(&self) -> io::Result<()> {
        let up = wait_until(PATIENCE, || http::get(self.address, "/ping").is_ok_and(|answer| answer.status == 204));
        if up { Ok(()) } else { Err(io::Error::other(format!("influxd did not come up:\n{}", self.server.output()))) }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it again on the same folder and port.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn restart(&mut self) -> io::Result<()> {
        self.server.kill();
        self.server = launch(&self.program, self.folder.path())?;
        self.wait()
    }

    /// The answer to an InfluxQL statement, asked as the administrator.
    ///
    /// # Errors
    /// When it does not answer with JSON.
    pub fn query(&self, database: &str, statement: &str) -> io::Result<Value> {
        let path = format!("/query?db={}&q={}", http::encode(database), http::encode(statement));
        let basic = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", ADMIN.0, ADMIN.1));
        let answer = http::request(self.address, "POST", &path, &[("Authorization", &format!("Basic {basic}"))], b"")?;
        serde_json::from_str(&answer.body).map_err(io::Error::other)
    }
}

fn launch(program: &Path, folder: &Path) -> io::Result<Server> {
    Server::start(Command::new(program).arg("-config").arg(folder.join("influxdb.conf")), &folder.join("log"))
}

fn configuration(folder: &Path, address: SocketAddr, http_settings: &str) -> String {
    let folder = folder.display();
    // The top-level address is the back-up port: private too, or servers that run at the same time collide.
    format!(
        "reporting-disabled = true\nbind-address = \"127.0.0.1:{}\"\n\
         [meta]\ndir = \"{folder}/meta\"\n\
         [data]\ndir = \"{folder}/data\"\nwal-dir = \"{folder}/wal\"\nindex-version = \"tsi1\"\nquery-log-enabled = false\n\
         [monitor]\nstore-enabled = false\n\
         [http]\nbind-address = \"{address}\"\nauth-enabled = true\nlog-enabled = false\n{http_settings}\n\
         [logging]\nlevel = \"warn\"\nsuppress-logo = true\n\
         [continuous_queries]\nenabled = false\n",
        free_port()
    )
}

/// A running `victoria-metrics`, which takes InfluxDB 2's writes.
#[derive(Debug)]
pub struct Victoria {
    /// Its HTTP address.
    pub address: SocketAddr,
    _server: Server,
    _folder: TempDir,
}

impl Victoria {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(program: &Path) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let data = format!("-storageDataPath={}", folder.path().join("data").display());
        let mut command = Command::new(program);
        command.args([
            &format!("-httpListenAddr={address}"),
            &data,
            "-retentionPeriod=100y",
            "-loggerLevel=ERROR",
            "-search.latencyOffset=0s",
        ]);
        let server = Server::start(&mut command, &folder.path().join("log"))?;
        let up = wait_until(PATIENCE, || http::get(address, "/health").is_ok_and(|answer| answer.status == 200));
        if !up {
            return Err(io::Error::other(format!("victoria-metrics did not come up:\n{}", server.output())));
        }
        Ok(Self { address, _server: server, _folder: folder })
    }

    /// The samples of a PromQL expression over the last hour, as `/api/v1/query` gives them.
    ///
    /// # Errors
    /// When it does not answer with JSON.
    pub fn query(&self, expression: &str) -> io::Result<Value> {
        // What was written lately is searchable only after a flush.
        http::get(self.address, "/internal/force_flush")?;
        let answer = http::get(self.address, &format!("/api/v1/query?query={}", http::encode(expression)))?;
        serde_json::from_str(&answer.body).map_err(io::Error::other)
    }
}
