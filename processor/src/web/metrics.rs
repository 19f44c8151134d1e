//! `GET /metrics`: what the processor counts about itself, as Prometheus reads it; with `?of=` what collectors told of
//! hosts or containers, under the names of node_exporter and cAdvisor.

use std::fmt::Write;

use engine::query::Query;
use event::msg;
use hyper::{Response, StatusCode};
use tokio::sync::oneshot;

use super::answer;
use super::body::Body;
use super::params::Params;
use super::site::Site;
use crate::driver::request::Request;
use crate::exporter::{self, CONTENT_TYPE, Hosts, Of};
use crate::own::{Kind, Sample};

pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let Some(text) = params.get("of") else {
        return answer::of(StatusCode::OK, CONTENT_TYPE, Body::whole(encode(&site.own.samples())));
    };
    let Some(of) = Of::parse(text) else {
        return answer::refusal(StatusCode::BAD_REQUEST, &format!("`of` is host or containers, not `{text}`"));
    };
    if !site.is_ready() {
        return answer::refusal(StatusCode::SERVICE_UNAVAILABLE, "starting: what was running before is taken up; ask again");
    }
    collected(site, of, params.get("host")).await
}

/// What the index holds.
async fn collected(site: &Site, of: Of, host: Option<&str>) -> Response<Body> {
    let Ok(query) = Query::parse(&of.query()) else {
        return answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the query for these samples is wrong: a mistake in skep");
    };
    let (answer, answered) = oneshot::channel();
    let found = match site.ask(Request::Index { query, answer }, answered).await {
        Ok(found) => found,
        Err(refusal) => return refusal,
    };
    let host = host.map(str::to_owned);
    // A hundred nodes' samples take a while, and the web thread has other clients.
    let encode = move || exporter::encode(of, host.as_deref().map_or(Hosts::All, Hosts::Of), msg::events(&found));
    match tokio::task::spawn_blocking(encode).await {
        Ok(text) => answer::of(StatusCode::OK, CONTENT_TYPE, Body::whole(text)),
        Err(_) => answer::refusal(StatusCode::INTERNAL_SERVER_ERROR, "the samples could not be encoded; see the log"),
    }
}

fn encode(samples: &[Sample]) -> String {
    let mut out = String::new();
    let mut last = "";
    for sample in samples {
        let (suffix, kind) = match sample.kind {
            Kind::Counter => ("_total", "counter"),
            Kind::Gauge => ("", "gauge"),
        };
        // Writing to a String cannot fail.
        if sample.name != last {
            let _ = writeln!(out, "# HELP skep_processor_{}{suffix} {}", sample.name, sample.about);
            let _ = writeln!(out, "# TYPE skep_processor_{}{suffix} {kind}", sample.name);
        }
        last = sample.name;
        let label = sample.of.as_ref().map_or_else(String::new, |(key, value)| format!("{{{key}=\"{}\"}}", escape(value)));
        let _ = writeln!(out, "skep_processor_{}{suffix}{label} {}", sample.name, sample.value);
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use event::Metric;

    use super::*;

    #[test]
    fn counters_and_gauges_are_named_and_explained_once() {
        let of = |value: &str| Some(("sink", value.to_owned()));
        let samples = [
            Sample { name: "series", kind: Kind::Gauge, about: "Series in the index.", of: None, value: Metric::Int(3) },
            Sample { name: "sink_lines", kind: Kind::Counter, about: "Lines taken.", of: of("a\"b"), value: Metric::Float(1.5) },
            Sample { name: "sink_lines", kind: Kind::Counter, about: "Lines taken.", of: of("c"), value: Metric::Float(2.0) },
        ];
        assert_eq!(
            encode(&samples),
            "# HELP skep_processor_series Series in the index.\n\
             # TYPE skep_processor_series gauge\n\
             skep_processor_series 3\n\
             # HELP skep_processor_sink_lines_total Lines taken.\n\
             # TYPE skep_processor_sink_lines_total counter\n\
             skep_processor_sink_lines_total{sink=\"a\\\"b\"} 1.5\n\
             skep_processor_sink_lines_total{sink=\"c\"} 2\n"
        );
    }
}
