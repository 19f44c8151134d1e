//! `/query` and `/ping`, as InfluxDB 1 has them.

mod encode;
mod show;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use event::Timestamp;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::answer;
use super::body::{self, Body};
use super::params::Params;
use super::site::Site;
use crate::influxql::{Budget, MAX_HELD, MAX_VALUES, Plan, Statement, Stored, parse, plan, run};
use crate::store::{Handle, SeriesRequest, StoreError};

/// How long a query may take, whatever it asks.
const WITHIN: Duration = Duration::from_secs(20);

/// Bytes of a query that comes in a body.
const MAX_BODY: usize = 1 << 20;

/// The version that clients take us for.
const VERSION: (HeaderName, HeaderValue) = (HeaderName::from_static("x-influxdb-version"), HeaderValue::from_static("1.8.10-skep"));

pub(super) fn ping() -> Response<Body> {
    with_version(answer::text(StatusCode::NO_CONTENT, ""))
}

pub(super) fn with_version(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(VERSION.0, VERSION.1);
    response
}

fn refusal(status: StatusCode, text: &str) -> Response<Body> {
    with_version(answer::refusal(status, text))
}

/// Answers GET, and POST with the parameters in the body as a form.
pub(super) async fn answer(site: &Site, params: &Params, request: Request<hyper::body::Incoming>) -> Response<Body> {
    let Some(store) = &site.store else {
        return refusal(StatusCode::NOT_FOUND, "the store is off (`processor.store: off`): there is no history here");
    };
    let params = match with_form(params, request).await {
        Ok(params) => params,
        Err(refused) => return refused,
    };
    let Some(text) = params.get("q").filter(|text| !text.is_empty()) else {
        return refusal(StatusCode::BAD_REQUEST, "missing required parameter \"q\"");
    };
    let now = site.own.now().micros().saturating_mul(1000);
    let statements = match parse(text, now) {
        Ok(statements) => statements,
        Err(text) => return refusal(StatusCode::BAD_REQUEST, &text),
    };
    let stop = Stop::default();
    let flag = Arc::clone(&stop.0);
    match tokio::time::timeout(WITHIN, results(store, statements, now, params.get("epoch"), flag)).await {
        Ok(results) => with_version(answer::json(format!("{}\n", json!({ "results": results })).into_bytes())),
        Err(_) => {
            let seconds = WITHIN.as_secs();
            refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                &format!("the query took more than {seconds} s; ask for a shorter time or for fewer series"),
            )
        }
    }
}

/// Ends the work on a query when nobody waits for its answer any more.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn with_form(params: &Params, request: Request<hyper::body::Incoming>) -> Result<Params, Response<Body>> {
    if request.method() != Method::POST {
        return Ok(params.clone());
    }
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !content_type.starts_with("application/x-www-form-urlencoded") {
        // Python's client for 1.x names JSON and sends nothing; all stands in the address.
        return Ok(params.clone());
    }
    match tokio::time::timeout(WITHIN, body::whole(request.into_body(), MAX_BODY)).await {
        Ok(Ok(bytes)) => Ok(params.with(&String::from_utf8_lossy(&bytes))),
        Ok(Err(body::Unread::TooLong)) => Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "a query of over 1 MiB")),
        Ok(Err(body::Unread::BrokeOff)) | Err(_) => Err(refusal(StatusCode::BAD_REQUEST, "the request broke off")),
    }
}

async fn results(store: &Handle, statements: Vec<Statement>, now: i64, epoch: Option<&str>, stop: Arc<AtomicBool>) -> Vec<Value> {
    let mut results = Vec::new();
    let mut left = MAX_VALUES;
    for (id, statement) in statements.into_iter().enumerate() {
        let series = match statement {
            Statement::Create => Ok(Vec::new()),
            Statement::Show(wanted) => show::series(store, &wanted).await,
            Statement::Select(select) => match plan_of(store, *select, now).await {
                Ok(plan) => selected(store, plan, epoch, &mut left, &stop).await,
                Err(error) => Err(error),
            },
        };
        results.push(match series {
            Ok(series) if series.is_empty() => json!({ "statement_id": id }),
            Ok(series) => json!({ "statement_id": id, "series": series }),
            Err(error) => json!({ "statement_id": id, "error": error }),
        });
    }
    results
}

async fn plan_of(store: &Handle, select: crate::influxql::Select, now: i64) -> Result<Plan, String> {
    let names = store.names().await.map_err(|error| error.to_string())?;
    plan(select, &names, now)
}

async fn selected(store: &Handle, plan: Plan, epoch: Option<&str>, left: &mut usize, stop: &Arc<AtomicBool>) -> Result<Vec<Value>, String> {
    let stored = stored(store, &plan).await?;
    let epoch = epoch.map(str::to_owned);
    let mut budget = Budget { left: *left, held: MAX_HELD, stop: Arc::clone(stop) };
    let fold = move || {
        let answer = run(&plan, stored, &mut budget).map(|rows| encode::series(&plan, &rows, epoch.as_deref()));
        (answer, budget.left)
    };
    match tokio::task::spawn_blocking(fold).await {
        Ok((answer, now_left)) => {
            *left = now_left;
            answer
        }
        Err(_) => Err("the statement could not be answered; see the log".to_owned()),
    }
}

/// Asks the store for all that a plan reads.
async fn stored(store: &Handle, plan: &Plan) -> Result<Vec<Stored>, String> {
    let mut left = MAX_HELD;
    let mut all = Vec::new();
    for read in plan.reads() {
        let mut fields = Vec::new();
        for (field, part) in &read.fields {
            let request = SeriesRequest {
                measurement: read.measurement.clone(),
                field: field.clone(),
                from: Timestamp::from_micros(read.from.saturating_add(999).div_euclid(1000)),
                to: Timestamp::from_micros(read.to.saturating_add(999).div_euclid(1000)),
                step: None,
                filters: read.filters.clone(),
                part: *part,
            };
            let series = store.series(request).await.map_err(|error: StoreError| error.to_string())?;
            let n: usize = series.iter().map(|series| series.points.len()).sum();
            let too_many = || format!("the statement reads more than {MAX_HELD} values; ask for a shorter time or for fewer series");
            left = left.checked_sub(n).ok_or_else(too_many)?;
            fields.push(((field.clone(), *part), series));
        }
        all.push(fields);
    }
    Ok(all)
}
