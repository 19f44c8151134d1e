//! The files that were read, and places in them.

use std::ops::Range;
use std::sync::Arc;

/// Files by number; a [`Place`] holds the number.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A file: its name as the user gave it, and its text.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: Arc<str>,
}

/// Bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub(super) file: usize,
    pub(super) span: Range<usize>,
}

impl Place {
    /// From the beginning of this to the end of another in the same file.
    pub(super) fn until(&self, end: &Self) -> Self {
        Self { file: self.file, span: self.span.start..end.span.end.max(self.span.end) }
    }
}

impl Sources {
    /// Takes a file in and gives its number.
    pub(super) fn add(&mut self, name: &str, text: &str) -> usize {
        self.files.push(Source { name: name.to_owned(), text: text.into() });
        self.files.len() - 1
    }

    /// Names and texts, in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|source| (source.name.as_str(), source.text.as_ref()))
    }

    /// The whole lines that a place begins and ends on, without what all of them are indented by.
    pub(super) fn lines(&self, place: &Place) -> String {
        let text = self.get(place.file).map_or("", |source| &source.text);
        let start = text.get(..place.span.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let rest = text.get(place.span.end..).unwrap_or_default();
        let end = place.span.end + rest.find('\n').unwrap_or(rest.len());
        let lines = || text.get(start..end).unwrap_or_default().trim_end().lines();
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        let common = lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or_default();
        lines().map(|line| line.get(common..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn get(&self, file: usize) -> Option<&Source> {
        self.files.get(file)
    }

    /// The text at a place; empty for a place that is in no file.
    pub(super) fn text(&self, place: &Place) -> &str {
        self.get(place.file).and_then(|source| source.text.get(place.span.clone())).unwrap_or_default()
    }

    /// The name of the file that holds the place.
    pub fn file(&self, place: &Place) -> &str {
        self.get(place.file).map_or("", |source| &source.name)
    }

    /// Line and column of where a place begins, from 1, in characters.
    pub fn line_and_column(&self, place: &Place) -> (usize, usize) {
        let before = self.get(place.file).and_then(|source| source.text.get(..place.span.start)).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        (before.matches('\n').count() + 1, column + 1)
    }
}
