//! `skep replay --against`: two rule sets over one recording, and the changes that only one of them makes.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use engine::rules::Plan;
use engine::{Effects, Kind, Limits, Message, Series, SeriesId, Transition};
use event::{Timestamp, View};
use processor::replay::Replay;
use serde_json::json;

use crate::cli::ReplayOptions;

/// A change of an alert instance. Two rule sets make the same one when instance, time and state are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    since: Timestamp,
    rule: String,
    instance: String,
    to: &'static str,
    /// What it says of itself; it does not tell changes apart.
    from: &'static str,
    message: String,
}

impl Change {
    fn key(&self) -> (Timestamp, &str, &str, &str) {
        (self.since, &self.rule, &self.instance, self.to)
    }
}

#[derive(Debug, Default)]
struct Changes(Vec<Change>);

impl Effects for Changes {
    fn event(&mut self, _: Series<'_>, _: &View<'_>, _: Kind) {}
    fn expired(&mut self, _: Series<'_>, _: Timestamp) {}
    fn forgotten(&mut self, _: SeriesId) {}
    fn message(&mut self, _: &Message<'_>) {}

    fn transition(&mut self, transition: &Transition<'_>) {
        self.0.push(Change {
            since: transition.since,
            rule: transition.rule.to_owned(),
            instance: transition.instance.to_owned(),
            to: transition.to.as_str(),
            from: transition.from.as_str(),
            message: transition.message.to_owned(),
        });
    }
}

/// Replays with both plans and prints what they do not have in common.
///
/// # Errors
/// As those of a replay.
pub(super) fn compare(options: &ReplayOptions, plans: [Plan; 2], limits: Limits) -> anyhow::Result<ExitCode> {
    let [mut ours, mut theirs] = [Changes::default(), Changes::default()];
    for (plan, changes) in plans.into_iter().zip([&mut ours, &mut theirs]) {
        super::feed(options, &mut Replay::on_its_own_time(Arc::new(plan), limits), changes)?;
    }
    ours.0.sort();
    theirs.0.sort();
    match print(options.json, &ours.0, &theirs.0) {
        // `skep replay … | head` closes the pipe early: that is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        printed => printed.context("could not print")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// In the order of time; both lists are sorted.
fn print(json: bool, ours: &[Change], theirs: &[Change]) -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let (mut n_both, mut n_only) = (0, [0, 0]);
    let (mut left, mut right) = (ours.iter().peekable(), theirs.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(one), Some(other)) => one.key().cmp(&other.key()),
        };
        let (change, side) = match order {
            std::cmp::Ordering::Equal => {
                left.next();
                right.next();
                n_both += 1;
                continue;
            }
            std::cmp::Ordering::Less => (left.next(), 0),
            std::cmp::Ordering::Greater => (right.next(), 1),
        };
        let Some(change) = change else { continue };
        if let Some(n) = n_only.get_mut(side) {
            *n += 1;
        }
        line(&mut out, json, change, side)?;
    }
    let [here, there] = n_only;
    if !json {
        writeln!(out, "{n_both} changes in both, {here} only here (-), {there} only with --against (+)")?;
    }
    out.flush()
}

fn line(out: &mut impl Write, as_json: bool, change: &Change, side: usize) -> io::Result<()> {
    let Change { since, rule, instance, from, to, message } = change;
    if as_json {
        let only = if side == 0 { "here" } else { "against" };
        let told = json!({
            "kind": "transition", "only": only, "time": since.to_string(), "rule": rule, "instance": instance, "from": from, "to": to,
            "message": message,
        });
        return writeln!(out, "{told}");
    }
    let sign = if side == 0 { '-' } else { '+' };
    writeln!(out, "{sign} {since}  {rule} {instance}: {from} -> {to}  {message}")
}
