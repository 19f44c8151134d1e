//! The few words that states are made of, kept once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

/// Words that are kept. States are a handful; who sends ever new ones has them kept with each series instead.
const MAX_WORDS: usize = 1024;

/// A word of [`Words`]; zero is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) u32);

/// Words by number.
#[derive(Debug, Default)]
pub(crate) struct Words {
    words: Vec<Box<str>>,
    by_text: HashTable<u32>,
    hasher: RandomState,
}

impl Words {
    #[inline]
    pub(crate) fn get(&self, word: Word) -> Option<&str> {
        self.words.get((word.0 as usize).checked_sub(1)?).map(|text| &**text)
    }

    /// The word's number; `None` when it is new and there are too many.
    pub(crate) fn take(&mut self, text: &str) -> Option<Word> {
        let hash = self.hasher.hash_one(text);
        let words = &mut self.words;
        if let Some(&at) = self.by_text.find(hash, |&at| words.get(at as usize).is_some_and(|word| &**word == text)) {
            return Some(Word(at + 1));
        }
        if words.len() >= MAX_WORDS {
            return None;
        }
        let at = words.len() as u32;
        words.push(text.into());
        let hasher = &self.hasher;
        self.by_text.insert_unique(hash, at, |&at| hasher.hash_one(words.get(at as usize).map_or("", |word| &**word)));
        Some(Word(at + 1))
    }
}
