//! Every path that is answered beside the pages: its methods, whose it is, and whether it changes what is told to people.

use hyper::Method;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Acknowledge,
    Alerts,
    Disable,
    Enable,
    Events,
    Explain,
    Health,
    History,
    Index,
    Live,
    Metrics,
    Ping,
    Query,
    Ready,
    Record,
    Reload,
    RiemannIndex,
    Rules,
    Series,
    Services,
    Silence,
    Silences,
    Status,
    Units,
    Write,
    WriteTwo,
}

/// Whose a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Skep's own API: not there when the pages are off.
    Skep,
    /// As Riemann, InfluxDB or Prometheus has it.
    Others,
    /// For whoever looks whether this runs: asked without credentials, and tells nothing else.
    Health,
}

/// One path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) what: What,
    /// A `{NAME}` at its end stands for the rest of a path.
    pub(super) path: &'static str,
    /// GET holds for HEAD too.
    pub(super) methods: &'static [Method],
    pub(super) of: Of,
    /// What its methods but GET do is forbidden by `read_only`.
    pub(super) changes: bool,
}

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];

/// All of them.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    skep(What::Index, "/api/v1/index", GET),
    skep(What::Alerts, "/api/v1/alerts", GET),
    skep(What::History, "/api/v1/alerts/history", GET),
    changing(What::Acknowledge, "/api/v1/alerts/ack", POST),
    changing(What::Silences, "/api/v1/silences", &[Method::GET, Method::POST]),
    changing(What::Silence, "/api/v1/silences/{id}", &[Method::DELETE]),
    skep(What::Explain, "/api/v1/explain/{alert}", GET),
    skep(What::Rules, "/api/v1/rules", GET),
    changing(What::Disable, "/api/v1/rules/disable", POST),
    changing(What::Enable, "/api/v1/rules/enable", POST),
    skep(What::Status, "/api/v1/status", GET),
    skep(What::Units, "/api/v1/units", GET),
    skep(What::Services, "/api/v1/services", GET),
    skep(What::Series, "/api/v1/series", GET),
    skep(What::Live, "/api/v1/live", GET),
    skep(What::Record, "/api/v1/record", GET),
    changing(What::Reload, "/reload", POST),
    others(What::Metrics, "/metrics", GET),
    others(What::RiemannIndex, "/index", GET),
    others(What::RiemannIndex, "/pubsub/index", GET),
    others(What::Events, "/events", &[Method::GET, Method::PUT, Method::POST]),
    others(What::Query, "/query", &[Method::GET, Method::POST]),
    others(What::Write, "/write", POST),
    others(What::WriteTwo, "/api/v2/write", POST),
    health(What::Ping, "/ping"),
    health(What::Health, "/health"),
    health(What::Ready, "/healthz"),
];

const fn skep(what: What, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { what, path, methods, of: Of::Skep, changes: false }
}

const fn changing(what: What, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { what, path, methods, of: Of::Skep, changes: true }
}

const fn others(what: What, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { what, path, methods, of: Of::Others, changes: false }
}

const fn health(what: What, path: &'static str) -> Endpoint {
    Endpoint { what, path, methods: GET, of: Of::Health, changes: false }
}

impl Endpoint {
    pub(super) fn takes(&self, method: &Method) -> bool {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.methods.contains(method)
    }

    /// As the header `Allow` has it.
    pub(super) fn allowed(&self) -> String {
        let names = self.methods.iter().flat_map(|method| match *method {
            Method::GET => vec!["GET", "HEAD"],
            _ => vec![method.as_str()],
        });
        names.collect::<Vec<_>>().join(", ")
    }
}

/// What stands at a path, and what the path has in place of a `{NAME}`.
pub(super) fn find(path: &str) -> Option<(&'static Endpoint, &str)> {
    let whole = ENDPOINTS.iter().find(|endpoint| endpoint.path == path && !endpoint.path.ends_with('}')).map(|endpoint| (endpoint, ""));
    whole.or_else(|| {
        ENDPOINTS.iter().find_map(|endpoint| {
            let beginning = endpoint.path.strip_suffix('}')?.rsplit_once('{')?.0;
            let rest = path.strip_prefix(beginning).filter(|rest| !rest.is_empty())?;
            Some((endpoint, rest))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<(What, &str)>) {
        assert_eq!(find(path).map(|(endpoint, rest)| (endpoint.what, rest)), expected, "{path}");
    }

    #[test]
    fn a_path_is_found_whole_or_with_a_name_at_its_end() {
        check("/api/v1/silences", Some((What::Silences, "")));
        check("/api/v1/silences/7", Some((What::Silence, "7")));
        check("/api/v1/silences/rules%2Fapp.yaml:8", Some((What::Silence, "rules%2Fapp.yaml:8")));
        check("/api/v1/explain/cpu-high", Some((What::Explain, "cpu-high")));
        check("/write", Some((What::Write, "")));
        check("/api/v1/silences/{id}", Some((What::Silence, "{id}")));
        for nothing in ["/api/v1/silences/", "/api/v1/silence", "/", "/api/v1/explain/", "/index/x"] {
            check(nothing, None);
        }
    }

    /// What docs/openapi.json has, as `METHOD PATH`.
    fn documented() -> Vec<String> {
        let file: serde_json::Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).unwrap();
        let paths = file["paths"].as_object().unwrap().iter();
        paths
            .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase())))
            .collect()
    }

    #[test]
    fn each_method_of_each_path_stands_in_the_openapi_file_and_nothing_else_does() {
        let mut answered: Vec<String> = ENDPOINTS
            .iter()
            .flat_map(|endpoint| endpoint.methods.iter().map(move |method| format!("{method} {}", endpoint.path)))
            .collect();
        let mut documented = documented();
        answered.sort_unstable();
        documented.sort_unstable();
        assert_eq!(documented, answered);
    }

    #[test]
    fn head_is_taken_where_get_is() {
        let (index, _) = find("/api/v1/index").unwrap();
        assert!(index.takes(&Method::HEAD) && index.takes(&Method::GET) && !index.takes(&Method::POST));
        assert_eq!(index.allowed(), "GET, HEAD");
        let (silences, _) = find("/api/v1/silences").unwrap();
        assert_eq!(silences.allowed(), "GET, HEAD, POST");
        assert!(!find("/write").unwrap().0.takes(&Method::HEAD));
    }
}
