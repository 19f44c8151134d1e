//! `/api/v1/services`: what the index holds, by service and by attribute: for who asks why a rule matches nothing.

use std::collections::{BTreeMap, BTreeSet};

use engine::query::Query;
use event::{View, msg};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::answer;
use super::body::Body;
use super::site::Site;
use crate::driver::request::Request;

/// Hosts of one service that are told apart.
const MAX_HOSTS: usize = 100_000;

/// Every service with its number of hosts, every attribute with its number of events.
pub(super) async fn answer(site: &Site) -> Response<Body> {
    let (answer, answered) = oneshot::channel();
    let found = match site.ask(Request::Index { query: Query::ALL, answer }, answered).await {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let count = move || {
        let mut seen = Seen::default();
        msg::events(&found).for_each(|event| seen.add(&event));
        seen.json().to_string().into_bytes()
    };
    match tokio::task::spawn_blocking(count).await {
        Ok(out) => answer::json(out),
        Err(_) => answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the events could not be counted; see the log"),
    }
}

#[derive(Debug, Default)]
struct Seen {
    n_events: u64,
    services: BTreeMap<String, BTreeSet<String>>,
    attributes: BTreeMap<String, u64>,
}

impl Seen {
    fn add(&mut self, event: &View<'_>) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.n_events += 1;
        for (key, _) in event.labels.attributes() {
            match self.attributes.get_mut(text(key).as_str()) {
                Some(n) => *n += 1,
                None => _ = self.attributes.insert(text(key), 1),
            }
        }
        let Some(service) = event.service.map(text) else { return };
        let hosts = self.services.entry(service).or_default();
        if hosts.len() < MAX_HOSTS {
            hosts.insert(event.host.map(text).unwrap_or_default());
        }
    }

    fn json(&self) -> Value {
        let services: Vec<Value> = self.services.iter().map(|(service, hosts)| json!({"service": service, "hosts": hosts.len()})).collect();
        json!({"events": self.n_events, "services": services, "attributes": self.attributes})
    }
}
