//! A 3, by its own interface. Its open edition knows administrators' tokens alone.

use serde_json::{Value, json as object};

use super::super::Secret;
use super::super::target::Interface;
use super::setup::{Failed, Made, Wish};
use super::{Server, json, refusal};

pub(super) async fn setup(server: &Server, wish: &Wish, made: &mut Made) -> Result<(), Failed> {
    let place = wish.place(Interface::Three);
    let token = match &wish.token {
        Some(token) => Some(token.0.clone()),
        None => first_token(server, made).await?,
    };
    let what = format!("database `{place}`");
    let mut body = object!({ "db": place });
    if let (Some(retention), Some(object)) = (wish.retention, body.as_object_mut()) {
        object.insert("retention_period".to_owned(), Value::from(format!("{}s", retention.micros() / 1_000_000)));
    }
    let login = token.map(|token| Secret(format!("Bearer {token}")));
    let url = format!("{}/api/v3/configure/database", server.base.url);
    let answer = server.client.post(&url, login.as_ref(), "application/json", body.to_string()).await;
    let answer = answer.map_err(|why| (what.clone(), why))?;
    match answer.status {
        200 | 201 => made.step(what, false),
        409 => made.step(what, true),
        _ => return Err((what, refusal(&answer))),
    }
    Ok(())
}

/// The token of a server that has none yet; `None` of one that asks for none.
async fn first_token(server: &Server, made: &mut Made) -> Result<Option<String>, Failed> {
    let what = "administrator's token".to_owned();
    let url = format!("{}/api/v3/configure/token/admin", server.base.url);
    let answer = server.client.post(&url, None, "application/json", String::new()).await.map_err(|why| (what.clone(), why))?;
    match (answer.status, json(&answer).get("token").and_then(Value::as_str)) {
        (200 | 201, Some(token)) => {
            made.step(what, false);
            made.login("admin", None, token.to_owned());
            Ok(Some(token.to_owned()))
        }
        (404 | 405, _) => Ok(None),
        (409, _) => Err((what, "the server has one; give it".to_owned())),
        _ => Err((what, refusal(&answer))),
    }
}
