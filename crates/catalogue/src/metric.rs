//! One row of the catalogue, and the words it is written with.

/// A metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// InfluxDB's measurement, the first part of the service.
    pub measurement: &'static str,
    /// InfluxDB's field, the last part of the service.
    pub field: &'static str,
    /// What one of it is.
    pub unit: Unit,
    /// How it moves.
    pub kind: Kind,
    /// A floating number; else a whole one, or a text. It never changes: a database keeps one type for a field.
    pub is_float: bool,
    /// Attributes that its samples may carry besides `host`; they are tags in InfluxDB. In the order in which they are sent.
    pub attributes: &'static [&'static str],
    /// How often there is one.
    pub pace: Pace,
    /// One sentence.
    pub about: &'static str,
    /// What must be there for it: a kernel's version, a controller, a setting. Without it the metric is absent, never 0.
    pub needs: Option<&'static str>,
}

/// What one of a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 0 to 100; more where the sentence says so.
    Percent,
    /// Bytes.
    Bytes,
    /// Things that are counted.
    Number,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
    /// Seconds since the Unix epoch.
    UnixSeconds,
    /// Nanoseconds since the Unix epoch.
    UnixNanoseconds,
    /// 0 for no, 1 for yes.
    Flag,
    /// No number: a text.
    Text,
}

impl Unit {
    /// As `skep catalogue` prints it and the pages read it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Percent => "percent",
            Self::Bytes => "bytes",
            Self::Number => "number",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::Microseconds => "us",
            Self::Nanoseconds => "ns",
            Self::UnixSeconds => "unix_s",
            Self::UnixNanoseconds => "unix_ns",
            Self::Flag => "flag",
            Self::Text => "text",
        }
    }
}

/// How a metric moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Up and down.
    Gauge,
    /// Only up, from the start of what it counts; back to 0 when that starts anew.
    Counter,
    /// A text. It travels as the `state` of a sample without metric, and is a string field in InfluxDB.
    Text,
    /// Something that happened: an event with metric 1.
    Event,
}

impl Kind {
    /// As `skep catalogue` prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Text => "text",
            Self::Event => "event",
        }
    }
}

/// How often a metric is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Every turn of the collector.
    Turn,
    /// Every so many seconds, rounded up to whole turns.
    Seconds(u32),
    /// When it happens.
    Event,
}

/// What the metrics of one group have in common.
#[derive(Clone, Copy)]
pub(crate) struct Group {
    pub(crate) measurement: &'static str,
    pub(crate) attributes: &'static [&'static str],
    pub(crate) pace: Pace,
}

impl Group {
    /// Sampled every turn.
    pub(crate) const fn of(measurement: &'static str, attributes: &'static [&'static str]) -> Self {
        Self { measurement, attributes, pace: Pace::Turn }
    }

    const fn row(self, field: &'static str, unit: Unit, kind: Kind, about: &'static str) -> Metric {
        let Self { measurement, attributes, pace } = self;
        Metric { measurement, field, unit, kind, is_float: false, attributes, pace, about, needs: None }
    }

    /// A floating percentage.
    pub(crate) const fn percent(self, field: &'static str, about: &'static str) -> Metric {
        self.row(field, Unit::Percent, Kind::Gauge, about).float()
    }

    /// A whole number that goes up and down.
    pub(crate) const fn gauge(self, field: &'static str, unit: Unit, about: &'static str) -> Metric {
        self.row(field, unit, Kind::Gauge, about)
    }

    /// A whole number that only grows.
    pub(crate) const fn counter(self, field: &'static str, unit: Unit, about: &'static str) -> Metric {
        self.row(field, unit, Kind::Counter, about)
    }

    /// A text.
    pub(crate) const fn text(self, field: &'static str, about: &'static str) -> Metric {
        self.row(field, Unit::Text, Kind::Text, about)
    }

    /// Something that happened.
    pub(crate) const fn event(self, field: &'static str, about: &'static str) -> Metric {
        self.row(field, Unit::Number, Kind::Event, about)
    }
}

impl Metric {
    /// The same with a fraction.
    pub(crate) const fn float(self) -> Self {
        Self { is_float: true, ..self }
    }

    /// The same, at another pace than its group.
    pub(crate) const fn pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// The same, only where something is given.
    pub(crate) const fn needs(self, needs: &'static str) -> Self {
        Self { needs: Some(needs), ..self }
    }
}
