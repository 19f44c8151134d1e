//! A recording, replayed, gives the effects that were live.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on says where")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use common::{PATIENCE, event, json, plan, send, start};
use engine::rules::{self, Plan};
use engine::{Effects, Kind, Limits, Message, Series, SeriesId, Transition};
use event::{Event, Timestamp, View};
use processor::driver::recording;
use processor::quiet::{Silence, Wish};
use processor::replay::Replay;
use testbed::wait_until;

/// Host, service, metric and time.
type Told = (Option<String>, Option<String>, Option<f64>, Timestamp);

/// Everything that came out.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    events: Vec<Told>,
    expired: Vec<(Option<String>, Option<String>, Timestamp)>,
    transitions: Vec<(String, String, String, Timestamp)>,
    n_messages: usize,
}

impl Effects for Seen {
    fn event(&mut self, series: Series<'_>, event: &View<'_>, _: Kind) {
        let metric = event.metric.map(event::Metric::as_f64);
        self.events.push((series.host.map(str::to_owned), series.service.map(str::to_owned), metric, event.time.unwrap()));
    }
    fn expired(&mut self, series: Series<'_>, now: Timestamp) {
        self.expired.push((series.host.map(str::to_owned), series.service.map(str::to_owned), now));
    }
    fn forgotten(&mut self, _: SeriesId) {}
    fn transition(&mut self, transition: &Transition<'_>) {
        let Transition { instance, from, to, since, .. } = *transition;
        self.transitions.push((instance.to_owned(), from.as_str().to_owned(), to.as_str().to_owned(), since));
    }
    fn message(&mut self, _: &Message<'_>) {
        self.n_messages += 1;
    }
}

fn replay(bytes: &[u8], plan: Plan) -> Seen {
    replay_with(bytes, Replay::new(Arc::new(plan), Limits::default()))
}

fn replay_with(bytes: &[u8], mut replay: Replay) -> Seen {
    let mut seen = Seen::default();
    let mut rest = bytes;
    while let Some(frame) = recording::take(&mut rest).unwrap() {
        replay.apply(&frame, &mut seen);
    }
    seen
}

/// Reads a chunked body from the head's end on.
fn chunks(stream: TcpStream, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line).unwrap();
    }
    let mut body = Vec::new();
    while !enough(&body) {
        line.clear();
        reader.read_line(&mut line).unwrap();
        let mut chunk = vec![0; usize::from_str_radix(line.trim(), 16).unwrap() + 2];
        reader.read_exact(&mut chunk).unwrap();
        body.extend_from_slice(&chunk[..chunk.len() - 2]);
    }
    body
}

#[test]
fn a_recording_replayed_gives_the_effects_that_were_live() {
    let folder = tempfile::tempdir().unwrap();
    let processor = start(folder.path());
    let mut stream = TcpStream::connect(processor.http).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /api/v1/record HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    // The answer's head comes once the recording is asked for; the request after it is behind it in the same queue.
    stream.peek(&mut [0]).unwrap();
    json(processor.http, "/api/v1/alerts");
    for metric in [1, 9, 9, 2, 7] {
        send(processor.riemann, &[event("a", "level", metric), event("b", "other", metric)]);
    }
    send(processor.riemann, &[Event { ttl: Some(0.2), ..event("c", "level", 9) }]);
    assert!(wait_until(PATIENCE, || processor.own.driver.expired.load(std::sync::atomic::Ordering::Relaxed) > 0));
    send(processor.riemann, &[event("z", "end", 1)]);
    let body = chunks(stream, |body| body.windows(3).any(|word| word == b"end"));
    let live = json(processor.http, "/api/v1/alerts");

    let seen = replay(&body, plan());
    let of =
        |host: &str| seen.transitions.iter().filter(|(instance, ..)| instance == host).map(|(_, _, to, _)| to.as_str()).collect::<Vec<_>>();
    assert_eq!(of("a"), ["critical", "ok", "critical"], "{:?}", seen.transitions);
    assert_eq!(of("c"), ["critical", "expired"], "{:?}", seen.transitions);
    assert!(seen.expired.iter().any(|(host, ..)| host.as_deref() == Some("c")));
    let since = seen.transitions.iter().rfind(|(instance, ..)| instance == "a").unwrap().3;
    assert_eq!(live[0]["since"], since.to_string(), "the very moment");
    assert_eq!(replay(&body, plan()), seen, "and again the same");
    let wish = Wish { where_: "host = \"a\"".to_owned(), every: Some("daily 00:00-00:00".to_owned()), ..Wish::default() };
    let silences = vec![Silence::new(String::new(), None, wish).unwrap()];
    let silenced = replay_with(&body, Replay::new(Arc::new(plan()), Limits::default()).with_silences(silences));
    assert_eq!(silenced.transitions, seen.transitions);
    assert_eq!((seen.n_messages - silenced.n_messages, silenced.n_messages), (3, 2), "those of a are silenced, those of c are not");
    let none = replay(&body, Plan::new(Vec::new(), rules::Settings::default()));
    assert!(none.transitions.is_empty() && none.events.len() < seen.events.len());
    processor.stop();
}
