//! Who is told of which alerts, and which silences hold that back, as a rule set says: for what a reload changes in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::rules::Changes;

use crate::notify;
use crate::quiet::Wish;
use crate::run::Plans;

/// What of a rule set the engine does not know.
#[derive(Clone, Debug, Default)]
pub struct Telling {
    notify: Arc<notify::Plan>,
    silences: Vec<Wish>,
}

impl Telling {
    /// Of what was read.
    pub fn of(plans: &Plans) -> Self {
        Self { notify: Arc::clone(&plans.notify), silences: plans.silences.iter().map(|silence| silence.wish.clone()).collect() }
    }

    /// Adds what `after` has otherwise: notifiers, alerts that go to others, silences.
    pub(super) fn compare(&self, after: &Self, changes: &mut Changes) {
        self.routes(after, changes);
        let named = |telling: &Self| -> BTreeMap<String, notify::Notifier> {
            telling.notify.notifiers.iter().map(|notifier| (format!("notifier {}", notifier.name), notifier.clone())).collect()
        };
        list(named(self), named(after), changes);
        let queries = |telling: &Self| -> BTreeMap<String, Vec<Wish>> {
            let mut queries: BTreeMap<String, Vec<Wish>> = BTreeMap::new();
            for wish in &telling.silences {
                queries.entry(format!("silence {}", wish.where_)).or_default().push(wish.clone());
            }
            queries
        };
        list(queries(self), queries(after), changes);
    }

    /// Alerts that both know and that go to others now, of the notifiers that both have: a new one that takes all is told by its own name.
    fn routes(&self, after: &Self, changes: &mut Changes) {
        let told = |changes: &Changes| -> BTreeSet<String> {
            [&changes.added, &changes.changed, &changes.removed].into_iter().flatten().cloned().collect()
        };
        let told = told(changes);
        let names: BTreeSet<&String> = self.notify.routes.keys().chain(after.notify.routes.keys()).collect();
        let has = |telling: &Self, name: &str| telling.notify.notifiers.iter().any(|notifier| notifier.name == name);
        let both = |names: Vec<String>| -> Vec<String> { names.into_iter().filter(|name| has(self, name) && has(after, name)).collect() };
        let is_own = |name: &str| engine::rules::OWN.iter().any(|(own, _)| *own == name);
        let moved = |name: &&&String| {
            both(self.notify.told_of(name)) != both(after.notify.told_of(name)) && !told.contains(**name) && !is_own(name)
        };
        changes.changed.extend(names.iter().filter(moved).map(|name| (*name).clone()));
    }
}

/// Adds the names that only one has, and those that stand for something else.
fn list<T: PartialEq>(before: BTreeMap<String, T>, after: BTreeMap<String, T>, changes: &mut Changes) {
    for (name, one) in &after {
        match before.get(name) {
            None => changes.added.push(name.clone()),
            Some(then) if then != one => changes.changed.push(name.clone()),
            Some(_) => {}
        }
    }
    changes.removed.extend(before.into_keys().filter(|name| !after.contains_key(name)));
}
