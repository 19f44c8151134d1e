//! Kills for want of memory that the kernel counts and Docker does not tell of: dockerd 20.10 on control groups of version 2
//! tells of none.

/// For so many turns after one was told in Docker's place, Docker's own word about it may still come.
const LATE_FOR: u8 = 30;

/// What is known of one container's kills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ooms {
    /// What the kernel had counted in the last turn.
    counted: Option<u64>,
    /// Docker has told of one since then.
    is_told: bool,
    /// The count has risen, and Docker has told of none yet.
    is_untold: bool,
    /// Turns left in which Docker's word is about one that was told in its place.
    late: u8,
}

impl Ooms {
    /// Docker tells of one. Says whether that is news.
    pub(super) fn told(&mut self) -> bool {
        let is_known = std::mem::take(&mut self.late) > 0;
        self.is_told = true;
        self.is_untold = false;
        !is_known
    }

    /// The kernel's count in a turn. Says whether one is to be told in Docker's place, which had a turn's time for it.
    pub(super) fn counted(&mut self, kills: u64) -> bool {
        let is_due = std::mem::take(&mut self.is_untold);
        self.late = self.late.saturating_sub(1);
        let is_told = std::mem::take(&mut self.is_told);
        let has_risen = self.counted.replace(kills).is_some_and(|before| kills > before);
        self.is_untold = has_risen && !is_told;
        self.tell(is_due)
    }

    /// The kernel's count when the container's process had ended; Docker would have told before it tells of that.
    pub(super) fn ended(&mut self, kills: u64) -> bool {
        let has_risen = kills > self.counted.replace(kills).unwrap_or(0);
        let is_due = self.is_untold || has_risen && !self.is_told;
        (self.is_told, self.is_untold) = (false, false);
        self.tell(is_due)
    }

    fn tell(&mut self, is_due: bool) -> bool {
        if is_due {
            self.late = LATE_FOR;
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays turns (`3`: the kernel's count), Docker's words (`oom`) and an end (`end 3`); gives what is told, by whom.
    fn play(script: &str) -> String {
        let mut ooms = Ooms::default();
        let mut said = Vec::new();
        for step in script.split(", ") {
            match step.split_once(' ') {
                Some((_, kills)) if ooms.ended(kills.parse().unwrap()) => said.push("ours"),
                None if step == "oom" => said.extend(ooms.told().then_some("docker's")),
                None if ooms.counted(step.parse().unwrap()) => said.push("ours"),
                _ => {}
            }
        }
        said.join(" ")
    }

    #[test]
    fn what_docker_tells_is_told_once() {
        assert_eq!(play("0, oom, 1, 1, end 1"), "docker's");
        assert_eq!(play("0, 1, oom, 1, 1"), "docker's");
        assert_eq!(play("0, oom, end 1"), "docker's");
        assert_eq!(play("0, oom, 1, oom, 2, 2"), "docker's docker's");
    }

    #[test]
    fn what_docker_does_not_tell_is_told_after_a_turn_or_at_the_end() {
        assert_eq!(play("0, 1"), "");
        assert_eq!(play("0, 1, 1, 1"), "ours");
        assert_eq!(play("0, end 1"), "ours");
        assert_eq!(play("0, 1, end 1"), "ours");
        assert_eq!(play("0, 1, 1, end 2"), "ours ours");
    }

    #[test]
    fn docker_is_late() {
        assert_eq!(play("0, 1, 1, oom, 1, 1"), "ours");
        assert_eq!(play("0, 1, 1, oom, oom, 2, 2"), "ours docker's");
    }

    #[test]
    fn kills_from_before_are_no_news() {
        assert_eq!(play("7, 7, 7"), "");
        assert_eq!(play("end 1"), "ours");
    }
}
