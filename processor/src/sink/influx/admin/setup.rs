//! Makes database or bucket, how long it keeps, and logins that may do no more than they must.

use std::io::Read as _;

use event::Duration;

use super::super::target::Interface;
use super::super::{OpenError, Secret, Settings};
use super::{Server, one, three, two};

/// Database, bucket and writer when none is named.
pub(super) const DEFAULT: &str = "skep";

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The server, and how points will be written: database or bucket, organisation, and for a 1.x the writer's name.
    pub settings: Settings,
    /// 1.x and the onboarding of a 2.x: who may change everything. Made where the server has nobody yet.
    pub admin: String,
    /// That one's password.
    pub password: Option<Secret>,
    /// 2.x and 3: a token that may change everything; not needed where the server has nobody yet.
    pub token: Option<Secret>,
    /// How long points are kept; `None` leaves it as it is, which is for ever in what is made anew.
    pub retention: Option<Duration>,
}

impl Wish {
    /// The database or bucket.
    pub(super) fn place(&self, interface: Interface) -> &str {
        let Settings { database, bucket, .. } = &self.settings;
        let named = if interface == Interface::Two { bucket.as_ref().or(database.as_ref()) } else { database.as_ref().or(bucket.as_ref()) };
        named.map_or(DEFAULT, String::as_str)
    }
}

/// What came of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is there now.
    Done,
    /// It was there.
    Already,
    /// The server does not want to, with its words; later steps were not tried.
    Failed(String),
}

/// One thing that a server needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// For people: ``database `skep` ``.
    pub what: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Who may write or read; only of those that were made just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// `admin`, `write` or `read`.
    pub role: &'static str,
    /// 1.x: the user's name.
    pub user: Option<String>,
    /// The password, or the token.
    pub secret: Secret,
}

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// In their order, up to the first that failed.
    pub steps: Vec<Step>,
    /// Logins that were made.
    pub logins: Vec<Login>,
}

impl Made {
    pub(super) fn step(&mut self, what: impl Into<String>, was_there: bool) {
        self.steps.push(Step { what: what.into(), outcome: if was_there { Outcome::Already } else { Outcome::Done } });
    }

    pub(super) fn login(&mut self, role: &'static str, user: Option<String>, secret: String) {
        self.logins.push(Login { role, user, secret: Secret(secret) });
    }

    /// Whether all is there.
    pub fn is_whole(&self) -> bool {
        self.steps.iter().all(|step| !matches!(step.outcome, Outcome::Failed(_)))
    }
}

/// Makes what is missing; what is there stays.
///
/// # Errors
/// An address that is none, or certificates that cannot be read. What the server refuses is the last step of the answer.
pub async fn setup(mut wish: Wish) -> Result<Made, OpenError> {
    let server = Server::find(&mut wish.settings).await?;
    let mut made = Made::default();
    let done = match server.interface {
        Interface::One => one::setup(&server, &wish, &mut made).await,
        Interface::Two => two::setup(&server, &wish, &mut made).await,
        Interface::Three => three::setup(&server, &wish, &mut made).await,
    };
    if let Err((what, why)) = done {
        made.steps.push(Step { what, outcome: Outcome::Failed(why) });
    }
    Ok(made)
}

/// What was tried, and why it did not work.
pub(super) type Failed = (String, String);

/// A password that nobody guesses.
pub(super) fn password() -> Result<String, Failed> {
    let mut bytes = [0_u8; 24];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| ("a password".to_owned(), format!("/dev/urandom cannot be read: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
