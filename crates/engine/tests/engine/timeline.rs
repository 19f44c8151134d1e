//! Timelines: rules and rows of samples as text in, changes of state as text out, at simulated time.
//!
//! A row is `HOST SERVICE [every D] [ttl D] [from D] [KEY=VALUE…] [skep]: SAMPLES`, as in rule tests: `0.9`, `0.9x5` (five times), `_x3` (missing);
//! a sample that is no number is a state.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::expression::Expression;
use engine::query::Query;
use engine::rules::{Across, Alert, Expect, Expired, Join, Level, Measure, Over, Plan, Settings, Unless};
use engine::streams::{Fold, Take};
use engine::template::Template;
use engine::{Effects, Engine, Kind, Limits, Message, Series, SeriesId, Transition};
use event::msg::Encoder;
use event::{Duration, Event, Metric, Timestamp, View};

/// Timelines begin here; all times in them count from it.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_000_000_000);

/// A point of a timeline.
pub(crate) fn at(text: &str) -> Timestamp {
    START + duration(text)
}

#[track_caller]
pub(crate) fn duration(text: &str) -> Duration {
    Duration::parse(text).unwrap()
}

#[track_caller]
pub(crate) fn query(text: &str) -> Query {
    Query::parse(text).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"))
}

/// Reads an alert: a `key: value` a line, `by` fields apart by blanks, a level's own clear and for after `;`.
#[track_caller]
pub(crate) fn alert(text: &str) -> Alert {
    let mut alert = Alert::new("a", query("true"));
    let (mut over, mut taken, mut every) = (None, None, duration("10s"));
    let (mut across, mut inputs) = (None, Vec::new());
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once(": ").unwrap();
        match key {
            "name" => alert.name = value.to_owned(),
            "over" => over = Some(duration(value)),
            "across" => across = Some(value.split(' ').map(str::to_owned).collect()),
            "join" => {
                let (name, text) = value.split_once(' ').unwrap();
                inputs.push((name.to_owned(), query(text)));
            }
            "value" => {
                alert.where_ = Query::any(inputs.iter().map(|(_, query)| query));
                let value = Expression::parse(value).unwrap();
                alert.measure = Measure::Join(Join { inputs: std::mem::take(&mut inputs), value });
            }
            "take" => taken = Some(take(value)),
            "every" => every = duration(value),
            "where" => alert.where_ = query(value),
            "by" => alert.by = value.split(' ').filter(|field| *field != "-").map(str::to_owned).collect(),
            "info" => alert.info = Some(level(value)),
            "warn" => alert.warn = Some(level(value)),
            "crit" => alert.crit = Some(level(value)),
            "clear" => alert.clear = Some(query(value)),
            "for" => alert.for_ = duration(value),
            "expect" if value == "swarm.nodes" => alert.expect = Expect::SwarmNodes,
            "expect" => {
                let listed = value.split(' ').map(|one| one.split('/').map(str::to_owned).collect());
                alert.expect = Expect::Listed(listed.collect());
            }
            "unless" => {
                let mut words = value.split(' ').map(str::to_owned);
                alert.unless = Some(Unless { alert: words.next().unwrap(), same: words.map(|field| (field.clone(), field)).collect() });
            }
            "clear_for" => alert.clear_for = duration(value),
            "absent" => alert.absent = Some(duration(value)),
            "runbook" => alert.words.runbook = Some(Template::parse(value).unwrap()),
            "details" => alert.words.details = Some(Template::parse(value).unwrap()),
            "team" => alert.words.team = Some(value.to_owned()),
            "label" => alert.words.labels.push(named(value)),
            "link" => alert.words.links.push(named(value)),
            "max_instances" => alert.max_instances = Some(value.parse().unwrap()),
            "message" => alert.message = Some(Template::parse(value).unwrap()),
            "expired" => alert.expired = expired(value),
            other => panic!("{other}"),
        }
    }
    match (over, across, taken) {
        (Some(over), _, Some(taken)) => alert.measure = Measure::Over(Over::new(over, taken, every)),
        (_, Some(fields), Some(taken)) => alert.measure = Measure::Across(Across::new(fields, taken, every)),
        _ => {}
    }
    alert
}

/// A take by its name, and what belongs to it: `predict 4h 10`, `time_to 100 10`, `ewma 10s`.
fn take(text: &str) -> Take {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["ewma", halflife] => Take::Ewma { halflife: duration(halflife) },
        ["predict", ahead, points] => Take::Predict { ahead: duration(ahead), min_points: points.parse().unwrap() },
        ["time_to", reach, points] => Take::TimeTo { reach: reach.parse().unwrap(), min_points: points.parse().unwrap() },
        ["last"] => Take::Last,
        ["first"] => Take::First,
        ["range"] => Take::Range,
        ["rate"] => Take::Rate,
        ["increase"] => Take::Increase,
        ["delta"] => Take::Delta,
        ["distinct"] => Take::Distinct,
        ["zscore"] => Take::ZScore,
        ["mad"] => Take::Mad,
        [name] => match Fold::NAMES.iter().find(|(known, _)| known == name) {
            Some((_, fold)) => Take::Fold(*fold),
            None => Take::Point(name.strip_prefix('p').unwrap().parse::<f64>().unwrap() / 100.0),
        },
        other => panic!("{other:?}"),
    }
}

/// A name and, behind a blank, its template.
fn named(text: &str) -> (String, Template) {
    let (name, template) = text.split_once(' ').unwrap();
    (name.to_owned(), Template::parse(template).unwrap())
}

fn level(text: &str) -> Level {
    let mut parts = text.split("; ");
    let mut level = Level::new(query(parts.next().unwrap()));
    for part in parts {
        match part.split_once(": ").unwrap() {
            ("clear", text) => level.clear = Some(query(text)),
            ("for", text) => level.for_ = Some(duration(text)),
            other => panic!("{other:?}"),
        }
    }
    level
}

fn expired(text: &str) -> Expired {
    match text {
        "close" => Expired::Close,
        "hold" => Expired::Hold,
        "warn" => Expired::Warn,
        "crit" => Expired::Crit,
        other => panic!("{other}"),
    }
}

pub(crate) fn plan(alerts: &[&str]) -> Arc<Plan> {
    Arc::new(Plan::new(alerts.iter().map(|text| alert(text)).collect(), Settings::default()))
}

/// Everything that came out, as lines of text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorder {
    /// `AT RULE INSTANCE STATE VALUE`.
    pub(crate) transitions: Vec<String>,
    pub(crate) messages: Vec<String>,
    /// `AT RULE INSTANCE CHANGE` of what is muted and open, `- RULE INSTANCE` of what ended untold.
    pub(crate) untold: Vec<String>,
    /// `AT KIND HOST SERVICE STATE METRIC`.
    pub(crate) events: Vec<String>,
    /// `AT HOST SERVICE`.
    pub(crate) expired: Vec<String>,
    pub(crate) forgotten: Vec<u32>,
}

fn since_start(time: Timestamp) -> String {
    (time - START).to_string()
}

fn text(bytes: Option<&[u8]>) -> String {
    bytes.map_or("-".to_owned(), |bytes| String::from_utf8_lossy(bytes).into_owned())
}

impl Effects for Recorder {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, kind: Kind) {
        assert_eq!(series.id.is_some(), kind == Kind::Live && event.state != Some(b"expired"));
        let metric = event.metric.map_or("-".to_owned(), |metric| metric.to_string());
        let (host, service) = (series.host.unwrap_or("-"), series.service.unwrap_or("-"));
        self.events.push(format!("{} {kind:?} {host} {service} {} {metric}", since_start(event.time.unwrap()), text(event.state)));
    }

    fn expired(&mut self, series: Series<'_>, now: Timestamp) {
        self.expired.push(format!("{} {} {}", since_start(now), series.host.unwrap_or("-"), series.service.unwrap_or("-")));
    }

    fn forgotten(&mut self, id: SeriesId) {
        self.forgotten.push(id.0);
    }

    fn transition(&mut self, transition: &Transition<'_>) {
        let Transition { rule, instance, to, since, value, .. } = transition;
        let value = value.map_or("-".to_owned(), |value| value.to_string());
        self.transitions.push(format!("{} {rule} {instance} {to} {value}", since_start(*since)));
    }

    fn muted(&mut self, message: &Message<'_>) {
        let Message { key, change, .. } = message;
        self.untold.push(format!("{} {} {} {change:?}", since_start(key.since), key.rule, key.instance));
    }

    fn ended_untold(&mut self, rule: &str, instance: &str) {
        self.untold.push(format!("- {rule} {instance}"));
    }

    fn message(&mut self, message: &Message<'_>) {
        let Message { key, change, text, .. } = message;
        self.messages.push(format!("{} {} {} {change:?} {text}", since_start(key.since), key.rule, key.instance));
    }
}

/// An engine on its way through time.
pub(crate) struct Timeline {
    pub(crate) engine: Engine,
    pub(crate) out: Recorder,
}

impl Timeline {
    pub(crate) fn new(alerts: &[&str]) -> Self {
        Self::with_limits(alerts, Limits::default())
    }

    pub(crate) fn with_limits(alerts: &[&str], limits: Limits) -> Self {
        let mut timeline = Self { engine: Engine::new(plan(alerts), limits), out: Recorder::default() };
        timeline.run("0s");
        timeline
    }

    /// Ticks as a driver does, up to and with this time.
    pub(crate) fn run(&mut self, to: &str) -> &mut Self {
        self.run_to(at(to));
        self
    }

    fn run_to(&mut self, to: Timestamp) {
        self.run_before(to);
        self.engine.on_tick(to, &mut self.out);
    }

    fn run_before(&mut self, to: Timestamp) {
        while let Some(next) = self.engine.next_deadline().filter(|&next| next < to) {
            self.engine.on_tick(next.max(self.engine.now()), &mut self.out);
            assert!(self.engine.next_deadline().is_none_or(|after| after > next), "a tick must get on");
        }
    }

    /// Applies the rows' events, those of one instant as one batch.
    pub(crate) fn rows(&mut self, rows: &[&str]) -> &mut Self {
        let mut batches: BTreeMap<Timestamp, Vec<Event>> = BTreeMap::new();
        for (time, event) in rows.iter().flat_map(|row| samples(row)) {
            batches.entry(time).or_default().push(event);
        }
        for (now, events) in batches {
            self.run_before(now);
            self.batch(now, &events);
        }
        self
    }

    pub(crate) fn batch(&mut self, now: Timestamp, events: &[Event]) {
        self.engine.on_batch(now, &encode(events), &mut self.out);
    }

    /// The index as lines: `HOST SERVICE STATE METRIC`.
    pub(crate) fn index(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.engine.query(&query(text), |entry| {
            let event = Event::from(&entry.event);
            let metric = event.metric.map_or("-".to_owned(), |metric| metric.to_string());
            let field = |text: Option<String>| text.unwrap_or("-".to_owned());
            found.push(format!("{} {} {} {metric}", field(event.host), field(event.service), field(event.state)));
        });
        found
    }
}

pub(crate) fn encode(events: &[Event]) -> Vec<u8> {
    let mut encoder = Encoder::new();
    for event in events {
        event.with_view(|view| encoder.event(view));
    }
    encoder.bytes().to_vec()
}

fn samples(row: &str) -> Vec<(Timestamp, Event)> {
    let (head, samples) = row.split_once(": ").unwrap();
    let mut words = head.split(' ');
    let filled = |word: Option<&str>| word.filter(|word| *word != "-").map(str::to_owned);
    let mut event = Event { host: filled(words.next()), service: filled(words.next()), ttl: Some(60.0), ..Event::default() };
    let (mut every, mut time) = (duration("10s"), START);
    while let Some(word) = words.next() {
        match word {
            "every" => every = duration(words.next().unwrap()),
            "ttl" => event.ttl = Some(duration(words.next().unwrap()).as_secs_f64() as f32),
            "from" => time = at(words.next().unwrap()),
            "skep" | "late" => event.marks.push(word.to_owned()),
            other => {
                let (key, value) = other.split_once('=').unwrap();
                event.attributes.push((key.to_owned(), value.to_owned()));
            }
        }
    }
    let mut all = Vec::new();
    for sample in samples.split(' ') {
        let repeated = sample.rsplit_once('x').and_then(|(sample, times)| Some((sample, times.parse().ok()?)));
        let (sample, times) = repeated.unwrap_or((sample, 1));
        for _ in 0..times {
            if sample != "_" {
                all.push((time, sampled(&event, sample, time)));
            }
            time = time + every;
        }
    }
    all
}

fn sampled(event: &Event, sample: &str, time: Timestamp) -> Event {
    let metric = sample.parse().ok().and_then(Metric::float);
    let state = metric.is_none().then(|| sample.to_owned());
    Event { time: Some(time), metric, state, ..event.clone() }
}

/// Lines without indentation and blanks.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// One rule and some rows: the changes of state, `AT INSTANCE STATE VALUE`, up to the last row's end, its ttl and what the rule waits for.
#[track_caller]
pub(crate) fn check(rule: &str, rows: &[&str], expected: &str) {
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(rows);
    let end = timeline.engine.now() + duration("5m");
    timeline.run_to(end);
    let seen: Vec<String> = timeline.out.transitions.iter().map(|line| line.replacen(" a ", " ", 1)).collect();
    assert_eq!(seen, lines(expected));
}
