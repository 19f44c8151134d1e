//! `skep replay --from T --to T`: what a store or an InfluxDB 1 holds, as the frames that a recording would have had.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::{anyhow, bail};
use engine::Effects;
use event::msg::Encoder;
use event::{Event, Metric, Name, Timestamp, mark};
use processor::driver::recorder::Kind;
use processor::driver::recording::Frame;
use processor::replay::Replay;
use serde_json::Value;

use crate::cli::ReplayOptions;
use crate::history::{Source, Wanted};
use crate::progress::Progress;

/// Seconds that are asked for at once, unless the answer would be too long.
const STRETCH: i64 = 60;

/// Events of one message; a message has 16 MiB at the most.
const MESSAGE: usize = 1000;

/// A series lives for so many of its steps, and so long in seconds where only one value of it has been seen.
const TTL_STEPS: f64 = 4.0;
const LEAST_TTL: f64 = 60.0;
const FIRST_TTL: f64 = 600.0;

/// Gives everything of the options' time to the engine, in the order of time.
///
/// # Errors
/// Nobody answers, or a time that is none.
pub(super) fn feed(options: &ReplayOptions, replay: &mut Replay, effects: &mut impl Effects) -> anyhow::Result<()> {
    let now = crate::clock::now();
    let time = |text: &Option<String>| text.as_deref().map_or(Ok(now), time);
    let (from, to) = (time(&options.from)?.secs(), time(&options.to)?.secs());
    if from >= to {
        bail!("--from is not before --to");
    }
    let source = match &options.influx {
        Some(text) => Source::of_influx(text)?,
        None => Source::of_skep(&options.target.url),
    };
    // The rules make their alerts anew.
    let names: Vec<String> = source.measurements()?.into_iter().filter(|name| name != "alert").collect();
    let mut steps = Steps::default();
    let mut progress = Progress::new("replay", (to - from).unsigned_abs());
    // Of other rules than these, so that every timer runs at its very moment.
    replay.apply(&Frame { kind: Kind::Plan, now: Timestamp::from_secs(from), content: &[] }, effects);
    for start in (from..to).step_by(STRETCH as usize) {
        let end = (start + STRETCH).min(to);
        let mut events = Vec::new();
        for name in &names {
            let wanted = Wanted { measurement: name, host: None, from: start, to: end };
            source.stretch(&wanted, &mut |series| {
                read(name, series, &mut steps, &mut events);
                Ok(())
            })?;
        }
        give(events, replay, effects);
        progress.at((end - from).unsigned_abs());
    }
    replay.apply(&Frame { kind: Kind::Tick, now: Timestamp::from_secs(to), content: &[] }, effects);
    progress.end();
    Ok(())
}

fn time(text: &str) -> anyhow::Result<Timestamp> {
    Timestamp::parse(text).map_err(|_| anyhow!("`{text}` is no time; write it like 2026-12-01T08:00:00Z"))
}

/// One batch for each moment.
fn give(mut events: Vec<Event>, replay: &mut Replay, effects: &mut impl Effects) {
    events.sort_by(|a, b| (a.time, &a.host, &a.service).cmp(&(b.time, &b.host, &b.service)));
    for batch in events.chunk_by(|a, b| a.time == b.time) {
        let mut content = Vec::new();
        for part in batch.chunks(MESSAGE) {
            let mut encoder = Encoder::new();
            part.iter().for_each(|event| event.with_view(|view| encoder.event(view)));
            transport::frames::put(&mut content, encoder.bytes());
        }
        let now = batch.first().and_then(|event| event.time).unwrap_or_default();
        replay.apply(&Frame { kind: Kind::Batch, now, content: &content }, effects);
    }
}

/// How far apart the values of a field are, in seconds: the least that has been seen.
#[derive(Default)]
struct Steps(HashMap<(String, String), f64>);

impl Steps {
    fn see(&mut self, measurement: &str, field: &str, seconds: f64) {
        let step = self.0.entry((measurement.to_owned(), field.to_owned())).or_insert(seconds);
        *step = step.min(seconds);
    }

    fn ttl(&self, measurement: &str, field: &str) -> f32 {
        let step = self.0.get(&(measurement.to_owned(), field.to_owned()));
        step.map_or(FIRST_TTL, |step| (step * TTL_STEPS).max(LEAST_TTL)) as f32
    }
}

/// The events of one series of an answer.
fn read(measurement: &str, series: &Value, steps: &mut Steps, out: &mut Vec<Event>) {
    let tags: Vec<(&str, &str)> = match series.get("tags").and_then(Value::as_object) {
        Some(tags) => {
            tags.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_str()?))).filter(|(_, value)| !value.is_empty()).collect()
        }
        None => Vec::new(),
    };
    let columns: Vec<&str> = series.get("columns").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let rows: Vec<&Vec<Value>> = series.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array).collect();
    for (at, field) in columns.iter().enumerate().skip(1) {
        let cells = rows.iter().filter_map(|row| Some((row.first()?.as_i64()?, row.get(at).filter(|cell| !cell.is_null())?)));
        let cells: Vec<(i64, &Value)> = cells.collect();
        for (one, next) in cells.iter().zip(cells.iter().skip(1)) {
            steps.see(measurement, field, (next.0 - one.0) as f64 / 1e9);
        }
        let ttl = steps.ttl(measurement, field);
        out.extend(cells.into_iter().filter_map(|(nanos, cell)| {
            let mut event =
                Event { time: Some(Timestamp::from_micros(nanos.div_euclid(1000))), ttl: Some(ttl), ..head(measurement, &tags, field) };
            match cell {
                Value::String(text) => event.state = Some(text.clone()),
                Value::Bool(flag) => event.metric = Some(Metric::Int(i64::from(*flag))),
                _ => event.metric = Some(number(measurement, field, cell)?),
            }
            Some(event)
        }));
    }
}

fn number(measurement: &str, field: &str, cell: &Value) -> Option<Metric> {
    let is_float = catalogue::find(measurement, field).is_some_and(|metric| metric.is_float);
    match cell.as_i64().filter(|_| !is_float) {
        Some(whole) => Some(Metric::Int(whole)),
        None => Metric::float(cell.as_f64()?),
    }
}

/// Whose event the value of a field is.
fn head(measurement: &str, tags: &[(&str, &str)], field: &str) -> Event {
    let host = tags.iter().find(|(key, _)| *key == "host").map(|(_, value)| (*value).to_owned());
    let others: Vec<(&str, &str)> = tags.iter().filter(|(key, _)| *key != "host").copied().collect();
    let attributes = others.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let is_ours = catalogue::find(measurement, field).is_some();
    if !is_ours && others.is_empty() && matches!(field, "value" | "state") {
        // An event that is no sample: its measurement is its service.
        return Event { host, service: Some(measurement.to_owned()), attributes, ..Event::default() };
    }
    let instance = instance(measurement, &others);
    let instance = (!instance.is_empty()).then_some(instance.as_str());
    let service = Name { measurement, instance, field }.to_string();
    Event { host, service: Some(service), attributes, marks: vec![String::from_utf8_lossy(mark::SKEP).into_owned()], ..Event::default() }
}

/// The instance within a service, which no point holds: by the attributes that name it.
fn instance(measurement: &str, tags: &[(&str, &str)]) -> String {
    let value = |key: &str| tags.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
    let keys: &[&str] = match measurement {
        "cpu" => &["cpu"],
        "disk" => &["path"],
        "diskio" => &["name"],
        "net" => &["interface"],
        "pressure" => return [value("resource"), value("type")].into_iter().flatten().collect::<Vec<_>>().join("-"),
        "docker_container_net" => &["container_name", "interface"],
        "docker_container_blkio" => &["container_name", "device"],
        "docker_event" => &["container_name", "swarm_service", "node"],
        "docker_swarm" => &["swarm_service"],
        "docker_node" => &["node"],
        _ if measurement.starts_with("docker_container_") => &["container_name"],
        _ => {
            let mut tags: Vec<(&str, Cow<'_, str>)> = tags.iter().map(|(key, value)| (*key, Cow::Borrowed(*value))).collect();
            return transport::instance("", &mut tags);
        }
    };
    let of_all = |key: &str, value: &str| matches!((key, value), ("cpu", "cpu-total") | ("device", "total"));
    let named = keys.iter().filter_map(|key| Some((*key, value(key)?))).filter(|(key, value)| !of_all(key, value)).map(|(_, value)| value);
    match measurement {
        "docker_event" => named.take(1).collect(),
        _ => named.collect::<Vec<_>>().join("/"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn check(measurement: &str, tags: &[(&str, &str)], field: &str, service: &str) {
        assert_eq!(head(measurement, tags, field).service.as_deref(), Some(service));
    }

    #[test]
    fn points_become_the_services_that_they_were() {
        check("cpu", &[("cpu", "cpu-total"), ("host", "n1")], "usage_active", "cpu/usage_active");
        check("cpu", &[("cpu", "cpu0"), ("host", "n1")], "usage_active", "cpu/cpu0/usage_active");
        check("disk", &[("device", "sda1"), ("fstype", "ext4"), ("path", "/var")], "used_percent", "disk//var/used_percent");
        check("pressure", &[("resource", "memory"), ("type", "some")], "avg10", "pressure/memory-some/avg10");
        let web = [("container_name", "web.1"), ("swarm_service", "web")];
        check("docker_container_mem", &web, "usage_percent", "docker_container_mem/web.1/usage_percent");
        check("docker_container_net", &[web[0], ("interface", "eth0")], "rx_bytes", "docker_container_net/web.1/eth0/rx_bytes");
        check("docker_container_blkio", &[web[0], ("device", "total")], "read_bytes", "docker_container_blkio/web.1/read_bytes");
        check("docker_event", &[("action", "die"), web[0], web[1]], "die", "docker_event/web.1/die");
        check("mem", &[("host", "n1")], "used_percent", "mem/used_percent");
        check("app/load", &[("host", "n1")], "value", "app/load");
    }

    #[test]
    fn rows_become_events_that_live_for_some_steps() {
        let series = json!({
            "tags": { "host": "n1", "rack": "" }, "columns": ["time", "used_percent", "note"],
            "values": [[10_000_000_000_i64, 5, null], [70_000_000_000_i64, 7.5, "x"]],
        });
        let (mut steps, mut events) = (Steps::default(), Vec::new());
        read("mem", &series, &mut steps, &mut events);
        let told: Vec<_> =
            events.iter().map(|event| (event.time.unwrap().secs(), event.metric, event.state.as_deref(), event.ttl)).collect();
        assert_eq!(
            told,
            [
                (10, Some(Metric::Float(5.0)), None, Some(240.0)),
                (70, Some(Metric::Float(7.5)), None, Some(240.0)),
                (70, None, Some("x"), Some(600.0)),
            ]
        );
        assert!(events.iter().all(|event| event.attributes.is_empty() && event.host.as_deref() == Some("n1")));
    }
}
