//! A section of the settings file: each key read into the value it sets, defaults left alone.

use std::path::PathBuf;

use super::reader::{self, Fields, Keys};
use super::report::Report;
use super::values;
use super::yaml::Node;

/// A section being read.
pub(super) struct Section<'n, 'r> {
    fields: Fields<'n>,
    pub(super) report: &'r mut Report,
}

impl<'n, 'r> Section<'n, 'r> {
    /// Tells of keys that it should not have; `None` when it is no map.
    pub(super) fn open(node: &'n Node, of: &str, known: &[&str], quiet: &[&str], report: &'r mut Report) -> Option<Self> {
        let fields = reader::fields(node, &Keys { of, known, quiet }, report)?;
        Some(Self { fields, report })
    }

    /// Neither the key is there nor one that was told to be it misspelt.
    pub(super) fn lacks(&self, key: &str) -> bool {
        self.node(key).is_none() && !self.fields.is_misspelt(key)
    }

    /// The value of a key that is there and not null.
    pub(super) fn node(&self, key: &str) -> Option<&'n Node> {
        self.fields.get(key).filter(|node| !node.is_null())
    }

    /// Reads a key's value; nothing when it is not there, or a mistake that is told.
    pub(super) fn read<T>(&mut self, key: &str, read: impl FnOnce(&str, &Node, &mut Report) -> Option<T>) -> Option<T> {
        read(key, self.node(key)?, self.report)
    }

    /// Sets what the key sets.
    pub(super) fn set<T>(&mut self, into: &mut T, key: &str, read: impl FnOnce(&str, &Node, &mut Report) -> Option<T>) {
        if let Some(value) = self.read(key, read) {
            *into = value;
        }
    }

    /// Sets what may also be absent.
    pub(super) fn set_some<T>(&mut self, into: &mut Option<T>, key: &str, read: impl FnOnce(&str, &Node, &mut Report) -> Option<T>) {
        if let Some(value) = self.read(key, read) {
            *into = Some(value);
        }
    }

    /// Sets what `off` turns off and `on` leaves at its default.
    pub(super) fn set_or_off<T: Default>(
        &mut self,
        into: &mut Option<T>,
        key: &str,
        read: impl FnOnce(&str, &Node, &mut Report) -> Option<T>,
    ) {
        let Some(node) = self.node(key) else { return };
        match node.scalar() {
            Some("off" | "false") => *into = None,
            Some("on" | "true") => *into = Some(T::default()),
            _ => self.set_some(into, key, read),
        }
    }
}

/// A path.
pub(super) fn path(key: &str, node: &Node, report: &mut Report) -> Option<PathBuf> {
    values::filled(key, node, report).map(PathBuf::from)
}

/// One path or a list of them.
pub(super) fn paths(key: &str, node: &Node, report: &mut Report) -> Option<Vec<PathBuf>> {
    one_or_more(key, node, report).map(|texts| texts.into_iter().map(PathBuf::from).collect())
}

/// One text or a list of them.
pub(super) fn one_or_more(key: &str, node: &Node, report: &mut Report) -> Option<Vec<String>> {
    match node.scalar() {
        Some(_) => values::filled(key, node, report).map(|one| vec![one]),
        None => values::texts(key, node, report),
    }
}
