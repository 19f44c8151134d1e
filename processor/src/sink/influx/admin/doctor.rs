//! Looks whether points can be written and read back, and what a server says of itself.

use std::time::Instant;

use event::Timestamp;
use influxdb2::models::Query;
use serde_json::Value;

use super::super::piece::Piece;
use super::super::target::{Interface, Target};
use super::super::{OpenError, Settings};
use super::setup::DEFAULT;
use super::{Server, json, one, quoted, refusal, two};
use transport::percent::encode;

/// A server's clock may be so far from ours; points of a clock that is further ahead surprise whoever looks at the last minutes.
const MOST_SKEW: i64 = 2;

/// Series that a 1.x takes by default.
const MANY_SERIES: i64 = 800_000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// All is well.
    Well,
    /// It works, and somebody should look.
    Odd,
    /// Points are not taken, or cannot be read.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `reach`, `version`, `clock`, `write`, `read`, `retention`, `series`.
    pub name: &'static str,
    /// How bad it is.
    pub health: Health,
    /// What was found, and what to do about it.
    pub text: String,
    /// How long the request took, in microseconds.
    pub micros: u64,
}

struct Doctor {
    checks: Vec<Check>,
    begun: Instant,
}

impl Doctor {
    fn tell(&mut self, name: &'static str, health: Health, text: impl Into<String>) {
        let now = clock();
        let micros = u64::try_from(now.duration_since(self.begun).as_micros()).unwrap_or(u64::MAX);
        self.begun = now;
        self.checks.push(Check { name, health, text: text.into(), micros });
    }
}

/// Looks at the server that the settings name; `now` is the time of the point that is written, `who` its tag `host`.
///
/// # Errors
/// An address that is none, or certificates that cannot be read.
pub async fn doctor(mut settings: Settings, now: Timestamp, who: &str) -> Result<Vec<Check>, OpenError> {
    let mut doctor = Doctor { checks: Vec::new(), begun: clock() };
    let server = Server::find(&mut settings).await?;
    let target = Target::new(server.interface, &settings, server.base.clone());
    let address = &server.base.url;
    match server.client.get(&format!("{address}/ping"), target.authorization.as_ref()).await {
        Err(why) => {
            doctor.tell("reach", Health::Bad, format!("{address} does not answer ({why}); is it running, and is the address right?"));
            return Ok(doctor.checks);
        }
        Ok(answer) => {
            doctor.tell("reach", Health::Well, format!("{address} answers"));
            doctor.tell("version", Health::Well, version(&server));
            let date = answer.headers.get("date").and_then(|value| value.to_str().ok()).and_then(date);
            let (health, text) = skew(date, now);
            doctor.tell("clock", health, text);
        }
    }
    let wrote = write(&server, &target, now, who).await;
    let is_written = wrote.is_ok();
    match wrote {
        Ok(()) => doctor.tell("write", Health::Well, format!("{} takes points", target.place)),
        Err(why) => doctor.tell("write", Health::Bad, format!("{} takes no points: {why}", target.place)),
    }
    if is_written {
        match read(&server, &settings, &target, now, who).await {
            Ok(()) => doctor.tell("read", Health::Well, "the point that was written can be read"),
            Err(why) => doctor.tell("read", Health::Odd, format!("the point cannot be read with this login: {why}")),
        }
    }
    about(&server, &settings, &target, &mut doctor).await;
    Ok(doctor.checks)
}

fn version(server: &Server) -> String {
    let spoken = match server.interface {
        Interface::One => "/write",
        Interface::Two => "/api/v2/write",
        Interface::Three => "/api/v3/write_lp",
    };
    format!("{}, spoken to by {spoken}", server.version.as_deref().unwrap_or("it tells no version"))
}

/// `Thu, 26 Nov 2026 20:00:00 GMT`.
fn date(text: &str) -> Option<i64> {
    let time = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(time.timestamp().as_second())
}

fn skew(date: Option<i64>, now: Timestamp) -> (Health, String) {
    let Some(date) = date else { return (Health::Odd, "the server tells no time".to_owned()) };
    let skew = date - now.secs();
    if skew.abs() <= MOST_SKEW {
        return (Health::Well, format!("the server's clock is {skew} s off ours, which tells whole seconds"));
    }
    (Health::Odd, format!("the server's clock is {skew} s off ours; let both follow one time server"))
}

async fn write(server: &Server, target: &Target, now: Timestamp, who: &str) -> Result<(), String> {
    let mut line = Vec::new();
    event::line::head(&mut line, "skep_doctor", &[("host", who)]);
    line.extend_from_slice(format!(" value=1i {}\n", now.micros()).as_bytes());
    let answer = server.client.write(target, &Piece::pack(line, 1)).await?;
    if matches!(answer.status, 200..300) { Ok(()) } else { Err(refusal(&answer)) }
}

/// Looks for the point, as Grafana would.
async fn read(server: &Server, settings: &Settings, target: &Target, now: Timestamp, who: &str) -> Result<(), String> {
    let host = who.replace('\\', "\\\\").replace('\'', "\\'").replace('"', "\\\"");
    let query = format!("SELECT value FROM skep_doctor WHERE host = '{host}' AND time = {}000", now.micros());
    let found = match server.interface {
        Interface::One => {
            let database = settings.database.as_deref().unwrap_or(DEFAULT);
            let answer = one::ask(server, Some(database), &query, target.authorization.as_ref()).await?;
            answer.pointer("/results/0/series/0/values/0").is_some()
        }
        Interface::Two => {
            let (token, org) = (settings.token.as_ref().map_or("", |token| &token.0), settings.org.as_deref().unwrap_or_default());
            let bucket = settings.bucket.as_deref().or(settings.database.as_deref()).unwrap_or(DEFAULT).replace('"', "\\\"");
            let flux = format!(
                "from(bucket: \"{bucket}\") |> range(start: -1h) |> filter(fn: (r) => r._measurement == \"skep_doctor\" and r.host == \"{host}\") |> last()"
            );
            match two::client(server, org, token)? {
                Some(client) => !two::limited(client.query_raw(Some(Query::new(flux)))).await?.is_empty(),
                None => {
                    let url = format!("{}/api/v2/query?org={}", server.base.url, encode(org));
                    let body = serde_json::json!({ "query": flux, "type": "flux" }).to_string();
                    let answer = server.client.post(&url, target.authorization.as_ref(), "application/json", body).await?;
                    if answer.status != 200 {
                        return Err(refusal(&answer));
                    }
                    String::from_utf8_lossy(&answer.body).lines().any(|line| line.contains("skep_doctor"))
                }
            }
        }
        Interface::Three => {
            let database = settings.database.as_deref().or(settings.bucket.as_deref()).unwrap_or(DEFAULT);
            let path = format!("api/v3/query_influxql?db={}&format=json&q={}", encode(database), encode(&query));
            let answer = server.client.get(&format!("{}/{path}", server.base.url), target.authorization.as_ref()).await?;
            if answer.status != 200 {
                return Err(refusal(&answer));
            }
            json(&answer).as_array().is_some_and(|rows| !rows.is_empty())
        }
    };
    if found { Ok(()) } else { Err("it is not there".to_owned()) }
}

/// Retention and number of series, where the server tells them and the login may ask.
async fn about(server: &Server, settings: &Settings, target: &Target, doctor: &mut Doctor) {
    if server.interface != Interface::One {
        return;
    }
    let database = settings.database.as_deref().unwrap_or(DEFAULT);
    let ask = async |statement: String| one::ask(server, Some(database), &statement, target.authorization.as_ref()).await;
    match ask(format!("SHOW RETENTION POLICIES ON {}", quoted(database))).await {
        Ok(answer) => {
            let of =
                |at: usize| answer.pointer(&format!("/results/0/series/0/values/0/{at}")).and_then(Value::as_str).unwrap_or("?").to_owned();
            let (name, duration) = (of(0), of(1));
            let kept = if duration == "0s" {
                "for ever; `skep influx setup --retention 30d` bounds it".to_owned()
            } else {
                format!("for {duration}")
            };
            let health = if duration == "0s" { Health::Odd } else { Health::Well };
            doctor.tell("retention", health, format!("policy `{name}` keeps points {kept}"));
        }
        Err(why) => doctor.tell("retention", Health::Odd, format!("this login may not ask: {why}")),
    }
    match ask(format!("SHOW SERIES CARDINALITY ON {}", quoted(database))).await {
        Ok(answer) => {
            let n = answer.pointer("/results/0/series/0/values/0/0").and_then(Value::as_i64).unwrap_or(0);
            let health = if n > MANY_SERIES { Health::Odd } else { Health::Well };
            doctor.tell("series", health, format!("about {n} series; a 1.x takes 1,000,000 unless it is told otherwise"));
        }
        Err(why) => doctor.tell("series", Health::Odd, format!("this login may not ask: {why}")),
    }
}

#[expect(clippy::disallowed_methods, reason = "the time that a request takes is what is told")]
fn clock() -> Instant {
    Instant::now()
}
