//! How often an event was sent on, as a mark: `forwarded`, then `forwarded-2` and so on.

use event::{Labels, LabelsBuf};

/// The marks, one for each time. An event that bears the last one is not sent on again: four hops lead from a room to a site, a region and
/// the centre, and more are a circle.
const MARKS: [&[u8]; 4] = [b"forwarded", b"forwarded-2", b"forwarded-3", b"forwarded-4"];

/// Writes the labels with the next mark in the place of the one they have; false when the event has been sent on too often.
pub(super) fn write(labels: Labels<'_>, into: &mut LabelsBuf) -> bool {
    let n_hops = MARKS.iter().rposition(|mark| labels.has_mark(mark)).map_or(0, |at| at + 1);
    let Some(next) = MARKS.get(n_hops) else { return false };
    into.clear();
    labels.marks().filter(|mark| !MARKS.contains(mark)).for_each(|mark| _ = into.mark(mark));
    into.mark(next);
    labels.attributes().for_each(|(key, value)| _ = into.attribute(key, value));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hop_changes_the_mark_and_the_fifth_is_refused() {
        let mut labels = LabelsBuf::new();
        labels.mark(b"prod");
        labels.attribute(b"dc", b"fra");
        for mark in MARKS {
            let mut next = LabelsBuf::new();
            assert!(write(labels.view(), &mut next));
            assert_eq!(next.view().marks().collect::<Vec<_>>(), [&b"prod"[..], mark]);
            assert_eq!(next.view().attribute(b"dc"), Some(&b"fra"[..]));
            labels = next;
        }
        assert!(!write(labels.view(), &mut LabelsBuf::new()));
    }
}
