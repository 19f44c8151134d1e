//! `GET /api/v1/series`: stored history.

use event::{Duration, Metric, Timestamp};
use hyper::{Response, StatusCode};

use super::body::Body;
use super::params::Params;
use super::site::Site;
use super::{answer, json};
use crate::store::{SeriesData, SeriesRequest, StoreError};

/// How far back an answer goes when `from` is not given.
const DEFAULT_SPAN: Duration = Duration::from_secs(3600);

pub(super) async fn answer(site: &Site, params: &Params) -> Response<Body> {
    let Some(store) = &site.store else {
        return answer::refusal(StatusCode::NOT_FOUND, "the store is off (`processor.store: off`): there is no history here");
    };
    let request = match read(params, site.own.now()) {
        Ok(request) => request,
        Err(text) => return answer::refusal(StatusCode::BAD_REQUEST, &text),
    };
    match store.series(request).await {
        Ok(found) => answer::json(encode(&found)),
        Err(error) => answer::refusal(status(&error), &error.to_string()),
    }
}

pub(super) fn status(error: &StoreError) -> StatusCode {
    match error {
        StoreError::TooManySeries { .. } | StoreError::TooManyValues => StatusCode::BAD_REQUEST,
        StoreError::Busy | StoreError::Closed => StatusCode::SERVICE_UNAVAILABLE,
        StoreError::Block(_) | StoreError::File(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn read(params: &Params, now: Timestamp) -> Result<SeriesRequest, String> {
    let wanted = |key: &str| params.get(key).filter(|value| !value.is_empty()).ok_or_else(|| format!("`{key}=` is missing"));
    let to = params.get("to").map_or(Ok(now), |text| time("to", text))?;
    let from = params.get("from").map_or(Ok(to - DEFAULT_SPAN), |text| time("from", text))?;
    let step = params.get("step").map(step).transpose()?;
    let known = ["measurement", "field", "from", "to", "step"];
    let filters = params.iter().filter(|(key, _)| !known.contains(key)).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Ok(SeriesRequest {
        measurement: wanted("measurement")?.to_owned(),
        field: wanted("field")?.to_owned(),
        from,
        to,
        step,
        filters,
        ..SeriesRequest::default()
    })
}

/// Seconds since the epoch, or RFC 3339.
pub(super) fn time(key: &str, text: &str) -> Result<Timestamp, String> {
    if let Some(secs) = text.parse::<f64>().ok().filter(|secs| secs.is_finite()) {
        return Ok(Timestamp::from_micros((secs * 1e6) as i64));
    }
    let parsed = text.parse::<jiff::Timestamp>().map(|time| Timestamp::from_micros(time.as_microsecond()));
    parsed.map_err(|_| format!("`{key}={text}` is no time; write seconds since 1970, or like 2026-12-01T08:00:00Z"))
}

/// A duration with its unit, or whole seconds.
fn step(text: &str) -> Result<Duration, String> {
    let parsed = text.parse().map(Duration::from_secs).or_else(|_| Duration::parse(text));
    match parsed {
        Ok(step) if step > Duration::ZERO => Ok(step),
        _ => Err(format!("`step={text}` is no step; write it like 10s or 5m")),
    }
}

fn encode(found: &[SeriesData]) -> Vec<u8> {
    let mut out = Vec::new();
    json::array(&mut out, found, |out, series| {
        out.extend_from_slice(b"{\"tags\":{");
        for (index, (key, value)) in series.tags.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            json::text(out, key.as_bytes());
            out.push(b':');
            json::text(out, value.as_bytes());
        }
        out.extend_from_slice(b"},\"points\":");
        json::array(out, &series.points, |out, (time, metric)| point(out, *time, *metric));
        out.push(b'}');
    });
    out
}

fn point(out: &mut Vec<u8>, time: Timestamp, metric: Metric) {
    out.push(b'[');
    out.extend_from_slice(time.as_secs_f64().to_string().as_bytes());
    out.push(b',');
    json::metric(out, Some(metric));
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000_000);

    #[track_caller]
    fn check(text: &str, from: i64, to: i64, step: Option<i64>) {
        let request = read(&Params::parse(text), NOW).unwrap();
        assert_eq!(request.from, Timestamp::from_secs(from));
        assert_eq!(request.to, Timestamp::from_secs(to));
        assert_eq!(request.step, step.map(Duration::from_secs));
    }

    #[track_caller]
    fn check_refused(text: &str, message: &str) {
        assert_eq!(read(&Params::parse(text), NOW), Err(message.to_owned()));
    }

    #[test]
    fn times_are_seconds_or_rfc_3339_and_the_last_hour_by_default() {
        check("measurement=cpu&field=usage_active", 996_400, 1_000_000, None);
        check("measurement=cpu&field=usage_active&from=10&to=20.0&step=5s", 10, 20, Some(5));
        check("measurement=cpu&field=usage_active&from=1970-01-01T00:00:10Z&to=20&step=5", 10, 20, Some(5));
    }

    #[test]
    fn other_keys_are_attributes() {
        let request = read(&Params::parse("measurement=disk&field=used&host=n1&path=/"), NOW).unwrap();
        assert_eq!(request.filters, [("host".to_owned(), "n1".to_owned()), ("path".to_owned(), "/".to_owned())]);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_write() {
        check_refused("field=x", "`measurement=` is missing");
        check_refused("measurement=x", "`field=` is missing");
        check_refused("measurement=x&field=y&from=noon", "`from=noon` is no time; write seconds since 1970, or like 2026-12-01T08:00:00Z");
        check_refused("measurement=x&field=y&to=NaN", "`to=NaN` is no time; write seconds since 1970, or like 2026-12-01T08:00:00Z");
        check_refused("measurement=x&field=y&step=0s", "`step=0s` is no step; write it like 10s or 5m");
    }

    #[test]
    fn series_are_objects_of_tags_and_points() {
        let points = vec![(Timestamp::from_micros(1_500_000), Metric::Float(0.5)), (Timestamp::from_secs(2), Metric::Int(7))];
        let found = [SeriesData { tags: vec![("host".into(), "n1".into())], points }];
        assert_eq!(String::from_utf8(encode(&found)).unwrap(), r#"[{"tags":{"host":"n1"},"points":[[1.5,0.5],[2,7]]}]"#);
    }
}
