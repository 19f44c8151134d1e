//! The containers of this node and the names they are sampled under. State only: changes in, names out.

use std::collections::BTreeMap;

use super::{Facts, Id};

/// All containers that Docker has told of, running or not.
#[derive(Clone, Debug, Default)]
pub(super) struct Directory {
    containers: BTreeMap<Id, Facts>,
}

/// A container and the name that its samples carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    /// What Docker says about it.
    pub facts: &'a Facts,
    /// Its identity's name, or `NAME~ID4` while a newer live container has that name. No two are shown under one name.
    pub name: String,
}

impl Directory {
    /// None yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Takes a new container, or what is new about a known one.
    pub(super) fn set(&mut self, facts: Facts) {
        self.containers.insert(facts.id.clone(), facts);
    }

    /// Takes the list of all that exist; those missing from it are forgotten.
    pub(super) fn set_all(&mut self, all: impl IntoIterator<Item = Facts>) {
        self.containers = all.into_iter().map(|facts| (facts.id.clone(), facts)).collect();
    }

    /// What is known of a container.
    pub(super) fn get(&self, id: &Id) -> Option<&Facts> {
        self.containers.get(id)
    }

    /// Forgets a container.
    pub(super) fn remove(&mut self, id: &Id) {
        self.containers.remove(id);
    }

    /// A container whose process has just ended, before Docker was asked how.
    pub(super) fn died(&mut self, id: &Id, exit_code: Option<i64>) {
        let Some(facts) = self.containers.get_mut(id) else { return };
        facts.status = super::Status::Exited;
        facts.pid = None;
        facts.exit_code = exit_code.unwrap_or(facts.exit_code);
    }

    /// Who is shown, and under which name.
    ///
    /// Of the live containers of one name the newest owns it. Where none lives, the newest of the dead stands for all: a
    /// swarm keeps some of the dead of each slot.
    pub(super) fn shown(&self) -> Vec<Shown<'_>> {
        let mut by_name: BTreeMap<&str, Vec<&Facts>> = BTreeMap::new();
        for facts in self.containers.values() {
            by_name.entry(&facts.identity.name).or_default().push(facts);
        }
        let mut shown = Vec::with_capacity(self.containers.len());
        for (name, mut group) in by_name {
            group.sort_by_key(|facts| (facts.status.is_live(), facts.created, &facts.id));
            let mut newest_first = group.into_iter().rev();
            let Some(owner) = newest_first.next() else { continue };
            shown.push(Shown { facts: owner, name: name.to_owned() });
            let first = shown.len();
            for older in newest_first.filter(|facts| facts.status.is_live()) {
                let name = distinct(name, &older.id, shown.get(first..).unwrap_or_default());
                shown.push(Shown { facts: older, name });
            }
        }
        shown
    }
}

/// `NAME~ID4`; more digits only where four are not enough.
fn distinct(name: &str, id: &Id, taken: &[Shown<'_>]) -> String {
    let with = |digits| format!("{name}~{}", id.short(digits));
    (4..64).map(with).find(|name| taken.iter().all(|shown| shown.name != *name)).unwrap_or_else(|| with(64))
}

#[cfg(test)]
mod tests {
    use event::Timestamp;
    use proptest::prelude::*;

    use super::super::{Identity, Status};
    use super::*;

    /// `ID NAME STATUS CREATED`, one container a line.
    fn directory(text: &str) -> Directory {
        let mut directory = Directory::new();
        directory.set_all(text.lines().map(facts));
        directory
    }

    fn facts(line: &str) -> Facts {
        let [id, name, status, created] = line.split_ascii_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        Facts {
            id: id_of(id),
            identity: Identity { name: name.to_owned(), ..Identity::default() },
            status: if status == "running" { Status::Running } else { Status::Exited },
            created: Timestamp::from_secs(created.parse().unwrap()),
            ..Facts::default()
        }
    }

    fn id_of(start: &str) -> Id {
        Id::new(&format!("{start:0<64}")).unwrap()
    }

    #[track_caller]
    fn check(directory: &Directory, expected: &[(&str, &str)]) {
        let shown: Vec<(&str, String)> = directory.shown().into_iter().map(|shown| (shown.facts.id.short(4), shown.name)).collect();
        let expected: Vec<(&str, String)> = expected.iter().map(|(id, name)| (*id, (*name).to_owned())).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn each_container_has_its_name() {
        check(&directory("aaaa db running 1\nbbbb web.1 running 2"), &[("aaaa", "db"), ("bbbb", "web.1")]);
    }

    #[test]
    fn the_newest_of_two_live_ones_owns_the_name() {
        check(&directory("cccc web.1 running 1\nbbbb web.1 running 2"), &[("bbbb", "web.1"), ("cccc", "web.1~cccc")]);
    }

    #[test]
    fn when_the_older_dies_it_is_no_longer_shown() {
        let mut directory = directory("cccc web.1 running 1\nbbbb web.1 running 2");
        directory.died(&id_of("cccc"), Some(143));
        check(&directory, &[("bbbb", "web.1")]);
        assert_eq!(directory.containers[&id_of("cccc")].exit_code, 143);
    }

    #[test]
    fn when_the_newest_dies_the_older_owns_the_name_again() {
        let mut directory = directory("cccc web.1 running 1\nbbbb web.1 running 2");
        directory.died(&id_of("bbbb"), Some(1));
        check(&directory, &[("cccc", "web.1")]);
    }

    #[test]
    fn of_the_dead_only_the_newest_is_shown() {
        check(&directory("aaaa web.1 exited 1\nbbbb web.1 exited 3\ncccc web.1 exited 2"), &[("bbbb", "web.1")]);
    }

    #[test]
    fn a_removed_container_is_forgotten() {
        let mut directory = directory("aaaa db running 1");
        directory.remove(&id_of("aaaa"));
        check(&directory, &[]);
    }

    #[test]
    fn a_renamed_container_has_its_new_name() {
        let mut directory = directory("aaaa db running 1");
        directory.set(facts("aaaa database running 1"));
        check(&directory, &[("aaaa", "database")]);
    }

    #[test]
    fn ids_that_begin_alike_are_told_apart() {
        check(
            &directory("cccc1 web running 1\ncccc2 web running 2\ndddd web running 3"),
            &[("dddd", "web"), ("cccc", "web~cccc"), ("cccc", "web~cccc1")],
        );
    }

    proptest! {
        #[test]
        fn no_two_containers_are_shown_under_one_name(all in prop::collection::vec(("[ab]{5,6}", "[xy]", any::<bool>(), 0..3i64), 0..12)) {
            let mut directory = Directory::new();
            for (id, name, live, created) in all {
                directory.set(facts(&format!("{id} {name} {} {created}", if live { "running" } else { "exited" })));
            }
            let shown = directory.shown();
            let mut names: Vec<&str> = shown.iter().map(|shown| shown.name.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), shown.len());
            let n_live = directory.containers.values().filter(|facts| facts.status.is_live()).count();
            prop_assert_eq!(shown.iter().filter(|shown| shown.facts.status.is_live()).count(), n_live);
        }
    }
}
