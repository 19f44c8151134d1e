//! Walks a tree: which keys a map has, and which it should not have.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::report::Report;
use super::source::Place;
use super::yaml::{Kind, Node};

/// The keys that a map may have.
pub(super) struct Keys<'a> {
    /// What the map is, for messages: "alert `cpu-high`".
    pub(super) of: &'a str,
    /// Those that mean something.
    pub(super) known: &'a [&'a str],
    /// Those that mean something and are not recommended.
    pub(super) quiet: &'a [&'a str],
}

/// The entries of a map that are known, each once.
pub(super) struct Fields<'n> {
    entries: Vec<(&'n str, &'n Node, &'n Node)>,
    /// The keys that unknown ones were probably meant to be.
    misspelt: Vec<String>,
}

impl<'n> Fields<'n> {
    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(found, ..)| *found == key).map(|(.., value)| *value)
    }

    /// Whether an unknown key was told that was probably meant to be this one: that it is missing needs no telling then.
    pub(super) fn is_misspelt(&self, key: &str) -> bool {
        self.misspelt.iter().any(|misspelt| misspelt == key)
    }

    /// Name, place and value of every key, in the order of the file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, &'n Place, &'n Node)> {
        self.entries.iter().map(|(name, key, value)| (*name, &key.place, *value))
    }
}

/// The entries of a map that has a fixed set of keys; nothing at all is an empty map.
pub(super) fn fields<'n>(node: &'n Node, keys: &Keys<'_>, report: &mut Report) -> Option<Fields<'n>> {
    let read = entries(node, keys.of, |_, second, first, report: &mut Report| twice(keys.of, second, first, report), report);
    let Some(mut all) = read else {
        if let Some(problem) = report.last_mut() {
            problem.help(list_of(keys));
        }
        return None;
    };
    let mut misspelt = Vec::new();
    all.entries.retain(|(name, key, _)| {
        if keys.known.contains(name) || keys.quiet.contains(name) {
            return true;
        }
        misspelt.extend(unknown(name, &key.place, keys, report).map(str::to_owned));
        false
    });
    all.misspelt = misspelt;
    Some(all)
}

/// The entries of a map whose keys are names that the user gives; `twice` tells of a name that stands there twice.
pub(super) fn entries<'n>(
    node: &'n Node,
    of: &str,
    mut twice: impl FnMut(&str, &Place, &Place, &mut Report),
    report: &mut Report,
) -> Option<Fields<'n>> {
    let mut fields = Fields { entries: Vec::new(), misspelt: Vec::new() };
    let map = match &node.kind {
        Kind::Null => return Some(fields),
        Kind::Map(map) => map,
        Kind::Scalar(_) | Kind::List(_) => {
            report.error(&node.place, format!("{of} takes keys and values, not {}", describe(node)));
            return None;
        }
    };
    let mut firsts: HashMap<&str, &Place> = HashMap::new();
    for (key, value) in map {
        let Some(name) = key.scalar() else {
            report.error(&key.place, format!("a key is a text, not {}", describe(key)));
            continue;
        };
        match firsts.entry(name) {
            Entry::Occupied(first) => twice(name, &key.place, first.get(), report),
            Entry::Vacant(place) => {
                place.insert(&key.place);
                fields.entries.push((name, key, value));
            }
        }
    }
    Some(fields)
}

fn twice(of: &str, second: &Place, first: &Place, report: &mut Report) {
    let name = report.sources.text(second).to_owned();
    let (line, _) = report.sources.line_and_column(first);
    let message = format!("key `{name}` stands twice in {of}; first at {}:{line}", report.sources.file(first));
    report.error(second, message).second(first, "first here");
}

/// Tells of a key that is not known; gives the one that was probably meant.
fn unknown<'k>(name: &str, place: &Place, keys: &Keys<'k>, report: &mut Report) -> Option<&'k str> {
    let message = format!("unknown key `{name}` in {}", keys.of);
    let nearest = catalogue::nearest(name, keys.known.iter().copied());
    match nearest {
        Some(nearest) => report.error(place, format!("{message}; did you mean `{nearest}`?")),
        None => report.error(place, message).help(list_of(keys)),
    };
    nearest
}

fn list_of(keys: &Keys<'_>) -> String {
    format!("{} has {}", keys.of, keys.known.join(", "))
}

/// What a node is, for "takes a text, not …".
pub(super) fn describe(node: &Node) -> String {
    match &node.kind {
        Kind::Null => "nothing".to_owned(),
        Kind::Scalar(scalar) => format!("`{}`", shorten(&scalar.text)),
        Kind::List(_) => "a list".to_owned(),
        Kind::Map(_) => "a map".to_owned(),
    }
}

/// For what may be long.
fn shorten(text: &str) -> String {
    const MAX: usize = 40;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MAX { line } else { line.chars().take(MAX).chain(['…']).collect() }
}
