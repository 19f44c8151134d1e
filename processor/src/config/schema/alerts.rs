//! The keys of an alert.

use super::shape::{Key, ONE_OR_MORE, Shape, key};

use Shape::{Choice, Count, Duration, Either, Flag, List, Map, Named, Number, OpenMap, Query, Take, Template, Text, Texts};

/// A level's long form.
pub(in super::super) const LEVEL: [Key; 3] = [
    key("when", Query, "What must hold, as a query on the event; `metric` is the number that the alert is about."),
    key("clear", Query, "Once at this level, it stays until this holds."),
    key("for", Duration, "So long must `when` hold; without it the alert's `for` counts."),
];

const A_LEVEL: Shape = Either(&[Query, Map(&LEVEL, &[])]);

/// `unless`.
pub(in super::super) const UNLESS: [Key; 2] = [
    key("alert", Text, "The alert that holds this one down while it is open."),
    key(
        "same",
        Either(&[Texts, Named(&Text)]),
        "Fields of both `by`s that must have the same values, or {OWN: THEIRS}; `[]` where any open instance counts.",
    ),
];

/// `expect`, where it is no list.
pub(in super::super) const EXPECT: [Key; 1] =
    [key("from", Choice(&["swarm.nodes"]), "Where the instances are listed: the nodes of the swarm, as its leader tells them.")];

/// An alert.
pub(in super::super) const ALERT: [Key; 32] = [
    key("where", Query, "Which events, in the query language: service = \"cpu/usage_active\"."),
    key("by", Texts, "Fields that make an instance: each combination is open or closed by itself. Default: [host, service]."),
    key("over", Duration, "A sliding window of so long for each instance; `take` makes a number of it."),
    key("across", Texts, "The latest event of each combination of these fields; `take` makes a number of them."),
    key("join", Named(&Query), "In the place of `where`: names and queries, whose numbers `value` puts together."),
    key("value", Text, "Arithmetic over the names of `join`: desired - running."),
    key("take", Take, "Which number the samples make: mean, max, rate, p99, predict …"),
    key("every", Duration, "How often a window is looked at when no event comes. Default: 10s."),
    key("ahead", Duration, "For `take: predict`: how far ahead."),
    key("reach", Number, "For `take: time_to`: the number that is to be met."),
    key("halflife", Duration, "For `take: ewma`: after so long a sample counts for half."),
    key("min_points", Count(2), "For `predict` and `time_to`: of fewer samples nothing is said. Default: 10."),
    key("info", A_LEVEL, "When it is open at info: a query, or {when:, clear:, for:}."),
    key("warn", A_LEVEL, "When it is open at warning: a query, or {when:, clear:, for:}."),
    key("crit", A_LEVEL, "When it is open at critical: a query, or {when:, clear:, for:}."),
    key("clear", Query, "Once open, it stays open until this holds."),
    key("for", Duration, "A level must hold so long before it opens. Default: 0s."),
    key("clear_for", Duration, "It must be clear so long before it closes. Default: 0s."),
    key("absent", Duration, "Critical when no event came for so long."),
    key(
        "expect",
        Either(&[List(&Either(&[Text, OpenMap(&[])])), Map(&EXPECT, &["from"])]),
        "Instances that must exist even if nothing was ever heard of them: a list, or {from: swarm.nodes}. Needs `absent`.",
    ),
    key("unless", Map(&UNLESS, &["alert", "same"]), "Held down while another alert is open: {alert: node-down, same: [host]}."),
    key("expired", Choice(&["close", "hold", "warn", "crit"]), "What an open alert does when its events expire. Default: close."),
    key("message", Template, "One line with {{field}} and {{metric | percent}}."),
    key("details", Template, "What does not fit into a line; with {{field}} too."),
    key("runbook", Template, "Where to read what to do."),
    key("team", Text, "Who looks after it."),
    key("labels", Named(&Template), "For notifiers and queries: {severity: page}."),
    key("links", Named(&Template), "Further addresses by their titles."),
    key("max_instances", Count(1), "So many instances; further ones are counted and not watched."),
    key("to", ONE_OR_MORE, "Notifier or list of them. Default: `default`, if there is one."),
    key("enabled", Flag, "false turns it off."),
    key("about", Text, "What it means, for those who read the file."),
];
