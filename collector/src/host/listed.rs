//! What a file lists each turn in nearly the same order: found again without a search, forgotten when it is gone.

/// Devices, interfaces: a name and what is kept for it.
#[derive(Debug)]
pub(super) struct Listed<T> {
    entries: Vec<Entry<T>>,
    /// Where the next name of this turn is expected.
    next: usize,
    n_seen: usize,
    turn: u64,
}

#[derive(Debug)]
struct Entry<T> {
    name: Vec<u8>,
    kept: T,
    turn: u64,
}

impl<T> Listed<T> {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), next: 0, n_seen: 0, turn: 0 }
    }

    /// Begins a turn.
    pub(super) fn begin(&mut self) {
        (self.next, self.n_seen) = (0, 0);
        self.turn += 1;
    }

    /// What is kept for a name; made when it is new. `None` for one that was asked for in this turn already: samples of one
    /// turn are unique.
    pub(super) fn entry(&mut self, name: &[u8], make: impl FnOnce(&str) -> T) -> Option<&mut T> {
        let expected = self.entries.get(self.next).is_some_and(|entry| entry.name == name);
        let found = if expected { Some(self.next) } else { self.entries.iter().position(|entry| entry.name == name) };
        let at = found.unwrap_or_else(|| {
            let kept = make(&String::from_utf8_lossy(name));
            self.entries.push(Entry { name: name.to_owned(), kept, turn: 0 });
            self.entries.len() - 1
        });
        self.next = at + 1;
        let entry = self.entries.get_mut(at)?;
        if entry.turn == self.turn {
            return None;
        }
        entry.turn = self.turn;
        self.n_seen += 1;
        Some(&mut entry.kept)
    }

    /// Ends the turn: forgets what was not listed.
    pub(super) fn end(&mut self) {
        if self.n_seen < self.entries.len() {
            self.entries.retain(|entry| entry.turn == self.turn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts how often each name has been listed without a break.
    fn turn(listed: &mut Listed<u32>, names: &str) -> String {
        listed.begin();
        let mut seen = Vec::new();
        for name in names.split_whitespace() {
            if let Some(count) = listed.entry(name.as_bytes(), |_| 0) {
                *count += 1;
                seen.push(format!("{name}:{count}"));
            }
        }
        listed.end();
        seen.join(" ")
    }

    #[test]
    fn what_is_kept_stays_with_its_name_in_whatever_order() {
        let mut listed = Listed::new();
        assert_eq!(turn(&mut listed, "lo eth0 eth1"), "lo:1 eth0:1 eth1:1");
        assert_eq!(turn(&mut listed, "lo eth0 eth1"), "lo:2 eth0:2 eth1:2");
        assert_eq!(turn(&mut listed, "eth1 veth7 lo eth0"), "eth1:3 veth7:1 lo:3 eth0:3");
    }

    #[test]
    fn what_is_gone_is_forgotten() {
        let mut listed = Listed::new();
        turn(&mut listed, "lo eth0");
        assert_eq!(turn(&mut listed, "lo"), "lo:2");
        assert_eq!(turn(&mut listed, "lo eth0"), "lo:3 eth0:1");
    }

    #[test]
    fn a_name_counts_once_a_turn() {
        assert_eq!(turn(&mut Listed::new(), "eth0 eth0"), "eth0:1");
    }
}
