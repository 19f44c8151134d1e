//! What ids stand for, as the last look had it.

use std::collections::HashMap;

use super::picture::Picture;

/// Names by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    services: HashMap<String, Named>,
    nodes: HashMap<String, String>,
}

/// A service's name and that of its stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) stack: Option<String>,
}

impl Names {
    pub(super) fn of(picture: &Picture) -> Self {
        let services = picture.services.iter();
        let named = |service: &super::service::Service| Named { name: service.name.clone(), stack: service.stack.clone() };
        Self {
            services: services.map(|service| (service.id.clone(), named(service))).collect(),
            nodes: picture.nodes.iter().map(|node| (node.id.clone(), node.name.clone())).collect(),
        }
    }

    pub(super) fn service(&self, id: &str) -> Option<&Named> {
        self.services.get(id)
    }

    pub(super) fn node(&self, id: &str) -> Option<&str> {
        self.nodes.get(id).map(String::as_str)
    }
}
