//! What people ask for: an input of the engine's thread, written into the journal as JSON.

use serde::{Deserialize, Serialize};

use super::silence::Wish;

/// One request; times in it are settled, so that a replay does the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A new silence.
    Silence(Wish),
    /// The silence with this id ends now.
    End {
        /// As [`super::Silence::id`].
        id: String,
    },
    /// Somebody looks after an open alert.
    Acknowledge(Acknowledge),
    /// Nobody is told of this rule's alerts until it is enabled.
    Disable(Disable),
    /// They are told again.
    Enable(Enable),
}

/// Which rule is to tell nobody any more: a silence over all of it that has no end of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disable {
    /// The rule's name.
    pub alert: String,
    /// The reason.
    #[serde(default)]
    pub why: String,
    /// Who wants it.
    #[serde(default)]
    pub author: String,
}

/// Which rule is to tell again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enable {
    /// The rule's name.
    pub alert: String,
}

/// Which instances somebody looks after.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    /// The rule's name.
    pub alert: String,
    /// Fields of its `by` and their values; every open instance that has them.
    #[serde(default)]
    pub fields: std::collections::BTreeMap<String, String>,
    /// What is being done.
    #[serde(default)]
    pub note: String,
    /// Who.
    #[serde(default)]
    pub author: String,
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The silence with this id is there.
    Silenced(String),
    /// It is over.
    Ended,
    /// So many instances were acknowledged.
    Acknowledged(usize),
}

/// Why a command did nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuietError {
    /// There is no room.
    #[error("there are {0} silences already, as many as may be; end some with `skep silence end ID`")]
    TooMany(usize),
    /// No such silence.
    #[error("there is no silence `{0}`; `skep silence list` tells which there are")]
    Unknown(String),
    /// It is not ours to end.
    #[error("the silence {0} stands in a rule file; take it out there")]
    OfFile(String),
    /// Nothing to do.
    #[error("`{0}` is disabled already; `skep enable {0}` ends that")]
    Disabled(String),
    /// Nothing to end.
    #[error("`{0}` is not disabled; `skep silence list` tells what is held back")]
    NotDisabled(String),
    /// The alert has no open instance of that kind.
    #[error("no instance of `{0}` with these fields is open; `GET /api/v1/alerts` tells which are")]
    NotOpen(String),
    /// It cannot be used; checked by whoever made the command.
    #[error("{0}")]
    Wrong(String),
}
