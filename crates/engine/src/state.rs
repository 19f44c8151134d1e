//! The states of an alert instance.

use std::fmt;

/// How bad it is. Ordered: a higher one counts before a lower one; [`State::Expired`] counts as [`State::Ok`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Its events stopped, or its rule is gone.
    Expired,
    /// Nothing holds.
    #[default]
    Ok,
    /// `info` holds.
    Info,
    /// `warn` holds.
    Warning,
    /// `crit` holds, or `absent`.
    Critical,
}

impl State {
    /// As it stands in the `state` of the alert's event.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Ok => "ok",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    /// As it stands in the field `level` of a point: 0 ok and expired, 1 info, 2 warning, 3 critical.
    pub const fn level(self) -> u8 {
        match self {
            Self::Expired | Self::Ok => 0,
            Self::Info => 1,
            Self::Warning => 2,
            Self::Critical => 3,
        }
    }

    /// Whether an instance in this state is open.
    pub const fn is_open(self) -> bool {
        self.level() > 0
    }

    /// From [`State::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Expired, Self::Ok, Self::Info, Self::Warning, Self::Critical].into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
