//! The keys of a rule file besides those of alerts and streams.

use super::alerts::ALERT;
use super::notify::NOTIFIER;
use super::shape::{Key, ONE_OR_MORE, Shape, key};
use super::steps::STREAM;

use Shape::{Choice, Count, Duration, Entries, Flag, List, Map, Number, OpenMap, Query, Template, Text, Texts};

/// A rule file.
pub(in super::super) const FILE: [Key; 6] = [
    key("alerts", Entries(&Map(&ALERT, &[])), "Alerts by their names; one of a stock rule's name changes what it says of it."),
    key("streams", Entries(&Map(&STREAM, &["steps"])), "Streams by their names: events through a list of steps."),
    key("index", Map(&INDEX, &[]), "What the index holds, and how entries leave it."),
    key("notify", Entries(&Map(&NOTIFIER, &[])), "Notifiers by their names: who is told, and how often."),
    key("silences", List(&Map(&SILENCE, &["where"])), "Alerts whose messages are held back, and when."),
    key("tests", List(&Map(&TEST, &["name"])), "What comes, and what the alerts make of it, for `skep test`."),
];

/// `index`.
pub(in super::super) const INDEX: [Key; 3] = [
    key("events", Choice(&["all", "streams"]), "`streams`: it holds only what a stream sends to it. Default: all."),
    key("expire_every", Duration, "How often it is looked whose ttl is over. Default: each second."),
    key("keep", ONE_OR_MORE, "What the event of an expiry keeps: fields, or `all`. Default: [host, service]."),
];

/// A silence.
pub(in super::super) const SILENCE: [Key; 5] = [
    key("where", Query, "Which alerts: alert = \"disk-full\" and host = \"n1\"."),
    key("until", Text, "When it ends: 2026-12-01T08:00:00Z."),
    key("every", Text, "In these hours each week: Sat,Sun 02:00-04:00 Europe/Berlin."),
    key("why", Text, "The reason."),
    key("author", Text, "Who wants it."),
];

/// A test.
pub(in super::super) const TEST: [Key; 11] = [
    key("name", Text, "What it shows."),
    key("about", Text, "More about it."),
    key("alert", ONE_OR_MORE, "The alert under test."),
    key("alerts", ONE_OR_MORE, "The alerts under test. Default: all that the file names."),
    key("events", List(&OpenMap(&ROW)), "What comes: rows of events with any fields."),
    key("replay", Text, "A recording of `skep record`, seen from the file's folder."),
    key("run", Duration, "How long it runs. Default: until the last ttl is over."),
    key("expect", Shape::Either(&[List(&OpenMap(&LINE)), Shape::Nothing]), "Every change of the alerts, in order; [] for none."),
    key("sent", List(&Map(&SENT_LINE, &[])), "Every message to a notifier, in order; [] for none."),
    key("taps", List(&OpenMap(&TAP)), "Every event that comes out of the taps that are named here, in order."),
    key("index", List(&Map(&INDEX_LINE, &["at", "where"])), "What a query finds at a time."),
];

const ROW: [Key; 9] = [
    key("host", Text, "The event's host."),
    key("service", Text, "The event's service."),
    key("state", Text, "The event's state."),
    key("description", Text, "The event's description."),
    key("metric", Text, "A row of samples: 0.9, 0.9x5 (five times), 10..90x9 (a ramp), _x3 (missing). Default: 1."),
    key("every", Duration, "From one sample to the next. Default: 10s."),
    key("from", Duration, "When the first comes. Default: 0s."),
    key("ttl", Duration, "How long each holds. Default: 60s."),
    key("tags", Texts, "Marks (Riemann's tags)."),
];

const LINE: [Key; 5] = [
    key("at", Duration, "When, from the start of the test."),
    key("alert", Text, "The alert."),
    key("state", Choice(&["ok", "info", "warning", "critical", "expired"]), "Its new state."),
    key("value", Number, "The number that decided; null for none."),
    key("message", Template, "Its message."),
];

const TAP: [Key; 3] = [
    key("tap", Text, "The tap's name."),
    key("at", Duration, "When, from the start of the test."),
    key("metric", Number, "The event's number; null for none."),
];

/// A line of `sent`.
pub(in super::super) const SENT_LINE: [Key; 5] = [
    key("at", Duration, "When, from the start of the test."),
    key("notify", Text, "The notifier."),
    key("count", Count(1), "How many entries."),
    key("digest", Flag, "It is what `at_most` held back."),
    key("reminder", Flag, "It is a reminder."),
];

/// A line of `index`.
pub(in super::super) const INDEX_LINE: [Key; 4] = [
    key("at", Duration, "When, from the start of the test."),
    key("where", Query, "The query."),
    key("count", Count(0), "How many events it finds."),
    key("events", List(&OpenMap(&[])), "The very events that it finds, in any order."),
];
