//! A silence: which alerts, until when or in which hours, why, and by whom.

use engine::query::{Parsed, Query};
use event::{Duration, Timestamp, View};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::command::Disable;
use super::window::{Window, WindowError};

/// The longest query, reason or author.
const MAX_TEXT: usize = 4096;

/// The longest time that a silence may last, ten years: whoever wants more wants to change the rule.
const MAX_LENGTH: Duration = Duration::from_secs(3650 * 86_400);

/// A silence as somebody asks for it, in JSON or YAML.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// A query over the alert's event: `alert = "cpu-high" and host = "n1"`.
    #[serde(rename = "where")]
    pub where_: String,
    /// When it ends, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How long it lasts, in place of `until`.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub for_: Option<String>,
    /// The same hours each week, instead of all the time: `Sat,Sun 02:00-04:00 Europe/Berlin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// The reason.
    #[serde(default)]
    pub why: String,
    /// Who wants it.
    #[serde(default)]
    pub author: String,
}

/// Why a wish is no silence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SilenceError {
    /// The query has mistakes.
    #[error("`where` is no query: {0}")]
    Query(String),
    /// The end is no time.
    #[error("`{0}` is no time; write it like 2026-12-01T08:00:00Z")]
    Until(String),
    /// The length is none.
    #[error("`{0}` is no duration; write it like 30m, 2h, 1d")]
    For(String),
    /// Its end is out of sight.
    #[error("`{0}` is too long; a silence lasts at most 3650d, and one that comes back each week has `every`")]
    TooFar(String),
    /// Two ends.
    #[error("`until` and `for` both say when it ends; give one of them")]
    TwoEnds,
    /// No end.
    #[error("it never ends: give `for: 2h`, `until: 2026-12-01T08:00:00Z`, or weekly hours as `every: Sat 02:00-04:00 Europe/Berlin`")]
    NoEnd,
    /// It is over.
    #[error("it would have ended at {0} already")]
    Over(Timestamp),
    /// The weekly hours.
    #[error("`every`: {0}")]
    Window(#[from] WindowError),
    /// A text beyond all measure.
    #[error("`{0}` is longer than 4096 bytes")]
    TooLong(&'static str),
}

/// A silence that runs, or waits for its hours.
#[derive(Clone, Debug)]
pub struct Silence {
    /// Its number; of one from a rule file the file and line.
    pub id: String,
    /// When it was made; `None` for one from a rule file.
    pub since: Option<Timestamp>,
    /// As it was asked for, `for` turned into `until`.
    pub wish: Wish,
    /// The rule that it disables: it has no end then but that the rule is enabled.
    pub disables: Option<String>,
    query: Query,
    until: Option<Timestamp>,
    every: Option<Window>,
}

impl Wish {
    /// Checks it and turns `for` into a time, seen from `now`.
    ///
    /// # Errors
    /// [`SilenceError`] with what to write instead.
    pub fn settle(mut self, now: Timestamp) -> Result<Self, SilenceError> {
        if self.for_.is_some() && self.until.is_some() {
            return Err(SilenceError::TwoEnds);
        }
        if let Some(text) = self.for_.take() {
            let Ok(length) = Duration::parse(text.trim()) else { return Err(SilenceError::For(text)) };
            let until = (now + length).to_string();
            if length > MAX_LENGTH || Timestamp::parse(&until).is_err() {
                return Err(SilenceError::TooFar(text));
            }
            self.until = Some(until);
        }
        let silence = Silence::new(String::new(), None, self)?;
        match silence.until {
            Some(until) if until <= now => Err(SilenceError::Over(until)),
            Some(_) | None => Ok(silence.wish),
        }
    }
}

impl Silence {
    /// Of a wish that is settled.
    ///
    /// # Errors
    /// [`SilenceError`] when it is not.
    pub fn new(id: String, since: Option<Timestamp>, wish: Wish) -> Result<Self, SilenceError> {
        let silence = Self::of(id, since, wish)?;
        if silence.until.is_none() && silence.every.is_none() {
            return Err(SilenceError::NoEnd);
        }
        Ok(silence)
    }

    /// Over all of a rule, for as long as nobody enables it.
    ///
    /// # Errors
    /// [`SilenceError`] when a text is too long.
    pub fn disabling(id: String, since: Option<Timestamp>, wish: Disable) -> Result<Self, SilenceError> {
        let Disable { alert, why, author } = wish;
        let where_ = format!("alert = \"{}\"", alert.replace('\\', "\\\\").replace('"', "\\\""));
        let silence = Self::of(id, since, Wish { where_, why, author, ..Wish::default() })?;
        Ok(Self { disables: Some(alert), ..silence })
    }

    fn of(id: String, since: Option<Timestamp>, wish: Wish) -> Result<Self, SilenceError> {
        let texts = [("where", &wish.where_), ("why", &wish.why), ("author", &wish.author)];
        if let Some((name, _)) = texts.into_iter().find(|(_, text)| text.len() > MAX_TEXT) {
            return Err(SilenceError::TooLong(name));
        }
        let query = strict(&wish.where_).map_err(|mistakes| SilenceError::Query(in_one_line(&mistakes)))?;
        let until = wish
            .until
            .as_deref()
            .map(|text| Timestamp::parse(text.trim()).map_err(|_| SilenceError::Until(text.to_owned())))
            .transpose()?;
        let every = wish.every.as_deref().map(Window::parse).transpose()?;
        Ok(Self { id, since, wish, disables: None, query, until, every })
    }

    /// Whether it is about such an alert.
    pub fn matches(&self, alert: &View<'_>) -> bool {
        self.query.matches(alert)
    }

    /// Whether it is on at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        !self.is_over(now) && self.every.as_ref().is_none_or(|every| every.holds(now))
    }

    /// Whether it will never be on again.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// When it next begins or ends.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let hours = self.every.as_ref().and_then(|every| every.next_change(now));
        self.until.filter(|until| *until > now).into_iter().chain(hours).min()
    }

    /// As the API tells of it.
    pub fn json(&self, now: Timestamp) -> Value {
        json!({
            "id": self.id,
            "where": self.wish.where_,
            "until": self.until.map(|until| until.to_string()),
            "every": self.wish.every,
            "why": self.wish.why,
            "author": self.wish.author,
            "since": self.since.map(|since| since.to_string()),
            "active": self.is_active(now),
            "disables": self.disables,
        })
    }
}

/// A query without anything that is legal and hardly meant: nobody would notice that it holds back nothing.
///
/// # Errors
/// Every mistake and everything that is suspicious.
pub fn strict(text: &str) -> Result<Query, Vec<engine::Mistake>> {
    Ok(Parsed::strict(text)?.query)
}

fn in_one_line(mistakes: &[engine::Mistake]) -> String {
    let line = |mistake: &engine::Mistake| match &mistake.help {
        Some(help) => format!("{} ({help})", mistake.message),
        None => mistake.message.clone(),
    };
    mistakes.iter().map(line).collect::<Vec<_>>().join("; ")
}
