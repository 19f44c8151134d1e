//! An alert as it stands in one file: what is said, and where. Two of one name lie over each other.

use engine::query::Query;
use engine::rules::Expired;
use event::Duration;

use super::expect::RawExpect;
use super::measure::RawMeasure;
use super::reader::{self, Keys};
use super::report::Report;
use super::schema::{self, names};
use super::source::Place;
use super::texts::RawTexts;
use super::unless::RawUnless;
use super::yaml::{Kind, Node};
use super::{expect, services, unless, values};

/// The keys of an alert.
const KNOWN: [&str; 32] = names(&schema::ALERT);
/// The keys of a level's long form.
const OF_LEVEL: [&str; 3] = names(&schema::LEVEL);

/// What a file says of one key.
#[derive(Clone, Debug, Default)]
pub(super) enum Slot<T> {
    /// Nothing: what an earlier file says holds.
    #[default]
    Unsaid,
    /// `null`: as if no file said anything.
    Removed,
    /// Something that was told to be a mistake.
    Bad,
    Is(T, Place),
}

/// An alert as one file has it.
#[derive(Clone, Debug)]
pub(super) struct RawAlert {
    pub(super) name: String,
    /// Of its name.
    pub(super) place: Place,
    /// Lines of its file could not be read: what is missing may have stood there.
    pub(super) is_damaged: bool,
    /// `where`, or what opens it, stands there misspelt, which was told.
    pub(super) misspelt: Misspelt,
    pub(super) where_: Slot<Query>,
    pub(super) by: Slot<Vec<String>>,
    pub(super) measure: RawMeasure,
    pub(super) info: Slot<RawLevel>,
    pub(super) warn: Slot<RawLevel>,
    pub(super) crit: Slot<RawLevel>,
    pub(super) clear: Slot<Query>,
    pub(super) for_: Slot<Duration>,
    pub(super) clear_for: Slot<Duration>,
    pub(super) absent: Slot<Duration>,
    pub(super) expect: Slot<RawExpect>,
    pub(super) unless: Slot<RawUnless>,
    pub(super) expired: Slot<Expired>,
    pub(super) texts: RawTexts,
    pub(super) max_instances: Slot<u64>,
    pub(super) enabled: Slot<bool>,
    pub(super) about: Slot<String>,
    /// Notifiers, each with its place.
    pub(super) to: Slot<Vec<(String, Place)>>,
}

/// What an alert needs and has under a name that is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Misspelt {
    pub(super) where_: bool,
    /// One of `info`, `warn`, `crit`, `absent`.
    pub(super) level: bool,
}

impl Misspelt {
    fn or(self, earlier: Self) -> Self {
        Self { where_: self.where_ || earlier.where_, level: self.level || earlier.level }
    }
}

/// A level: `crit: metric > 90`, or `crit: {when: metric > 90, for: 30s}`.
#[derive(Clone, Debug)]
pub(super) struct RawLevel {
    pub(super) when: Slot<Query>,
    pub(super) clear: Slot<Query>,
    pub(super) for_: Slot<Duration>,
    /// In the long form, of which a later file may change a part.
    is_long: bool,
}

impl<T> Slot<T> {
    pub(super) fn read(node: Option<&Node>, read: impl FnOnce(&Node) -> Option<T>) -> Self {
        match node {
            None => Self::Unsaid,
            Some(node) if node.is_null() => Self::Removed,
            Some(node) => read(node).map_or(Self::Bad, |value| Self::Is(value, node.place.clone())),
        }
    }

    /// What holds when a later file is laid over an earlier one.
    pub(super) fn over(self, earlier: Self) -> Self {
        if matches!(self, Self::Unsaid) { earlier } else { self }
    }

    /// As if nothing had been said, unless it is to be kept.
    pub(super) fn keep_if(&mut self, is_kept: bool) {
        if !is_kept {
            *self = Self::Unsaid;
        }
    }

    pub(super) fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value, _) => Some(value),
            Self::Unsaid | Self::Removed | Self::Bad => None,
        }
    }

    pub(super) fn place(&self) -> Option<&Place> {
        match self {
            Self::Is(_, place) => Some(place),
            Self::Unsaid | Self::Removed | Self::Bad => None,
        }
    }

    /// Nothing is said, and no mistake stands where something should be.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Unsaid | Self::Removed)
    }
}

/// Reads one alert; `earlier` is what the files before say of it.
pub(super) fn read(name: &str, place: &Place, node: &Node, earlier: Option<&RawAlert>, report: &mut Report) -> Option<RawAlert> {
    let of = format!("alert `{name}`");
    let fields = reader::fields(node, &Keys { of: &of, known: &KNOWN, quiet: &[] }, report)?;
    let get = |key: &str| fields.get(key);
    let where_ = Slot::read(get("where"), |node| {
        let query = values::query("where", None, node, report)?;
        services::known(&query, node, report);
        Some(query)
    });
    let about_percent = where_.value().or_else(|| earlier?.where_.value()).and_then(services::in_percent);
    let percent = about_percent.as_deref();
    Some(RawAlert {
        name: name.to_owned(),
        place: place.clone(),
        is_damaged: false,
        misspelt: Misspelt {
            where_: fields.is_misspelt("where"),
            level: ["info", "warn", "crit", "absent"].into_iter().any(|key| fields.is_misspelt(key)),
        },
        by: Slot::read(get("by"), |node| by(node, report)),
        measure: RawMeasure::read(&fields, report),
        info: level("info", get("info"), percent, report),
        warn: level("warn", get("warn"), percent, report),
        crit: level("crit", get("crit"), percent, report),
        clear: Slot::read(get("clear"), |node| values::query("clear", percent, node, report)),
        for_: Slot::read(get("for"), |node| values::duration("for", node, report)),
        clear_for: Slot::read(get("clear_for"), |node| values::duration("clear_for", node, report)),
        absent: Slot::read(get("absent"), |node| values::duration_of("absent", Duration::from_secs(1), node, report)),
        expect: Slot::read(get("expect"), |node| expect::read(node, report)),
        unless: Slot::read(get("unless"), |node| unless::read(node, report)),
        expired: Slot::read(get("expired"), |node| values::choice("expired", &EXPIRED, node, report)),
        texts: RawTexts::read(&fields, report),
        max_instances: Slot::read(get("max_instances"), |node| values::count("max_instances", 1, node, report)),
        enabled: Slot::read(get("enabled"), |node| values::flag("enabled", node, report)),
        about: Slot::read(get("about"), |node| values::text("about", node, report)),
        to: Slot::read(get("to"), |node| values::named("to", node, report)),
        where_,
    })
}

const EXPIRED: [(&str, Expired); 4] =
    [("close", Expired::Close), ("hold", Expired::Hold), ("warn", Expired::Warn), ("crit", Expired::Crit)];

fn by(node: &Node, report: &mut Report) -> Option<Vec<String>> {
    let names = values::texts("by", node, report)?;
    let mut is_good = true;
    for (i, name) in names.iter().enumerate() {
        let place = match &node.kind {
            Kind::List(nodes) => nodes.get(i).map_or(&node.place, |node| &node.place),
            Kind::Null | Kind::Scalar(_) | Kind::Map(_) => &node.place,
        };
        if matches!(name.as_str(), "metric" | "time" | "ttl" | "tags") {
            let message = format!("`{name}` does not make an instance");
            report.error(place, message).help("`by` takes host, service, state, description and attributes");
            is_good = false;
        }
        if names.iter().take(i).any(|other| other == name) {
            report.error(place, format!("`{name}` stands twice in `by`"));
            is_good = false;
        }
    }
    is_good.then_some(names)
}

fn level(key: &str, node: Option<&Node>, percent: Option<&str>, report: &mut Report) -> Slot<RawLevel> {
    Slot::read(node, |node| match &node.kind {
        Kind::Map(_) if !report.sources.text(&node.place).starts_with("{{") => long_level(key, node, percent, report),
        Kind::Map(_) | Kind::List(_) | Kind::Null | Kind::Scalar(_) => {
            let when = Slot::read(Some(node), |node| values::query(key, percent, node, report));
            let is_good = when.value().is_some();
            is_good.then_some(RawLevel { when, clear: Slot::Unsaid, for_: Slot::Unsaid, is_long: false })
        }
    })
}

fn long_level(key: &str, node: &Node, percent: Option<&str>, report: &mut Report) -> Option<RawLevel> {
    let of = format!("`{key}`");
    let fields = reader::fields(node, &Keys { of: &of, known: &OF_LEVEL, quiet: &[] }, report)?;
    Some(RawLevel {
        when: match fields.get("when") {
            None if fields.is_misspelt("when") => Slot::Bad,
            node => Slot::read(node, |node| values::query("when", percent, node, report)),
        },
        clear: Slot::read(fields.get("clear"), |node| values::query("clear", percent, node, report)),
        for_: Slot::read(fields.get("for"), |node| values::duration("for", node, report)),
        is_long: true,
    })
}

impl RawAlert {
    /// This one laid over what earlier files say: maps merge, all else replaces.
    pub(super) fn over(self, earlier: Self) -> Self {
        Self {
            name: self.name,
            place: self.place,
            is_damaged: self.is_damaged || earlier.is_damaged,
            misspelt: self.misspelt.or(earlier.misspelt),
            where_: self.where_.over(earlier.where_),
            by: self.by.over(earlier.by),
            measure: self.measure.over(earlier.measure),
            info: level_over(self.info, earlier.info),
            warn: level_over(self.warn, earlier.warn),
            crit: level_over(self.crit, earlier.crit),
            clear: self.clear.over(earlier.clear),
            for_: self.for_.over(earlier.for_),
            clear_for: self.clear_for.over(earlier.clear_for),
            absent: self.absent.over(earlier.absent),
            expect: self.expect.over(earlier.expect),
            unless: self.unless.over(earlier.unless),
            expired: self.expired.over(earlier.expired),
            texts: self.texts.over(earlier.texts),
            max_instances: self.max_instances.over(earlier.max_instances),
            enabled: self.enabled.over(earlier.enabled),
            about: self.about.over(earlier.about),
            to: self.to.over(earlier.to),
        }
    }
}

fn level_over(later: Slot<RawLevel>, earlier: Slot<RawLevel>) -> Slot<RawLevel> {
    match (later, earlier) {
        (Slot::Is(later, place), Slot::Is(earlier, _)) if later.is_long => {
            let when = later.when.over(earlier.when);
            Slot::Is(RawLevel { when, clear: later.clear.over(earlier.clear), for_: later.for_.over(earlier.for_), is_long: true }, place)
        }
        (later, earlier) => later.over(earlier),
    }
}
