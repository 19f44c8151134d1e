//! `GET /metrics`: what the processor counts about itself, as Prometheus reads it.

use std::fmt::Write;

use hyper::{Response, StatusCode};

use super::answer;
use super::body::Body;
use crate::own::{Kind, Own, Sample};

pub(super) fn answer(own: &Own) -> Response<Body> {
    answer::of(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", Body::whole(encode(&own.samples())))
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
