//! Which rules can still match a series: decided once per series, shared by all series that have the same.

use std::collections::HashMap;

use event::Labels;

use crate::query::Residue;
use crate::rules::Plan;
use crate::table::Slab;

/// Not looked up yet.
pub(crate) const UNRESOLVED: u32 = 0;
/// No rule can match: such a series costs neither time nor memory.
pub(crate) const NONE: u32 = 1;
/// The first id of [`LiveRules::lives`].
const FIRST: u32 = 2;

/// A rule that can match events of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LiveRule {
    /// Of the plan: a rule's or a stream's.
    pub(crate) rule: u32,
    /// What is left to ask.
    residue: u32,
}

/// Where an event's alert instance was found last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memo {
    pub(crate) instance: u32,
    /// Of the instance; another one in its place means that it is gone.
    pub(crate) serial: u32,
}

impl Memo {
    /// Not found yet.
    pub(crate) const UNKNOWN: Self = Self { instance: u32::MAX, serial: 0 };
}

/// The rules of one series.
#[derive(Debug)]
struct Live {
    list: u32,
    memos: Box<[Memo]>,
}

/// The lists of rules, and which series has which.
#[derive(Debug, Default)]
pub(crate) struct LiveRules {
    lists: Vec<Vec<LiveRule>>,
    /// Looked up only.
    by_content: HashMap<Vec<LiveRule>, u32>,
    residues: Vec<Residue>,
    /// Looked up only.
    by_residue: HashMap<Residue, u32>,
    lives: Slab<Live>,
    candidates: Vec<u32>,
    found: Vec<LiveRule>,
}

impl LiveRules {
    /// What to remember with a series of this host, service and labels; an absent host or service is empty.
    pub(crate) fn resolve(&mut self, plan: &Plan, host: &str, service: &str, labels: Labels<'_>) -> u32 {
        let mut candidates = std::mem::take(&mut self.candidates);
        plan.candidates(host, service, &mut candidates);
        self.found.clear();
        for &index in &candidates {
            let Some(where_) = plan.where_of(index) else { continue };
            let residue = where_.residue(filled(host), filled(service), labels);
            if residue != Residue::Never {
                let residue = self.intern_residue(residue);
                self.found.push(LiveRule { rule: index, residue });
            }
        }
        self.candidates = candidates;
        self.intern_found()
    }

    fn intern_residue(&mut self, residue: Residue) -> u32 {
        if let Some(&known) = self.by_residue.get(&residue) {
            return known;
        }
        let id = self.residues.len() as u32;
        self.residues.push(residue.clone());
        self.by_residue.insert(residue, id);
        id
    }

    fn intern_found(&mut self) -> u32 {
        if self.found.is_empty() {
            return NONE;
        }
        let list = match self.by_content.get(&self.found) {
            Some(&list) => list,
            None => {
                let list = self.lists.len() as u32;
                self.lists.push(self.found.clone());
                self.by_content.insert(self.found.clone(), list);
                list
            }
        };
        let memos = vec![Memo::UNKNOWN; self.found.len()].into_boxed_slice();
        self.lives.insert(Live { list, memos }) + FIRST
    }

    /// The series is gone.
    pub(crate) fn give_back(&mut self, live: u32) {
        if let Some(id) = live.checked_sub(FIRST) {
            self.lives.remove(id);
        }
    }

    /// The rules of a series, each with what is left to ask and where its instance was last time.
    #[inline]
    pub(crate) fn rules(&mut self, live: u32) -> impl Iterator<Item = (u32, &Residue, &mut Memo)> {
        let residues = &self.residues;
        let live = live.checked_sub(FIRST).and_then(|id| self.lives.get_mut(id));
        let (list, memos) = match live {
            Some(live) => (self.lists.get(live.list as usize), &mut live.memos[..]),
            None => (None, &mut [][..]),
        };
        list.into_iter().flatten().zip(memos).filter_map(|(live, memo)| {
            let residue = residues.get(live.residue as usize)?;
            Some((live.rule, residue, memo))
        })
    }
}

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;
    use crate::rules::{Alert, Settings};

    #[test]
    fn series_with_the_same_rules_share_a_list_and_those_without_have_none() {
        let rules = ["service = \"cpu\" and metric > 1", "host = \"n1\"", "service = \"mem\""];
        let alerts = rules.iter().enumerate().map(|(at, text)| Alert::new(at.to_string(), Query::parse(text).unwrap()));
        let plan = Plan::new(alerts.collect(), Settings::default());
        let mut live = LiveRules::default();
        let mut resolve = |host, service| live.resolve(&plan, host, service, Labels::default());
        let series = [resolve("n2", "cpu"), resolve("n3", "cpu"), resolve("n1", "cpu"), resolve("n2", "disk")];
        assert_eq!(series.map(|id| live.rules(id).map(|(rule, ..)| rule).collect::<Vec<_>>()), [vec![0], vec![0], vec![0, 1], vec![]]);
        assert_eq!((series[3], live.lists.len(), live.residues.len()), (NONE, 2, 2));
    }
}
