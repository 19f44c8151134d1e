//! Steps that change events: `set`, `default`, `append`, `scale`, `tag`, `untag`. A row is changed event by event.

use event::{LabelsBuf, Metric, Timestamp, View};

use super::by::number;
use super::events::Events;
use super::machine::Run;
use super::step::{Done, Passing, Signal, Unfit};
use crate::expression::Expression;
use crate::query::Field;
use crate::template::{Fields, Template, Value};

/// `set: {state: critical, host: null}`, and `default` with `only_missing`.
#[derive(Clone, Debug)]
pub struct Set {
    /// Field and value, in the order of the file.
    pub fields: Vec<(Field, To)>,
    /// Fields that have a value keep it.
    pub only_missing: bool,
}

/// What a field is set to.
#[derive(Clone, Debug)]
pub enum To {
    /// Nothing: the field is taken away.
    Nothing,
    /// A text.
    Text(String),
    /// A text with `{{field}}` in it.
    Template(Template),
    /// A number.
    Number(Metric),
    /// Marks.
    Marks(Vec<String>),
    /// Another field's number, or arithmetic over fields.
    Expression(Expression),
}

/// `append: {service: " rate"}`; what a missing field gets is the text alone.
#[derive(Clone, Debug)]
pub struct Append {
    /// A field that holds a text.
    pub field: Field,
    /// What is put behind it.
    pub text: String,
}

/// `scale: 0.001`; events without metric pass.
#[derive(Clone, Debug)]
pub struct Scale(pub f64);

/// `tag: [a, b]`: new marks first, each once.
#[derive(Clone, Debug)]
pub struct Tag(pub Vec<String>);

/// `untag: [a]`.
#[derive(Clone, Debug)]
pub struct Untag(pub Vec<String>);

/// Changes an event, or each of a row, and hands it on.
pub(super) fn each(
    signal: Signal<'_>,
    run: &mut Run<'_>,
    mut change: impl FnMut(&View<'_>, &mut Run<'_>, &mut dyn FnMut(&View<'_>, &mut Run<'_>)) -> Done,
) -> Done {
    match signal {
        Signal::One(event) => change(event, run, &mut |event, run| {
            // What the children do with it is theirs.
            let _ = run.emit_one(event);
        }),
        Signal::Many(events) => {
            let mut changed = Events::default();
            for event in events.iter() {
                match event {
                    None => changed.push_none(),
                    Some(event) => change(&event, run, &mut |event, _| changed.push(event))?,
                }
            }
            run.emit(Signal::Many(&changed))
        }
    }
}

type Next<'n> = &'n mut dyn FnMut(&View<'_>, &mut Run<'_>);

impl Passing for Set {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        each(signal, run, |event, run, next| self.apply(event, run, next))
    }
}

impl Set {
    /// Hands the changed event to `next`. All values are taken from the event as it came.
    pub(super) fn apply(&self, event: &View<'_>, run: &mut Run<'_>, next: Next<'_>) -> Done {
        let mut texts = std::mem::take(&mut run.streams.texts);
        let mut labels = run.streams.labels.pop().unwrap_or_default();
        let done = self.change(event, &mut texts, &mut labels, |event| next(event, run));
        labels.clear();
        run.streams.labels.push(labels);
        run.streams.texts = texts;
        done
    }

    fn change(&self, event: &View<'_>, texts: &mut Vec<String>, labels: &mut LabelsBuf, next: impl FnOnce(&View<'_>)) -> Done {
        let wanted = |field: &Field| !(self.only_missing && has(field, event));
        let fields = || self.fields.iter().filter(|(field, _)| wanted(field));
        if texts.len() < self.fields.len() {
            texts.resize(self.fields.len(), String::new());
        }
        for ((_, to), text) in fields().zip(texts.iter_mut()) {
            if let To::Template(template) = to {
                text.clear();
                template.render(text, &Of(event));
            }
        }
        let texts = &*texts;
        if fields().any(|(field, _)| matches!(field, Field::Tags | Field::Attribute(_))) {
            relabel(event, fields().zip(texts.iter()).map(|((field, to), text)| (field, to, text.as_str())), labels);
        }
        let mut changed = *event;
        for ((field, to), text) in fields().zip(texts) {
            let text = match to {
                To::Text(text) => Some(text.as_str()),
                To::Template(_) => Some(text.as_str()),
                To::Nothing | To::Number(_) | To::Marks(_) | To::Expression(_) => None,
            };
            let text = text.map(str::as_bytes);
            match field {
                Field::Host => changed.host = text.filter(|text| !text.is_empty()),
                Field::Service => changed.service = text.filter(|text| !text.is_empty()),
                Field::State => changed.state = text,
                Field::Description => changed.description = text,
                Field::Metric => changed.metric = as_number(to, text, event)?,
                Field::Ttl => changed.ttl = as_number(to, text, event)?.map(|ttl| ttl.as_f64() as f32),
                Field::Time => changed.time = as_number(to, text, event)?.map(|time| seconds(time.as_f64())),
                Field::Tags | Field::Attribute(_) => changed.labels = labels.view(),
            }
        }
        next(&changed);
        Ok(())
    }
}

fn seconds(seconds: f64) -> Timestamp {
    Timestamp::from_micros((seconds * 1e6).round() as i64)
}

fn as_number(to: &To, text: Option<&[u8]>, event: &View<'_>) -> Result<Option<Metric>, Unfit> {
    match to {
        To::Nothing | To::Marks(_) => Ok(None),
        To::Number(metric) => Ok(Some(*metric)),
        To::Expression(expression) => expression.of(event).map(Some).ok_or(Unfit),
        To::Text(_) | To::Template(_) => {
            let text = text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
            if let Ok(whole) = text.parse() {
                return Ok(Some(Metric::Int(whole)));
            }
            text.parse().ok().and_then(Metric::float).map(Some).ok_or(Unfit)
        }
    }
}

pub(super) fn has(field: &Field, event: &View<'_>) -> bool {
    match field {
        Field::Host => event.host.is_some(),
        Field::Service => event.service.is_some(),
        Field::State => event.state.is_some(),
        Field::Description => event.description.is_some(),
        Field::Metric => event.metric.is_some(),
        Field::Time => event.time.is_some(),
        Field::Ttl => event.ttl.is_some(),
        Field::Tags => event.labels.marks().next().is_some(),
        Field::Attribute(name) => event.labels.attribute(name.as_bytes()).is_some(),
    }
}

/// Writes the event's labels with some of them set.
fn relabel<'a>(event: &View<'_>, set: impl Iterator<Item = (&'a Field, &'a To, &'a str)> + Clone, labels: &mut LabelsBuf) {
    labels.clear();
    match set.clone().find(|(field, ..)| matches!(field, Field::Tags)) {
        None => event.labels.marks().for_each(|mark| _ = labels.mark(mark)),
        Some((_, To::Marks(marks), _)) => marks.iter().for_each(|mark| _ = labels.mark(mark.as_bytes())),
        Some(_) => {}
    }
    let is_set = |name: &[u8]| set.clone().any(|(field, ..)| matches!(field, Field::Attribute(set) if set.as_bytes() == name));
    for (name, value) in event.labels.attributes().filter(|(name, _)| !is_set(name)) {
        labels.attribute(name, value);
    }
    for (field, to, rendered) in set {
        let Field::Attribute(name) = field else { continue };
        match to {
            To::Text(text) => _ = labels.attribute(name.as_bytes(), text.as_bytes()),
            To::Template(_) => _ = labels.attribute(name.as_bytes(), rendered.as_bytes()),
            To::Number(number) => _ = labels.attribute(name.as_bytes(), number.to_string().as_bytes()),
            To::Nothing | To::Marks(_) | To::Expression(_) => {}
        }
    }
}

/// An event's fields, for templates.
pub(super) struct Of<'e>(pub(super) &'e View<'e>);

impl Fields for Of<'_> {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let event = self.0;
        match Field::named(name) {
            Field::Host => as_text(event.host),
            Field::Service => as_text(event.service),
            Field::State => as_text(event.state),
            Field::Description => as_text(event.description),
            Field::Tags => None,
            Field::Attribute(name) => as_text(event.labels.attribute(name.as_bytes())),
            field @ (Field::Metric | Field::Time | Field::Ttl) => number(&field, event).map(Value::Number),
        }
    }
}

fn as_text(bytes: Option<&[u8]>) -> Option<Value<'_>> {
    std::str::from_utf8(bytes?).ok().map(Value::Text)
}

impl Passing for Append {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        each(signal, run, |event, run, next| {
            let text = match &self.field {
                Field::Host => event.host,
                Field::Service => event.service,
                Field::State => event.state,
                Field::Description => event.description,
                Field::Attribute(name) => event.labels.attribute(name.as_bytes()),
                Field::Metric | Field::Time | Field::Ttl | Field::Tags => return Err(Unfit),
            };
            let mut whole = run.streams.texts.pop().unwrap_or_default();
            whole.clear();
            whole.push_str(&String::from_utf8_lossy(text.unwrap_or_default()));
            whole.push_str(&self.text);
            let mut labels = LabelsBuf::new();
            let mut changed = *event;
            let bytes = Some(whole.as_bytes());
            match &self.field {
                Field::Host => changed.host = bytes,
                Field::Service => changed.service = bytes,
                Field::State => changed.state = bytes,
                Field::Description => changed.description = bytes,
                _ => {
                    let to = To::Text(whole.clone());
                    relabel(event, std::iter::once((&self.field, &to, "")), &mut labels);
                    changed.labels = labels.view();
                }
            }
            next(&changed, run);
            run.streams.texts.push(whole);
            Ok(())
        })
    }
}

impl Passing for Scale {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        each(signal, run, |event, run, next| {
            let metric = event.metric.and_then(|metric| Metric::float(metric.as_f64() * self.0));
            next(&View { metric, ..*event }, run);
            Ok(())
        })
    }
}

impl Passing for Tag {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        marked(signal, run, |marks, labels| {
            for (at, mark) in self.0.iter().enumerate().filter(|(at, mark)| !self.0.iter().take(*at).any(|before| before == *mark)) {
                let _ = at;
                labels.mark(mark.as_bytes());
            }
            let is_new = |mark: &&[u8]| self.0.iter().any(|new| new.as_bytes() == *mark);
            for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| !is_new(mark)) {
                if !marks.iter().take(at).any(|before| before == mark) {
                    labels.mark(mark);
                }
            }
        })
    }
}

impl Passing for Untag {
    fn on(&self, signal: Signal<'_>, run: &mut Run<'_>) -> Done {
        marked(signal, run, |marks, labels| {
            for mark in marks.iter().filter(|mark| !self.0.iter().any(|old| old.as_bytes() == **mark)) {
                labels.mark(mark);
            }
        })
    }
}

/// Hands events on with other marks.
fn marked(signal: Signal<'_>, run: &mut Run<'_>, write: impl Fn(&[&[u8]], &mut LabelsBuf)) -> Done {
    each(signal, run, |event, run, next| {
        let mut labels = run.streams.labels.pop().unwrap_or_default();
        labels.clear();
        let marks: Vec<&[u8]> = event.labels.marks().collect();
        write(&marks, &mut labels);
        event.labels.attributes().for_each(|(name, value)| _ = labels.attribute(name, value));
        next(&View { labels: labels.view(), ..*event }, run);
        run.streams.labels.push(labels);
        Ok(())
    })
}
