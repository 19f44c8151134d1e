//! The options of `skep influx` and `skep doctor`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Common;

/// Which InfluxDB.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Server {
    #[command(flatten)]
    pub(crate) common: Common,

    /// The InfluxDB, over that of the settings: http://HOST:8086[?db=…&org=…&bucket=…]
    #[arg(long, value_name = "URL")]
    pub(crate) influx: Option<String>,
}

/// `skep influx`
#[derive(Args, Clone, Debug)]
pub(crate) struct InfluxOptions {
    #[command(subcommand)]
    pub(crate) action: InfluxAction,
}

/// What to do with an InfluxDB.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum InfluxAction {
    /// Make what skep needs there: database or bucket with its retention, a login that may only write, one that may only read
    #[command(after_help = "\
Examples:
  skep influx setup --influx 'http://db:8086?db=swarm' --admin-password-file admin.txt --retention 30d --secrets keys/
  skep influx setup --influx 'http://db:8086?org=me&bucket=swarm' --admin-token-file token.txt --secrets keys/

On a server that has nobody yet the administrator is made first. What is there stays as it is.
Exit code: 0 when all is there, 1 when the server refused something.")]
    Setup(SetupOptions),
}

/// `skep influx setup`
#[derive(Args, Clone, Debug)]
pub(crate) struct SetupOptions {
    #[command(flatten)]
    pub(crate) server: Server,

    /// Who may change everything there
    #[arg(long, value_name = "NAME", default_value = "admin")]
    pub(crate) admin: String,

    /// File with that one's password (1.x, and the first start of a 2.x)
    #[arg(long, value_name = "FILE")]
    pub(crate) admin_password_file: Option<PathBuf>,

    /// File with a token that may change everything (2.x and 3)
    #[arg(long, value_name = "FILE")]
    pub(crate) admin_token_file: Option<PathBuf>,

    /// How long points are kept, such as 30d; left out, nothing is changed
    #[arg(long, value_name = "DURATION")]
    pub(crate) retention: Option<String>,

    /// Folder for the passwords and tokens that are made, one a file, for you alone to read
    #[arg(long, value_name = "DIR")]
    pub(crate) secrets: PathBuf,
}

/// `skep doctor`
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Looks at the InfluxDB of the settings with the login that skep writes with: does it answer, which version is it, do the clocks agree,
are points taken and can they be read back, how long are they kept, how many series are there, and how long each question took.
It writes one point of the measurement `skep_doctor`.
Exit code: 0 when points are taken, 1 when they are not, 2 for mistakes in the settings.")]
pub(crate) struct DoctorOptions {
    #[command(flatten)]
    pub(crate) server: Server,

    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}
