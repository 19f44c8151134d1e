//! The series catalogue: which entity (measurement and tags) and which slot (field) a value belongs to.

use std::collections::BTreeSet;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use serde_json::{Map, Value};

use super::kind::{Fold, fold_of};
use super::window::{Window, WindowId};
use super::{Measurement, SeriesRequest, TagSets};

/// Where the values of a series go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// The measurement and tags.
    pub(crate) entity: u32,
    /// The field, by its number within the entity.
    pub(crate) slot: u16,
}

/// A measurement with its tags, and what of it is in memory.
#[derive(Debug)]
pub(crate) struct Entity {
    measurement: Box<str>,
    /// Sorted by key.
    tags: Box<[(Box<str>, Box<str>)]>,
    fields: Vec<Box<str>>,
    /// Those that are not sealed yet, oldest first.
    pub(crate) windows: Vec<Window>,
    /// For each tier the end of its last window, once it has been looked up.
    pub(crate) rolled: Vec<Option<i64>>,
    /// The newest second that came, for eviction.
    pub(crate) last: i64,
    /// How many of the engine's series mean it.
    users: usize,
}

impl Entity {
    /// Its tags, owned.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        self.tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
    }

    /// How the values of a slot are folded.
    pub(crate) fn fold(&self, slot: usize) -> Fold {
        self.fields.get(slot).map_or(Fold::Mean, |field| fold_of(&self.measurement, field))
    }

    /// Whether nobody can send it any more.
    pub(crate) fn is_idle(&self) -> bool {
        self.users == 0 && self.windows.is_empty()
    }

    /// The open window with this id.
    pub(crate) fn window(&mut self, id: WindowId) -> Option<&mut Window> {
        self.windows.iter_mut().rfind(|window| window.id == id)
    }

    fn slot(&self, field: &str) -> Option<u16> {
        let at = self.fields.iter().position(|known| **known == *field)?;
        u16::try_from(at).ok()
    }
}

/// A line of the catalogue that the file does not have yet.
#[derive(Clone, Debug)]
pub(crate) enum Addition {
    Entity { id: u32, measurement: String, tags: String },
    Field { place: Place, name: String },
}

/// Every entity and field, and what the engine's ids mean.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    entities: HashMap<u32, Entity, RandomState>,
    /// By measurement, a zero byte and the tags as JSON, which holds no zero byte.
    by_key: HashMap<Box<str>, u32, RandomState>,
    by_measurement: HashMap<Box<str>, BTreeSet<u32>, RandomState>,
    meanings: HashMap<u32, Place, RandomState>,
    next: u32,
    n_fields: usize,
    max_fields: usize,
}

impl Catalogue {
    /// An empty one that takes so many series; values of further ones have no place.
    pub(crate) fn new(max_fields: usize) -> Self {
        Self { max_fields, ..Self::default() }
    }

    /// Takes an entity that the file holds.
    pub(crate) fn load_entity(&mut self, id: u32, measurement: &str, tags: &str, last: i64) {
        let parsed: Map<String, Value> = serde_json::from_str(tags).unwrap_or_default();
        let pairs = parsed.iter().map(|(key, value)| (key.as_str().into(), value.as_str().unwrap_or_default().into())).collect();
        self.insert(id, measurement, pairs, tags, last);
    }

    /// Takes a field that the file holds; those of an entity come in the order of their slots.
    pub(crate) fn load_field(&mut self, entity: u32, name: &str) {
        if let Some(entity) = self.entities.get_mut(&entity) {
            entity.fields.push(name.into());
            self.n_fields += 1;
        }
    }

    /// Notes what an id means from now on; what the file must be told goes to `additions`.
    pub(crate) fn name(&mut self, series: u32, measurement: &str, tags: &[(String, String)], field: &str, additions: &mut Vec<Addition>) {
        self.forget(series);
        let Some(place) = self.place(measurement, tags, field, additions) else { return };
        self.meanings.insert(series, place);
        if let Some(entity) = self.entities.get_mut(&place.entity) {
            entity.users += 1;
        }
    }

    /// The id means nothing from now on.
    pub(crate) fn forget(&mut self, series: u32) {
        let Some(place) = self.meanings.remove(&series) else { return };
        if let Some(entity) = self.entities.get_mut(&place.entity) {
            entity.users = entity.users.saturating_sub(1);
        }
    }

    /// What an id means.
    pub(crate) fn meaning(&self, series: u32) -> Option<Place> {
        self.meanings.get(&series).copied()
    }

    /// An entity by its id.
    pub(crate) fn entity(&mut self, id: u32) -> Option<&mut Entity> {
        self.entities.get_mut(&id)
    }

    /// Every entity, in no order.
    pub(crate) fn entities(&mut self) -> impl Iterator<Item = (u32, &mut Entity)> {
        self.entities.iter_mut().map(|(id, entity)| (*id, entity))
    }

    /// Strikes an entity off; its id is not given again.
    pub(crate) fn remove(&mut self, id: u32) {
        let Some(entity) = self.entities.remove(&id) else { return };
        self.n_fields -= entity.fields.len();
        self.by_key.remove(key(&entity.measurement, &tags_json(&entity.tags)).as_str());
        if let Some(ids) = self.by_measurement.get_mut(&entity.measurement) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_measurement.remove(&entity.measurement);
            }
        }
    }

    /// The series that a request names, in the order of their ids.
    pub(crate) fn matching(&self, request: &SeriesRequest) -> Vec<Place> {
        let ids = self.by_measurement.get(request.measurement.as_str()).into_iter().flatten();
        // A tag that is not there and an empty one are the same, as in InfluxQL.
        let has = |entity: &Entity, (key, value): &(String, String)| {
            entity.tags.iter().find(|(k, _)| **k == **key).map_or("", |(_, v)| v) == value.as_str()
        };
        ids.filter_map(|id| {
            let entity = self.entities.get(id)?;
            let slot = entity.slot(&request.field)?;
            request.filters.iter().all(|filter| has(entity, filter)).then_some(Place { entity: *id, slot })
        })
        .collect()
    }

    /// Every measurement with its fields and tag keys, sorted.
    pub(crate) fn names(&self) -> Vec<Measurement> {
        let mut names: Vec<Measurement> = self.by_measurement.iter().map(|(name, ids)| self.measurement(name, ids)).collect();
        names.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        names
    }

    /// The tags of a measurement's series, or of all measurements', sorted by their names.
    pub(crate) fn tag_sets(&self, measurement: Option<&str>) -> Vec<TagSets> {
        let wanted = self.by_measurement.iter().filter(|(name, _)| measurement.is_none_or(|wanted| ***name == *wanted));
        let owned = |tags: &[(Box<str>, Box<str>)]| tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let of = |ids: &BTreeSet<u32>| ids.iter().filter_map(|id| Some(owned(&self.entities.get(id)?.tags))).collect();
        let mut sets: Vec<TagSets> = wanted.map(|(name, ids)| TagSets { name: name.to_string(), sets: of(ids) }).collect();
        sets.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        sets
    }

    /// How many series it holds.
    pub(crate) fn n_fields(&self) -> usize {
        self.n_fields
    }

    /// The id that the next entity gets; all below have been given.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    fn measurement(&self, name: &str, ids: &BTreeSet<u32>) -> Measurement {
        let entities = ids.iter().filter_map(|id| self.entities.get(id));
        let mut fields = BTreeSet::new();
        let mut tags = BTreeSet::new();
        for entity in entities {
            fields.extend(entity.fields.iter().map(|field| &**field));
            tags.extend(entity.tags.iter().map(|(key, _)| &**key));
        }
        let owned = |texts: BTreeSet<&str>| texts.into_iter().map(str::to_owned).collect();
        Measurement { name: name.to_owned(), fields: owned(fields), tags: owned(tags) }
    }

    fn place(&mut self, measurement: &str, tags: &[(String, String)], field: &str, additions: &mut Vec<Addition>) -> Option<Place> {
        let mut tags: Box<[(Box<str>, Box<str>)]> = tags.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect();
        tags.sort_unstable();
        let json = tags_json(&tags);
        let known = self.by_key.get(key(measurement, &json).as_str()).copied();
        if let Some(id) = known
            && let Some(slot) = self.entities.get(&id)?.slot(field)
        {
            return Some(Place { entity: id, slot });
        }
        if self.n_fields >= self.max_fields {
            return None;
        }
        let id = known.unwrap_or_else(|| {
            let id = self.next;
            additions.push(Addition::Entity { id, measurement: measurement.to_owned(), tags: json.clone() });
            self.insert(id, measurement, tags, &json, 0);
            id
        });
        self.add_field(id, field, additions)
    }

    fn add_field(&mut self, id: u32, field: &str, additions: &mut Vec<Addition>) -> Option<Place> {
        let entity = self.entities.get_mut(&id)?;
        let place = Place { entity: id, slot: u16::try_from(entity.fields.len()).ok()? };
        entity.fields.push(field.into());
        self.n_fields += 1;
        additions.push(Addition::Field { place, name: field.to_owned() });
        Some(place)
    }

    fn insert(&mut self, id: u32, measurement: &str, tags: Box<[(Box<str>, Box<str>)]>, json: &str, last: i64) {
        self.by_key.insert(key(measurement, json).into(), id);
        self.by_measurement.entry(measurement.into()).or_default().insert(id);
        let entity =
            Entity { measurement: measurement.into(), tags, fields: Vec::new(), windows: Vec::new(), rolled: Vec::new(), last, users: 0 };
        self.entities.insert(id, entity);
        self.next = self.next.max(id + 1);
    }
}

fn key(measurement: &str, tags: &str) -> String {
    format!("{measurement}\0{tags}")
}

fn tags_json(tags: &[(Box<str>, Box<str>)]) -> String {
    let map: Map<String, Value> = tags.iter().map(|(key, value)| (key.to_string(), Value::from(value.to_string()))).collect();
    Value::Object(map).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn fields_of_one_device_share_an_entity_whatever_the_order_of_tags() {
        let mut catalogue = Catalogue::new(100);
        let mut additions = Vec::new();
        catalogue.name(1, "disk", &tags(&[("path", "/"), ("host", "a")]), "used", &mut additions);
        catalogue.name(2, "disk", &tags(&[("host", "a"), ("path", "/")]), "free", &mut additions);
        assert_eq!(catalogue.meaning(1), Some(Place { entity: 0, slot: 0 }));
        assert_eq!(catalogue.meaning(2), Some(Place { entity: 0, slot: 1 }));
        assert_eq!(additions.len(), 3);
    }

    #[test]
    fn an_id_given_to_another_series_means_that_one() {
        let mut catalogue = Catalogue::new(100);
        let mut additions = Vec::new();
        catalogue.name(1, "mem", &tags(&[("host", "a")]), "used", &mut additions);
        catalogue.name(1, "mem", &tags(&[("host", "b")]), "used", &mut additions);
        assert_eq!(catalogue.meaning(1), Some(Place { entity: 1, slot: 0 }));
        assert!(catalogue.entity(0).unwrap().is_idle());
        catalogue.remove(0);
        assert_eq!(catalogue.n_fields(), 1);
        assert_eq!(catalogue.names(), [Measurement { name: "mem".into(), fields: vec!["used".into()], tags: vec!["host".into()] }]);
    }

    #[test]
    fn filters_pick_series_by_their_tags() {
        let mut catalogue = Catalogue::new(100);
        let mut additions = Vec::new();
        catalogue.name(1, "mem", &tags(&[("host", "a")]), "used", &mut additions);
        catalogue.name(2, "mem", &tags(&[("host", "b")]), "used", &mut additions);
        let request =
            SeriesRequest { measurement: "mem".into(), field: "used".into(), filters: tags(&[("host", "b")]), ..SeriesRequest::default() };
        assert_eq!(catalogue.matching(&request), [Place { entity: 1, slot: 0 }]);
        assert_eq!(catalogue.matching(&SeriesRequest { filters: Vec::new(), ..request }).len(), 2);
    }

    #[test]
    fn beyond_the_bound_only_known_series_have_a_place() {
        let mut catalogue = Catalogue::new(2);
        let mut additions = Vec::new();
        for (id, field) in [(1, "used"), (2, "free"), (3, "active"), (4, "used")] {
            catalogue.name(id, "mem", &tags(&[("host", "a")]), field, &mut additions);
        }
        let places = [1, 2, 3, 4].map(|id| catalogue.meaning(id).map(|place| place.slot));
        assert_eq!(places, [Some(0), Some(1), None, Some(0)]);
        assert_eq!((catalogue.n_fields(), additions.len()), (2, 3));
    }
}
