//! The keys of a stream, and its steps.

use super::shape::{Key, ONE_OR_MORE, Shape, key};

use Shape::{Choice, Count, Duration, Either, Flag, List, Map, Named, Nothing, Number, Query, SoManyPer, Steps, Text, Value};

/// A stream.
pub(in super::super) const STREAM: [Key; 6] = [
    key("where", Query, "Which events. Default: all."),
    key("steps", Steps, "What becomes of them: each step hands what it makes to the next."),
    key("max_instances", Count(1), "Keys that all its `by` together may have. Default: 100000."),
    key("forget", Duration, "A key for which nothing came for so long is forgotten. Default: 1h."),
    key("enabled", Flag, "false turns it off."),
    key("about", Text, "What it is for."),
];

const FOLDS: &[&str] = &[
    "sum",
    "product",
    "difference",
    "quotient",
    "quotient_sloppy",
    "mean",
    "median",
    "mode",
    "minimum",
    "min",
    "maximum",
    "max",
    "std_dev",
    "stddev",
    "count",
    "avg",
];
const TAKE: Key = key("take", ONE_OR_MORE, "What is taken: a fold, a percentile such as p99, first, last, rate …");
const MAX: Key = key("max", Count(1), "Whole events that are kept of one key. Default: 10000.");
const EVERY: Key = key("every", Duration, "How often.");
const FIELD: Key = key("field", Text, "Which field. Default: state.");
const INIT: Key = key("init", Text, "What it was before the first event.");
const PAIRS: Key = key("pairs", Flag, "The event before is handed on too.");

/// `window`.
pub(in super::super) const WINDOW: [Key; 13] = [
    key("over", Duration, "A sliding window of so long."),
    key("tumble", Duration, "Windows of so long, one after the other."),
    key("last", Count(1), "The last so many events, with each event."),
    key("events", Count(1), "So many events, then the next so many."),
    key("every", Duration, "How often a sliding window is given, in place of with each event."),
    key("align", Flag, "Tumbling windows begin at whole multiples on the clock."),
    key("wait", Duration, "A tumbling window waits so long for late events."),
    TAKE,
    key("halflife", Duration, "For `take: ewma`."),
    key("ahead", Duration, "For `take: predict`."),
    key("reach", Number, "For `take: time_to`."),
    key("min_points", Count(2), "For `predict` and `time_to`. Default: 10."),
    MAX,
];

/// `fold` of an interval.
pub(in super::super) const FOLD: [Key; 4] = [
    EVERY,
    key("field", Choice(&["metric", "time", "ttl"]), "Of which field. Default: metric."),
    key("take", Choice(FOLDS), "Which fold."),
    MAX,
];
/// `across`.
pub(in super::super) const ACROSS: [Key; 4] =
    [EVERY, key("by", ONE_OR_MORE, "What tells the members apart. Default: [service, host]."), TAKE, MAX];
/// `join` as a map.
pub(in super::super) const JOIN: [Key; 3] = [
    key("queries", Either(&[List(&Query), Named(&Query)]), "Queries, or names and queries."),
    TAKE,
    key("value", Text, "Arithmetic over the names of the queries."),
];
/// A way of `split`.
pub(in super::super) const WAY: [Key; 3] = [
    key("when", Query, "What must hold for this way."),
    key("steps", Steps, "What then becomes of the events."),
    key("else", Steps, "The last way: what becomes of all others."),
];
/// `top`.
pub(in super::super) const TOP: [Key; 3] = [
    key("n", Count(1), "How many."),
    key("by", Text, "By which field. Default: metric."),
    key("demote", Flag, "Those that fall out are handed on as expired. Default: true."),
];
/// `fill`.
pub(in super::super) const FILL: [Key; 3] =
    [EVERY, key("with", Named(&Value), "An event of its own."), key("last", Named(&Value), "The last event, with these fields set.")];
/// `changed` as a map.
pub(in super::super) const CHANGED: [Key; 3] = [FIELD, INIT, PAIRS];
/// `changed_state`.
pub(in super::super) const CHANGED_STATE: [Key; 2] = [INIT, PAIRS];
/// `runs`.
pub(in super::super) const RUNS: [Key; 2] = [key("n", Count(1), "So many."), FIELD];
/// `count`.
pub(in super::super) const COUNT: [Key; 1] = [key("init", Number, "Where it begins. Default: 0.")];
/// `batch`.
pub(in super::super) const BATCH: [Key; 2] = [key("size", Count(1), "So many."), EVERY];
/// `throttle` and `rollup` as maps.
pub(in super::super) const MAX_PER: [Key; 2] = [key("max", Count(0), "How many."), key("per", Duration, "In how long.")];
/// Steps that take an interval alone, as maps.
pub(in super::super) const INTERVAL: [Key; 1] = [EVERY];
/// `smooth`.
pub(in super::super) const SMOOTH: [Key; 2] = [key("halflife", Duration, "By time."), key("ratio", Number, "By events.")];
/// `stable`.
pub(in super::super) const STABLE: [Key; 3] = [key("for", Duration, "How long it must have held."), FIELD, MAX];
/// `predict`.
pub(in super::super) const PREDICT: [Key; 2] = [key("events", Count(2), "Of so many events."), key("ahead", Duration, "How far ahead.")];
/// `percentiles`.
pub(in super::super) const PERCENTILES: [Key; 2] =
    [EVERY, key("points", Either(&[List(&Number), Named(&Text)]), "Numbers from 0 to 1, or these with what is appended to the service.")];
/// `apdex`.
pub(in super::super) const APDEX: [Key; 3] =
    [EVERY, key("satisfied", Query, "Who is satisfied."), key("tolerated", Query, "Who can bear it.")];
const SO_MANY: Shape = Either(&[SoManyPer, Map(&MAX_PER, &["max", "per"])]);
const TIMED: Shape = Either(&[Duration, Map(&INTERVAL, &["every"])]);
const ON: Shape = Either(&[Flag, Nothing]);
const WAYS: &[&str] = &["index", "influx", "log", "streams"];

/// Every step, and `else`, which stands beside some.
pub(in super::super) const STEPS: [Key; 43] = [
    key("where", Query, "Only events that match; `else` gets the others."),
    key("split", List(&Map(&WAY, &[])), "The first way whose `when` holds."),
    key("expired", ON, "true: only events past their time; false: only others."),
    key("branches", List(&Steps), "Each list of steps gets everything, and then what follows."),
    key("by", ONE_OR_MORE, "What follows exists once for each combination of these fields."),
    key("set", Named(&Value), "Fields and what they become; null takes one away."),
    key("default", Named(&Value), "The same, only where there is none."),
    key("append", Named(&Text), "Text behind a field."),
    key("scale", Number, "The metric times this."),
    key("tag", ONE_OR_MORE, "Marks that are added."),
    key("untag", ONE_OR_MORE, "Marks that are taken away."),
    key("changed", Either(&[Text, Map(&CHANGED, &[])]), "Only events in which a field is another than before."),
    key("changed_state", Either(&[Map(&CHANGED_STATE, &[]), Nothing]), "The same of the state, by host and service."),
    key("runs", Map(&RUNS, &["n"]), "The newest, when the last so many agree."),
    key("stable", Map(&STABLE, &["for"]), "Held back until it has held so long."),
    key("count", Either(&[Map(&COUNT, &[]), Nothing]), "The running sum."),
    key("reduce", Choice(FOLDS), "A fold over all events so far."),
    key("smooth", Map(&SMOOTH, &[]), "A moving mean."),
    key("derive", Either(&[Map(&INTERVAL, &[]), Nothing]), "The change per second."),
    key("predict", Map(&PREDICT, &["events", "ahead"]), "Where the straight line will be."),
    key("throttle", SO_MANY, "So many in so long, the rest dropped."),
    key("rollup", SO_MANY, "So many in so long, the rest in one row."),
    key("batch", Map(&BATCH, &["size", "every"]), "Rows of so many, or after so long."),
    key("apdex", Map(&APDEX, &["every", "satisfied", "tolerated"]), "How content users are, from 0 to 1."),
    key("rate", TIMED, "The sum of the metrics per second."),
    key("percentiles", Map(&PERCENTILES, &["every", "points"]), "Percentiles of an interval."),
    key("window", Map(&WINDOW, &[]), "A window of events."),
    key("fold", Either(&[Choice(FOLDS), Map(&FOLD, &["every", "take"])]), "One event of a row, or of an interval."),
    key("flatten", Nothing, "Single events of rows."),
    key("sort", Nothing, "A row in the order of time."),
    key("across", Either(&[Map(&ACROSS, &[]), Nothing]), "The latest of each."),
    key("join", Either(&[List(&Query), Map(&JOIN, &["queries"])]), "The latest of each query."),
    key("top", Map(&TOP, &["n"]), "The greatest so many; `else` gets the others."),
    key("fill", Map(&FILL, &["every"]), "An event where none came."),
    key("interpolate", TIMED, "Events in between."),
    key("clock_skew", Nothing, "Seconds from the median clock of all hosts."),
    key("tap", Text, "A name for what comes here."),
    key("log", ON, "A line in the log."),
    key("to", Either(&[Choice(WAYS), List(&Choice(WAYS))]), "Where events go."),
    key("index", ON, "Into the index, to alerts, store and page."),
    key("else", Steps, "What becomes of those that the step beside it leaves out."),
    key("forward", ONE_OR_MORE, "To another skep or Riemann, by its name in the settings."),
    key("reinject", ON, "To all streams, as if it had just come in."),
];
