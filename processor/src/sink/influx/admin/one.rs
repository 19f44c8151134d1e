//! A 1.x, by InfluxQL.

use serde_json::Value;

use super::super::Secret;
use super::super::target::Interface;
use super::setup::{DEFAULT, Failed, Made, Wish, password};
use super::{Server, basic, json, quoted, refusal, text};
use transport::percent::encode;

/// The first column of all series of an answer.
fn first_column(answer: &Value) -> Vec<String> {
    let series = answer.pointer("/results/0/series").and_then(Value::as_array).into_iter().flatten();
    let rows = series.filter_map(|series| series.get("values")?.as_array()).flatten();
    rows.filter_map(|row| Some(row.get(0)?.as_str()?.to_owned())).collect()
}

/// Runs a statement; an error is what the server or the connection says.
pub(super) async fn ask(server: &Server, database: Option<&str>, statement: &str, login: Option<&Secret>) -> Result<Value, String> {
    let place = database.map(|name| format!("&db={}", encode(name))).unwrap_or_default();
    let form = format!("q={}{place}", encode(statement));
    let url = format!("{}/query", server.base.url);
    let answer = server.client.post(&url, login, "application/x-www-form-urlencoded", form).await?;
    let body = json(&answer);
    match body.pointer("/results/0/error").and_then(Value::as_str) {
        Some(error) => Err(error.to_owned()),
        None if answer.status == 200 => Ok(body),
        None => Err(refusal(&answer)),
    }
}

pub(super) async fn setup(server: &Server, wish: &Wish, made: &mut Made) -> Result<(), Failed> {
    let place = wish.place(Interface::One);
    let given = wish.password.as_ref().map_or("", |password| &password.0);
    let admin = basic(&wish.admin, given);
    let run = async |what: &str, statement: String| ask(server, None, &statement, Some(&admin)).await.map_err(|why| (what.to_owned(), why));
    let databases = administrator(server, wish, made, &admin).await?;
    let what = format!("database `{place}`");
    let is_there = first_column(&databases).iter().any(|name| name == place);
    if !is_there {
        run(&what, format!("CREATE DATABASE {}", quoted(place))).await?;
    }
    made.step(what, is_there);
    if let Some(retention) = wish.retention {
        let what = format!("retention of {} s", retention.micros() / 1_000_000);
        let policies = run(&what, format!("SHOW RETENTION POLICIES ON {}", quoted(place))).await?;
        let policy = default_policy(&policies).unwrap_or_else(|| "autogen".to_owned());
        let seconds = retention.micros() / 1_000_000;
        // The shards of a long retention are a week long; a retention may not be shorter than they are.
        let statement = format!("ALTER RETENTION POLICY {} ON {} DURATION {seconds}s SHARD DURATION 1d", quoted(&policy), quoted(place));
        run(&what, statement).await?;
        made.step(what, false);
    }
    let writer = wish.settings.user.clone().unwrap_or_else(|| DEFAULT.to_owned());
    let users = first_column(&run("users", "SHOW USERS".to_owned()).await?);
    for (role, right, name) in [("write", "WRITE", writer.clone()), ("read", "READ", format!("{writer}_reader"))] {
        let what = format!("user `{name}` who may {role} `{place}`");
        let is_there = users.contains(&name);
        if !is_there {
            let secret = match &wish.settings.password {
                Some(given) if role == "write" => given.0.clone(),
                _ => password()?,
            };
            run(&what, format!("CREATE USER {} WITH PASSWORD {}", quoted(&name), text(&secret))).await?;
            made.login(role, Some(name.clone()), secret);
        }
        run(&what, format!("GRANT {right} ON {} TO {}", quoted(place), quoted(&name))).await?;
        made.step(what, is_there);
    }
    Ok(())
}

/// The databases, as the administrator sees them; where the server has nobody yet, the administrator is made.
async fn administrator(server: &Server, wish: &Wish, made: &mut Made, admin: &Secret) -> Result<Value, Failed> {
    let what = || format!("administrator `{}`", wish.admin);
    let refused = match ask(server, None, "SHOW DATABASES", Some(admin)).await {
        Ok(databases) => return Ok(databases),
        Err(refused) => refused,
    };
    let Some(password) = &wish.password else { return Err((what(), format!("{refused}; give the administrator's password"))) };
    // Without a user a server takes this statement from anybody, and no other.
    let create = format!("CREATE USER {} WITH PASSWORD {} WITH ALL PRIVILEGES", quoted(&wish.admin), text(&password.0));
    ask(server, None, &create, None).await.map_err(|_| (what(), refused))?;
    made.step(what(), false);
    ask(server, None, "SHOW DATABASES", Some(admin)).await.map_err(|why| (what(), why))
}

/// The name of the policy that counts.
fn default_policy(answer: &Value) -> Option<String> {
    let rows = answer.pointer("/results/0/series/0/values")?.as_array()?;
    let row = rows.iter().find(|row| row.get(4).and_then(Value::as_bool) == Some(true))?;
    Some(row.get(0)?.as_str()?.to_owned())
}
