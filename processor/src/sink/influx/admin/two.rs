//! A 2.x: by the `influxdb2` crate, and by plain requests where that does not do (first start, DBRP mappings, tokens, organisations).

use influxdb2::api::buckets::ListBucketsRequest;
use influxdb2::api::organization::ListOrganizationRequest;
use influxdb2::models::{PostBucketRequest, RetentionRule, retention_rule};
use serde_json::{Value, json as object};

use super::super::Secret;
use super::super::target::Interface;
use super::setup::{Failed, Made, Wish};
use super::{Server, WITHIN, json, refusal};
use transport::percent::encode;

/// The crate's client, where it can be used: it has no TLS here, and throws a path prefix away. Elsewhere our own asks the same.
pub(super) fn client(server: &Server, org: &str, token: &str) -> Result<Option<influxdb2::Client>, String> {
    let url = &server.base.url;
    let is_plain = url.strip_prefix("http://").is_some_and(|after_host| !after_host.contains('/'));
    if !is_plain {
        return Ok(None);
    }
    influxdb2::ClientBuilder::new(url.as_str(), org, token).build().map(Some).map_err(|error| error.to_string())
}

/// The crate sets no time limit.
pub(super) async fn limited<T>(asked: impl Future<Output = Result<T, influxdb2::RequestError>>) -> Result<T, String> {
    match tokio::time::timeout(WITHIN, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {} s", WITHIN.as_secs())),
    }
}

pub(super) async fn setup(server: &Server, wish: &Wish, made: &mut Made) -> Result<(), Failed> {
    let org = wish.settings.org.as_deref().unwrap_or(super::setup::DEFAULT);
    let token = onboarded(server, wish, org, made).await?;
    let client = client(server, org, &token).map_err(|why| ("the server".to_owned(), why))?;
    let login = Secret(format!("Token {token}"));
    let client = client.as_ref();
    let org_id = organisation(server, client, org, &login, made).await?;
    let bucket_id = bucket(server, client, wish, (org, &org_id), &login, made).await?;
    mapping(server, wish.place(Interface::Two), &org_id, &bucket_id, &login, made).await?;
    for role in ["write", "read"] {
        authorisation(server, wish.place(Interface::Two), &org_id, &bucket_id, role, &login, made).await?;
    }
    Ok(())
}

fn seconds(wish: &Wish) -> Option<i32> {
    wish.retention.map(|retention| i32::try_from(retention.micros() / 1_000_000).unwrap_or(i32::MAX))
}

/// The token that may change everything: the given one, or that of a server which had nobody yet.
async fn onboarded(server: &Server, wish: &Wish, org: &str, made: &mut Made) -> Result<String, Failed> {
    let what = || format!("administrator `{}`", wish.admin);
    let fail = |why: String| (what(), why);
    let is_new = match client(server, org, "").map_err(fail)? {
        Some(client) => limited(client.is_onboarding_allowed()).await.map_err(fail)?,
        None => {
            let answer = server.client.get(&format!("{}/api/v2/setup", server.base.url), None).await.map_err(fail)?;
            json(&answer).get("allowed").and_then(Value::as_bool).ok_or_else(|| fail(refusal(&answer)))?
        }
    };
    if !is_new {
        let given = wish.token.as_ref().map(|token| token.0.clone());
        return given.ok_or_else(|| fail("the server has been set up before; give a token that may change everything".to_owned()));
    }
    let Some(password) = &wish.password else {
        return Err(fail("the server has nobody yet; give a password for the administrator".to_owned()));
    };
    // Not by the crate: the answer lists every right of the administrator, of which the crate does not know the newer ones; it would
    // then lose the token, which is told but once.
    let mut body = object!({ "username": wish.admin, "org": org, "bucket": wish.place(Interface::Two), "password": password.0 });
    if let (Some(seconds), Some(body)) = (seconds(wish), body.as_object_mut()) {
        body.insert("retentionPeriodSeconds".to_owned(), Value::from(seconds));
    }
    let url = format!("{}/api/v2/setup", server.base.url);
    let answer = server.client.post(&url, None, "application/json", body.to_string()).await.map_err(fail)?;
    let token = json(&answer).pointer("/auth/token").and_then(Value::as_str).map(str::to_owned);
    let token = token.ok_or_else(|| fail(refusal(&answer)))?;
    made.step(what(), false);
    made.login("admin", None, token.clone());
    Ok(token)
}

async fn organisation(
    server: &Server,
    client: Option<&influxdb2::Client>,
    org: &str,
    login: &Secret,
    made: &mut Made,
) -> Result<String, Failed> {
    let what = format!("organisation `{org}`");
    // A 2.x answers 404 for a name that it does not know.
    let known = match client {
        Some(client) => {
            let request = ListOrganizationRequest { org: Some(org.to_owned()), ..ListOrganizationRequest::default() };
            let found = limited(client.list_organizations(request)).await.ok();
            found.and_then(|found| found.orgs.into_iter().find(|one| one.name == org)).and_then(|one| one.id)
        }
        None => named(&get(server, &format!("orgs?org={}", encode(org)), login).await.unwrap_or_default(), "orgs", org),
    };
    if let Some(id) = known {
        made.step(what, true);
        return Ok(id);
    }
    let id = post(server, "orgs", login, object!({ "name": org })).await.map_err(|why| (what.clone(), why))?;
    made.step(what, false);
    Ok(id)
}

/// The id of what has this name in a list.
fn named(answer: &Value, list: &str, name: &str) -> Option<String> {
    let all = answer.get(list)?.as_array()?;
    let found = all.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(name))?;
    Some(found.get("id")?.as_str()?.to_owned())
}

async fn bucket(
    server: &Server,
    client: Option<&influxdb2::Client>,
    wish: &Wish,
    (org, org_id): (&str, &str),
    login: &Secret,
    made: &mut Made,
) -> Result<String, Failed> {
    let name = wish.place(Interface::Two);
    let what = format!("bucket `{name}`");
    let find = async || {
        let Some(client) = client else {
            let path = format!("buckets?name={}&org={}", encode(name), encode(org));
            return named(&get(server, &path, login).await.unwrap_or_default(), "buckets", name);
        };
        let request = ListBucketsRequest { name: Some(name.to_owned()), org: Some(org.to_owned()), ..ListBucketsRequest::default() };
        let found = limited(client.list_buckets(Some(request))).await.ok()?;
        found.buckets.into_iter().find(|bucket| bucket.name == name)?.id
    };
    if let Some(id) = find().await {
        made.step(what, true);
        return Ok(id);
    }
    let created = match client {
        Some(client) => {
            let rules = seconds(wish).map(|seconds| RetentionRule::new(retention_rule::Type::Expire, seconds)).into_iter().collect();
            let request = PostBucketRequest { retention_rules: rules, ..PostBucketRequest::new(org_id.to_owned(), name.to_owned()) };
            limited(client.create_bucket(Some(request))).await.map(drop)
        }
        None => {
            let rules: Vec<Value> =
                seconds(wish).map(|seconds| object!({ "type": "expire", "everySeconds": seconds })).into_iter().collect();
            post(server, "buckets", login, object!({ "orgID": org_id, "name": name, "retentionRules": rules })).await.map(drop)
        }
    };
    created.map_err(|why| (what.clone(), why))?;
    let id = find().await.ok_or_else(|| (what.clone(), "it was made, and is not there".to_owned()))?;
    made.step(what, false);
    Ok(id)
}

/// InfluxQL finds a bucket by its mapping alone.
async fn mapping(server: &Server, name: &str, org_id: &str, bucket_id: &str, login: &Secret, made: &mut Made) -> Result<(), Failed> {
    let what = format!("InfluxQL's database `{name}` (DBRP)");
    let fail = |why| (what.clone(), why);
    let path = format!("dbrps?orgID={}&db={}", encode(org_id), encode(name));
    let known = get(server, &path, login).await.map_err(fail)?;
    let is_there = known.get("content").and_then(Value::as_array).is_some_and(|found| !found.is_empty());
    if !is_there {
        let body = object!({ "orgID": org_id, "bucketID": bucket_id, "database": name, "retention_policy": "autogen", "default": true });
        post(server, "dbrps", login, body).await.map_err(fail)?;
    }
    made.step(what, is_there);
    Ok(())
}

/// A token for this bucket alone.
async fn authorisation(
    server: &Server,
    name: &str,
    org_id: &str,
    bucket_id: &str,
    role: &'static str,
    login: &Secret,
    made: &mut Made,
) -> Result<(), Failed> {
    let what = format!("token that may {role} `{name}`");
    let fail = |why| (what.clone(), why);
    let description = format!("skep: {role} {name}");
    let known = get(server, &format!("authorizations?orgID={}", encode(org_id)), login).await.map_err(fail)?;
    let known = known.get("authorizations").and_then(Value::as_array).into_iter().flatten();
    if known.filter_map(|one| one.get("description")?.as_str()).any(|found| found == description) {
        made.step(what, true);
        return Ok(());
    }
    let permission = object!({ "action": role, "resource": { "type": "buckets", "id": bucket_id, "orgID": org_id } });
    let body = object!({ "orgID": org_id, "description": description, "permissions": [permission] });
    let url = format!("{}/api/v2/authorizations", server.base.url);
    let answer = server.client.post(&url, Some(login), "application/json", body.to_string()).await.map_err(fail)?;
    let token = json(&answer).get("token").and_then(Value::as_str).map(str::to_owned);
    let token = token.ok_or_else(|| fail(refusal(&answer)))?;
    made.step(what, false);
    made.login(role, None, token);
    Ok(())
}

async fn get(server: &Server, path: &str, login: &Secret) -> Result<Value, String> {
    let answer = server.client.get(&format!("{}/api/v2/{path}", server.base.url), Some(login)).await?;
    if answer.status == 200 { Ok(json(&answer)) } else { Err(refusal(&answer)) }
}

/// Makes something; its id.
async fn post(server: &Server, path: &str, login: &Secret, body: Value) -> Result<String, String> {
    let url = format!("{}/api/v2/{path}", server.base.url);
    let answer = server.client.post(&url, Some(login), "application/json", body.to_string()).await?;
    let id = json(&answer).get("id").and_then(Value::as_str).map(str::to_owned);
    if answer.status == 201 { id.ok_or_else(|| "the server told no id".to_owned()) } else { Err(refusal(&answer)) }
}
