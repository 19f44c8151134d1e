//! What only some series have: a description, or a state that is none of the few words.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::words::{Word, Words};

/// Texts of one series' last event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detail {
    pub(crate) description: Option<String>,
    pub(crate) state: Option<String>,
}

/// Texts by series. Never iterated: the order would not be the same in another process.
pub(crate) type Details = HashMap<u32, Detail, RandomState>;

/// Where a state was put.
pub(crate) fn keep_state(words: &mut Words, state: Option<&[u8]>) -> (Word, Option<String>) {
    let Some(state) = state else { return (Word::default(), None) };
    let state = String::from_utf8_lossy(state);
    match words.take(&state) {
        Some(word) => (word, None),
        None => (Word::default(), Some(state.into_owned())),
    }
}
