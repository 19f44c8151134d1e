//! Where an alert's number comes from, as its keys say: `over`, `take` and what belongs to them.

use engine::query::Query;
use engine::rules::{Across, Measure, Over};
use engine::streams::{Fold, Take};
use event::Duration;

use super::alert::Slot;
use super::inputs::RawJoin;
use super::reader::Fields;
use super::report::Report;
use super::source::Place;
use super::streams::{self, DETAILS, MIN_POINTS};
use super::values;

/// How often a window is looked at, where the file says nothing.
const EVERY: Duration = Duration::from_secs(10);

/// Takes that are told by their name alone; percentiles such as `p99` besides, and those that need a key of their own.
const PLAIN: [(&str, Take); 15] = [
    ("mean", Take::Fold(Fold::Mean)),
    ("min", Take::Fold(Fold::Minimum)),
    ("max", Take::Fold(Fold::Maximum)),
    ("sum", Take::Fold(Fold::Sum)),
    ("count", Take::Fold(Fold::Count)),
    ("last", Take::Last),
    ("first", Take::First),
    ("median", Take::Fold(Fold::Median)),
    ("stddev", Take::Fold(Fold::StdDev)),
    ("range", Take::Range),
    ("rate", Take::Rate),
    ("increase", Take::Increase),
    ("delta", Take::Delta),
    ("distinct", Take::Distinct),
    ("zscore", Take::ZScore),
];

/// Takes that need to know when a sample came.
const TIMED: [&str; 10] = ["first", "last", "rate", "increase", "delta", "ewma", "predict", "time_to", "zscore", "mad"];

/// What a file says of it.
#[derive(Clone, Debug, Default)]
pub(super) struct RawMeasure {
    over: Slot<Duration>,
    across: Slot<Vec<String>>,
    join: RawJoin,
    take: Slot<String>,
    every: Slot<Duration>,
    ahead: Slot<Duration>,
    reach: Slot<f64>,
    halflife: Slot<Duration>,
    min_points: Slot<u64>,
}

impl RawMeasure {
    pub(super) fn read(fields: &Fields<'_>, report: &mut Report) -> Self {
        let second = Duration::from_secs(1);
        let get = |key: &str| fields.get(key);
        Self {
            over: Slot::read(get("over"), |node| values::duration_of("over", second, node, report)),
            across: Slot::read(get("across"), |node| values::texts("across", node, report)),
            join: RawJoin::read(fields, report),
            take: Slot::read(get("take"), |node| values::filled("take", node, report)),
            every: Slot::read(get("every"), |node| values::duration_of("every", second, node, report)),
            ahead: Slot::read(get("ahead"), |node| values::duration("ahead", node, report)),
            reach: Slot::read(get("reach"), |node| streams::number("reach", node, report)),
            halflife: Slot::read(get("halflife"), |node| values::duration_of("halflife", second, node, report)),
            min_points: Slot::read(get("min_points"), |node| values::count("min_points", 2, node, report)),
        }
    }

    /// This one laid over what earlier files say. Another `take` does away with the keys that only the one before could have.
    pub(super) fn over(self, mut earlier: Self) -> Self {
        if let Some(take) = self.take.value() {
            let [halflife, ahead, reach, min_points] = DETAILS.map(|(_, takes)| takes.contains(&take.as_str()));
            earlier.halflife.keep_if(halflife);
            earlier.ahead.keep_if(ahead);
            earlier.reach.keep_if(reach);
            earlier.min_points.keep_if(min_points);
        }
        Self {
            over: self.over.over(earlier.over),
            across: self.across.over(earlier.across),
            join: self.join.over(earlier.join),
            take: self.take.over(earlier.take),
            every: self.every.over(earlier.every),
            ahead: self.ahead.over(earlier.ahead),
            reach: self.reach.over(earlier.reach),
            halflife: self.halflife.over(earlier.halflife),
            min_points: self.min_points.over(earlier.min_points),
        }
    }

    /// How long the window is.
    pub(super) fn window(&self) -> Option<(Duration, &Place)> {
        Some((*self.over.value()?, self.over.place()?))
    }

    /// What the take is called.
    pub(super) fn take(&self) -> Option<(&str, &Place)> {
        Some((self.take.value()?, self.take.place()?))
    }

    /// The checked measure; `None` where a mistake, told here or before, leaves none.
    pub(super) fn checked(&self, report: &mut Report) -> Option<Measure> {
        let kinds = [
            ("over", self.over.is_missing(), self.over.place()),
            ("across", self.across.is_missing(), self.across.place()),
            ("join", self.join.is_missing(), self.join.place()),
        ];
        let said: Vec<_> = kinds.into_iter().filter(|(_, is_missing, _)| !is_missing).collect();
        if let [(one, ..), (other, _, place), ..] = said.as_slice() {
            report.error((*place)?, format!("`{one}` and `{other}` do not go together")).help("leave one of them out, or write two alerts");
            return None;
        }
        if !self.join.is_missing() {
            let is_good = self.is_unneeded(report);
            return self.join.checked(report).filter(|_| is_good);
        }
        let is_good = self.join.is_unneeded(report);
        match said.first() {
            None => self.is_unneeded(report).then_some(Measure::Event),
            Some(("over", ..)) => self.over_time(report),
            Some(_) => self.side_by_side(report),
        }
        .filter(|_| is_good)
    }

    fn over_time(&self, report: &mut Report) -> Option<Measure> {
        if self.take.is_missing() {
            let help = "write which number the samples make: `take: mean`";
            report.error(self.over.place()?, "`over` needs `take`").help(help);
            return None;
        }
        let take = self.named(report);
        Some(Measure::Over(Over::new(*self.over.value()?, take?, self.every.value().copied().unwrap_or(EVERY))))
    }

    fn side_by_side(&self, report: &mut Report) -> Option<Measure> {
        let place = self.across.place()?;
        if self.take.is_missing() {
            report.error(place, "`across` needs `take`").help("write which number the members make: `take: sum`");
            return None;
        }
        let take = self.named(report);
        let fields = self.across.value()?.clone();
        if fields.is_empty() {
            report.error(place, "`across` names no field").help("write what tells the members apart: `across: [host, container_name]`");
            return None;
        }
        let (name, at) = self.take()?;
        if TIMED.contains(&name) {
            let message = format!("`take: {name}` is of samples over time; it goes with `over`");
            report
                .error(at, message)
                .help("beside `across` stand mean, min, max, sum, count, median, stddev, range, distinct and percentiles");
            return None;
        }
        Some(Measure::Across(Across::new(fields, take?, self.every.value().copied().unwrap_or(EVERY))))
    }

    /// The names and queries of `join`.
    pub(super) fn inputs(&self) -> &[(String, Query)] {
        self.join.inputs()
    }

    /// Where `join` stands, which takes the place of `where`.
    pub(super) fn join_place(&self) -> Option<&Place> {
        self.join.place()
    }

    /// It has a `join`, good or not.
    pub(super) fn is_joined(&self) -> bool {
        !self.join.is_missing()
    }

    /// Without `over` and `across` none of the keys that belong to it may stand there.
    fn is_unneeded(&self, report: &mut Report) -> bool {
        let keys = [("take", self.take.place()), ("every", self.every.place())];
        let found = keys.into_iter().chain(self.details()).find_map(|(key, place)| Some((key, place?)));
        if let Some((key, place)) = found {
            let help = "write of how long: `over: 5m`, or of which events side by side: `across: [host]`";
            report.error(place, format!("`{key}` stands beside `over` or `across` only")).help(help);
        }
        found.is_none()
    }

    fn details(&self) -> [(&'static str, Option<&Place>); 4] {
        let places = [self.halflife.place(), self.ahead.place(), self.reach.place(), self.min_points.place()];
        let mut places = places.into_iter();
        DETAILS.map(|(key, _)| (key, places.next().flatten()))
    }

    fn named(&self, report: &mut Report) -> Option<Take> {
        let (name, place) = self.take()?;
        let is_known = self.has_only_its_details(name, report);
        let min_points = self.min_points.value().map_or(MIN_POINTS, |points| (*points).min(u64::from(u32::MAX)) as u32);
        let take = match name {
            "ewma" => Take::Ewma { halflife: *needed(&self.halflife, name, "halflife: 5m", place, report)? },
            "predict" => Take::Predict { ahead: *needed(&self.ahead, name, "ahead: 4h", place, report)?, min_points },
            "time_to" => Take::TimeTo { reach: *needed(&self.reach, name, "reach: 100", place, report)?, min_points },
            "mad" => Take::Mad,
            _ => plain(name, place, report)?,
        };
        is_known.then_some(take)
    }

    fn has_only_its_details(&self, take: &str, report: &mut Report) -> bool {
        let mut is_good = true;
        for ((key, place), (_, takes)) in self.details().into_iter().zip(DETAILS) {
            if let Some(place) = place.filter(|_| !takes.contains(&take)) {
                report.error(place, format!("`{key}` stands beside `take: {}` only", takes.join("` and `take: ")));
                is_good = false;
            }
        }
        is_good
    }
}

/// Every take that has a name; percentiles such as `p99` besides.
pub(super) fn takes() -> impl Iterator<Item = &'static str> {
    PLAIN.iter().map(|(name, _)| *name).chain(["mad", "ewma", "predict", "time_to"])
}

fn needed<'a, T>(slot: &'a Slot<T>, take: &str, example: &str, place: &Place, report: &mut Report) -> Option<&'a T> {
    if slot.is_missing() {
        let (key, _) = example.split_once(':').unwrap_or((example, ""));
        report.error(place, format!("`take: {take}` needs `{key}`")).help(format!("write `{example}`"));
    }
    slot.value()
}

fn plain(name: &str, place: &Place, report: &mut Report) -> Option<Take> {
    if let Some((_, take)) = PLAIN.iter().find(|(known, _)| *known == name) {
        return Some(take.clone());
    }
    let take = streams::point(name);
    if take.is_none() {
        streams::unknown_take(name, takes(), place, report);
    }
    take
}
