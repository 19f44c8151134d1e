//! A webhook's body of one's own: a template for the message and one for each entry, whose values are put in as the content type wants them.

use engine::rules::Said;
use engine::template::{Fields, Template, Value};
use engine::{Change, State};
use event::Timestamp;

use super::record::change;
use super::{Entry, Id, Kind, Letter, What};

/// The body of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Of the message; `{{entries}}` is where its entries go.
    pub body: Template,
    /// Of each entry.
    pub entry: Option<Template>,
    /// It is JSON: texts are escaped, entries stand between commas.
    pub is_json: bool,
}

/// What a message has.
pub(crate) const OF_MESSAGE: [&str; 9] = ["id", "notifier", "kind", "time", "thread", "subject", "text", "state", "count"];

/// Where the entries go, in the body alone.
pub(crate) const ENTRIES: &str = "entries";

/// What an entry has.
pub(crate) const OF_ENTRY: [&str; 11] =
    ["alert", "instance", "state", "change", "since", "value", "message", "host", "details", "runbook", "team"];

/// What an entry has by names that its rule gives: `fields.host`, `labels.page`.
pub(crate) const BY_NAME: [&str; 3] = ["fields.", "labels.", "links."];

impl Form {
    /// The body of a message.
    pub fn render(&self, letter: &Letter) -> String {
        let entries = self.entry.as_ref().map(|template| {
            let texts = letter.entries.iter().map(|entry| self.fill(template, &|name| of_entry(entry, name)));
            texts.collect::<Vec<_>>().join(if self.is_json { "," } else { "\n" })
        });
        let entries = entries.unwrap_or_default();
        self.fill(&self.body, &|name| if name == ENTRIES { Some(Worth::Made(entries.clone())) } else { of_message(letter, name) })
    }

    /// Tries it, where it is to be JSON, with entries that have all there is, with such as have little, and with none: a digest may only count.
    ///
    /// # Errors
    /// A sentence: why what it makes is no JSON.
    pub fn check(&self) -> Result<(), String> {
        if !self.is_json {
            return Ok(());
        }
        [vec![sample(true), sample(false)], vec![sample(false)], Vec::new()].into_iter().try_for_each(|entries| {
            let body = self.render(&message(entries));
            serde_json::from_str::<serde_json::Value>(&body).map(drop).map_err(|error| {
                let shown: String = body.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_SHOWN).collect();
                format!("what it makes is no JSON: {error} of `{shown}`")
            })
        })
    }

    fn fill(&self, template: &Template, worth: &dyn Fn(&str) -> Option<Worth>) -> String {
        let made = template.fields().filter_map(|(name, _)| {
            let value = match worth(name) {
                Some(Worth::Text(text)) if self.is_json => Worth::Text(escaped(&text)),
                // So that a number needs no quotes.
                None if self.is_json && name == "value" => Worth::Text("null".to_owned()),
                other => other?,
            };
            Some((name.to_owned(), value))
        });
        let mut out = String::new();
        template.render(&mut out, &Values(made.collect()));
        out
    }
}

/// So much of a body that is no JSON is shown.
const MAX_SHOWN: usize = 200;

/// What a field is worth.
enum Worth {
    Text(String),
    Number(f64),
    /// Stands as it is.
    Made(String),
}

/// The values that a template names.
struct Values(Vec<(String, Worth)>);

impl Fields for Values {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let (_, worth) = self.0.iter().find(|(known, _)| known == name)?;
        Some(match worth {
            Worth::Text(text) | Worth::Made(text) => Value::Text(text),
            Worth::Number(number) => Value::Number(*number),
        })
    }
}

/// As it stands between the quotes of a JSON text.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default().to_owned()
}

fn of_message(letter: &Letter, name: &str) -> Option<Worth> {
    let text = match name {
        "id" => letter.id.to_string(),
        "notifier" => letter.notifier.clone(),
        "kind" => letter.kind.as_str().to_owned(),
        "time" => letter.at.to_string(),
        "thread" => letter.thread?.to_string(),
        "subject" => letter.subject(),
        "text" => letter.text(),
        "state" => letter.worst().as_str().to_owned(),
        "count" => return Some(Worth::Number((letter.entries.len() as u64 + letter.n_more) as f64)),
        _ => return None,
    };
    Some(Worth::Text(text))
}

fn of_entry(entry: &Entry, name: &str) -> Option<Worth> {
    let said = &entry.said;
    let text = match name {
        "alert" => Some(entry.rule.as_str()),
        "instance" => Some(entry.instance.as_str()),
        "state" => Some(entry.state.as_str()),
        "change" => Some(change(entry.change)),
        "since" => return Some(Worth::Text(entry.since.to_string())),
        "value" => return entry.value.filter(|value| value.is_finite()).map(Worth::Number),
        "message" => Some(entry.text.as_str()),
        "host" => entry.host.as_deref(),
        "details" => said.details.as_deref(),
        "runbook" => said.runbook.as_deref(),
        "team" => said.team.as_deref(),
        other => named(entry, other),
    };
    text.map(|text| Worth::Text(text.to_owned()))
}

/// `fields.host`, `labels.page`, `links.Chart`.
fn named<'a>(entry: &'a Entry, name: &str) -> Option<&'a str> {
    let (group, name) = name.split_once('.')?;
    let pairs = match group {
        "fields" => return entry.fields.iter().find(|(known, _)| known == name)?.1.as_deref(),
        "labels" => &entry.said.labels,
        _ => &entry.said.links,
    };
    pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
}

/// An entry with all that there may be, of signs that JSON escapes; or with as little as there may be.
fn sample(has_all: bool) -> Entry {
    let text = "a \"quoted\" text\nof two lines";
    let optional = || has_all.then(|| text.to_owned());
    let said = Said { details: optional(), runbook: optional(), team: optional(), ..Said::default() };
    Entry::from(What {
        rule: "sample".to_owned(),
        instance: String::new(),
        fields: Vec::new(),
        host: optional(),
        state: State::Critical,
        change: Change::Opened,
        since: Timestamp::from_secs(0),
        value: has_all.then_some(0.5),
        text: text.to_owned(),
        said,
    })
}

fn message(entries: Vec<Entry>) -> Letter {
    let at = Timestamp::from_secs(0);
    let id = Id::of_message("sample", Kind::News, at, &entries);
    Letter { id, notifier: "sample".to_owned(), kind: Kind::News, at, thread: None, entries, n_more: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str, entry: Option<&str>, is_json: bool) -> Form {
        Form { body: Template::parse(body).unwrap(), entry: entry.map(|entry| Template::parse(entry).unwrap()), is_json }
    }

    #[test]
    fn values_are_escaped_in_json_and_entries_stand_between_commas() {
        let entry = "{\"say\": \"{{message}}\", \"v\": {{value}}, \"p\": \"{{value | percent}}\", \"host\": \"{{fields.host}}\"}";
        let form = form("{\"n\": {{count}}, \"all\": [{{entries}}]}", Some(entry), true);
        assert_eq!(form.check(), Ok(()));
        let one = sample(true).but(|what| what.fields = vec![("host".to_owned(), Some("n\\1".to_owned()))]);
        let json: serde_json::Value = serde_json::from_str(&form.render(&message(vec![one, sample(false)]))).unwrap();
        let say = "a \"quoted\" text\nof two lines";
        let first = serde_json::json!({"say": say, "v": 0.5, "p": "50 %", "host": "n\\1"});
        let second = serde_json::json!({"say": say, "v": null, "p": "null", "host": "-"});
        assert_eq!(json, serde_json::json!({"n": 2, "all": [first, second]}));
    }

    #[test]
    fn other_types_take_values_as_they_are_and_entries_in_lines() {
        let form = form("{{count}}:\n{{entries}}\n", Some("{{state}} {{host}} {{value}}"), false);
        let (one, two) = (sample(true), sample(false));
        let one = one.but(|what| what.host = Some("\"n1\"".to_owned()));
        assert_eq!(form.render(&message(vec![one, two])), "2:\ncritical \"n1\" 0.5\ncritical - -\n");
    }

    #[test]
    fn what_would_be_no_json_is_found_before_anything_is_sent() {
        let told = form("{\"host\": {{state}}}", None, true).check().unwrap_err();
        assert_eq!(told, "what it makes is no JSON: expected value at line 1 column 10 of `{\"host\": critical}`");
        assert!(form("[{{entries}}]", Some("{{host}}"), true).check().is_err());
        assert!(form("[0, {{entries}}]", Some("{{count}}"), true).check().is_err());
        assert!(form("{{value}}", None, false).check().is_ok());
    }
}
