//! How far back the store reaches.

use super::super::StoreError;
use super::Base;

/// Seconds of the engine's time for which an answer holds: each looks into the index once for each entity, and who looks at the status
/// page asks all the time.
const HOLDS_FOR: i64 = 60;

/// The last answer, and when it was found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Oldest(Option<(i64, i64)>);

impl Base {
    /// The first second of the oldest window that holds anything, of whichever tier; `None` of a store that holds nothing.
    pub(crate) fn oldest(&mut self) -> Result<Option<i64>, StoreError> {
        if let Oldest(Some((at, found))) = self.oldest
            && (at..at + HOLDS_FOR).contains(&self.now)
        {
            return Ok(Some(found));
        }
        let open = self.catalogue.entities().flat_map(|(_, entity)| &entity.windows).map(|window| window.id.start()).min();
        let mut found = open.into_iter().chain(self.file.oldest_block()?).min();
        for tier in 0..self.tiers.len() {
            found = found.into_iter().chain(self.file.oldest_coarse(self.step(tier))?).min();
        }
        self.oldest = Oldest(found.map(|found| (self.now, found)));
        Ok(found)
    }
}
