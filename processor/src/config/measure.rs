//! Where an alert's number comes from, as its keys say: `over`, `take` and what belongs to them.

use engine::rules::{Measure, Over};
use engine::streams::{Fold, Take};
use event::Duration;

use super::alert::Slot;
use super::reader::Fields;
use super::report::Report;
use super::source::Place;
use super::{streams, values};

/// How often a window is looked at, where the file says nothing.
const EVERY: Duration = Duration::from_secs(10);

/// Of fewer samples a line says nothing, where the file says nothing.
const MIN_POINTS: u64 = 10;

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

/// The keys that only some takes need, and which.
const DETAILS: [(&str, &[&str]); 4] =
    [("ahead", &["predict"]), ("reach", &["time_to"]), ("halflife", &["ewma"]), ("min_points", &["predict", "time_to"])];

/// What a file says of it.
#[derive(Clone, Debug, Default)]
pub(super) struct RawMeasure {
    over: Slot<Duration>,
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
            take: Slot::read(get("take"), |node| values::filled("take", node, report)),
            every: Slot::read(get("every"), |node| values::duration_of("every", second, node, report)),
            ahead: Slot::read(get("ahead"), |node| values::duration("ahead", node, report)),
            reach: Slot::read(get("reach"), |node| streams::number("reach", node, report)),
            halflife: Slot::read(get("halflife"), |node| values::duration_of("halflife", second, node, report)),
            min_points: Slot::read(get("min_points"), |node| values::count("min_points", 2, node, report)),
        }
    }

    /// This one laid over what earlier files say.
    pub(super) fn over(self, earlier: Self) -> Self {
        Self {
            over: self.over.over(earlier.over),
            take: self.take.over(earlier.take),
            every: self.every.over(earlier.every),
            ahead: self.ahead.over(earlier.ahead),
            reach: self.reach.over(earlier.reach),
            halflife: self.halflife.over(earlier.halflife),
            min_points: self.min_points.over(earlier.min_points),
        }
    }

    /// What the take is called.
    pub(super) fn take(&self) -> Option<(&str, &Place)> {
        Some((self.take.value()?, self.take.place()?))
    }

    /// The checked measure; `None` where a mistake, told here or before, leaves none.
    pub(super) fn checked(&self, report: &mut Report) -> Option<Measure> {
        if self.over.is_missing() {
            return self.is_unneeded(report).then_some(Measure::Event);
        }
        if self.take.is_missing() {
            let help = "write which number the samples make: `take: mean`";
            report.error(self.over.place()?, "`over` needs `take`").help(help);
            return None;
        }
        let take = self.named(report);
        Some(Measure::Over(Over::new(*self.over.value()?, take?, self.every.value().copied().unwrap_or(EVERY))))
    }

    /// Without `over` none of the keys that belong to it may stand there.
    fn is_unneeded(&self, report: &mut Report) -> bool {
        let keys = [("take", self.take.place()), ("every", self.every.place())];
        let found = keys.into_iter().chain(self.details()).find_map(|(key, place)| Some((key, place?)));
        if let Some((key, place)) = found {
            report.error(place, format!("`{key}` stands beside `over` only")).help("write of how long: `over: 5m`");
        }
        found.is_none()
    }

    fn details(&self) -> [(&'static str, Option<&Place>); 4] {
        let places = [self.ahead.place(), self.reach.place(), self.halflife.place(), self.min_points.place()];
        let mut places = places.into_iter();
        DETAILS.map(|(key, _)| (key, places.next().flatten()))
    }

    fn named(&self, report: &mut Report) -> Option<Take> {
        let (name, place) = self.take()?;
        let is_known = self.has_only_its_details(name, report);
        let min_points = self.min_points.value().copied().unwrap_or(MIN_POINTS).min(u64::from(u32::MAX)) as u32;
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
    let point = name.strip_prefix('p').and_then(|percent| percent.parse::<f64>().ok());
    if let Some(percent) = point.filter(|percent| (0.0..=100.0).contains(percent)) {
        return Some(Take::Point(percent / 100.0));
    }
    let names: Vec<&str> = PLAIN.iter().map(|(name, _)| *name).chain(["mad", "ewma", "predict", "time_to"]).collect();
    let help = match catalogue::nearest(name, names.iter().copied()) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it takes {}, or a percentile such as p99", names.join(", ")),
    };
    report.error(place, format!("`take` knows no `{name}`")).help(help);
    None
}
