//! What a store or an InfluxDB 1 holds, asked for in pieces of which each is one answer.

use anyhow::{Context as _, bail};
use processor::web::TooMuch;
use serde_json::Value;
use transport::percent::encode;

use crate::client;

/// Where history is asked for.
pub(crate) struct Source {
    url: String,
    /// The path and parameters that stand before each query.
    path: String,
    /// Not an InfluxDB, which is told no token of skep's.
    is_skep: bool,
}

impl Source {
    /// A running skep.
    pub(crate) fn of_skep(url: &str) -> Self {
        Self { url: url.to_owned(), path: "/query?epoch=ns".to_owned(), is_skep: true }
    }

    /// An InfluxDB 1, as `--influx` names it.
    ///
    /// # Errors
    /// The address is none, or names no database.
    pub(crate) fn of_influx(text: &str) -> anyhow::Result<Self> {
        let influx = crate::influx_url::apply(text, None)?;
        let database =
            influx.database.as_deref().with_context(|| format!("`{text}` names no database; write --influx 'http://HOST:8086?db=NAME'"))?;
        let uri: hyper::Uri = influx.url.parse()?;
        let mut path = format!("{}/query?epoch=ns&db={}", uri.path().trim_end_matches('/'), encode(database));
        let further = [("rp", influx.retention_policy), ("u", influx.username), ("p", influx.password.map(|password| password.0))];
        for (key, value) in further {
            if let Some(value) = value {
                path.push_str(&format!("&{key}={}", encode(&value)));
            }
        }
        Ok(Self { url: influx.url.clone(), path, is_skep: false })
    }

    /// The series of the answer to one statement.
    fn ask(&self, query: &str) -> anyhow::Result<Vec<Value>> {
        let url = &self.url;
        let path = format!("{}&q={}", self.path, encode(query));
        let answer = if self.is_skep { client::get(url, &path) } else { client::get_elsewhere(url, &path) }?;
        let body: Value = serde_json::from_slice(&answer.body).with_context(|| format!("{url} did not answer with JSON"))?;
        if let Some(error) = body.pointer("/results/0/error").or_else(|| body.get("error")).and_then(Value::as_str) {
            bail!("{url} answered: {error}");
        }
        Ok(body.pointer("/results/0/series").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// The names of all there is.
    ///
    /// # Errors
    /// No answer, or a refusal.
    pub(crate) fn measurements(&self) -> anyhow::Result<Vec<String>> {
        self.column("SHOW MEASUREMENTS", 0)
    }

    fn hosts(&self, measurement: &str) -> anyhow::Result<Vec<String>> {
        self.column(&format!("SHOW TAG VALUES FROM {} WITH KEY = \"host\"", quoted(measurement, '"')), 1)
    }

    /// The texts of one column of an answer.
    fn column(&self, query: &str, at: usize) -> anyhow::Result<Vec<String>> {
        let series = self.ask(query)?;
        let rows = series.iter().filter_map(|series| series.get("values")?.as_array()).flatten();
        Ok(rows.filter_map(|row| Some(row.get(at)?.as_str()?.to_owned())).collect())
    }

    /// What is asked for; where it is too much for one answer, in halves of its time, or host by host.
    ///
    /// # Errors
    /// No answer, too many series of one host, or what `found` says.
    pub(crate) fn stretch(&self, wanted: &Wanted<'_>, found: &mut dyn FnMut(&Value) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let Wanted { measurement, host, from, to } = *wanted;
        let error = match self.ask(&wanted.query()) {
            Ok(series) => return series.iter().try_for_each(found),
            Err(error) => error,
        };
        match TooMuch::of(&error.to_string()) {
            Some(TooMuch::Values) if to - from > 1 => {
                let middle = from + (to - from) / 2;
                self.stretch(&Wanted { to: middle, ..*wanted }, found)?;
                self.stretch(&Wanted { from: middle, ..*wanted }, found)
            }
            Some(TooMuch::Series) if host.is_none() => {
                let mut hosts = self.hosts(measurement)?;
                // An empty text is the host of what has none.
                hosts.push(String::new());
                hosts.iter().try_for_each(|host| self.stretch(&Wanted { host: Some(host), ..*wanted }, found))
            }
            Some(TooMuch::Series) => {
                Err(error.context(format!("{measurement} of {} is too much for one answer", host.unwrap_or_default())))
            }
            _ => Err(error),
        }
    }
}

/// Some seconds of a measurement, of all hosts or of one.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) measurement: &'a str,
    pub(crate) host: Option<&'a str>,
    /// In seconds, as `to`.
    pub(crate) from: i64,
    pub(crate) to: i64,
}

impl Wanted<'_> {
    fn query(&self) -> String {
        let Self { measurement, host, from, to } = self;
        let of = host.map_or_else(String::new, |host| format!(" AND \"host\" = {}", quoted(host, '\'')));
        format!("SELECT * FROM {} WHERE time >= {from}s AND time < {to}s{of} GROUP BY *", quoted(measurement, '"'))
    }
}

/// A name or a text of InfluxQL.
fn quoted(text: &str, quote: char) -> String {
    let escaped = text.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
    format!("{quote}{escaped}{quote}")
}
