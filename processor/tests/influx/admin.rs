//! Setting up a 2.x and a 3, by what their interfaces are documented to answer.

use event::{Duration, Timestamp};
use processor::sink::influx::admin::{Health, Outcome, Wish, doctor, setup};
use processor::sink::influx::{Secret, Settings, Version};
use serde_json::{Value, json};

use crate::fake::{Answer, Asked, Fake};

fn wish(fake: &Fake, version: Version) -> Wish {
    let settings = Settings {
        version,
        org: Some("me".into()),
        bucket: Some("swarm".into()),
        ..Settings::new(format!("http://{}", fake.address), "unused")
    };
    let retention = Some(Duration::from_secs(86_400));
    Wish { settings, admin: "ann".into(), password: Some(Secret("secret!".into())), token: None, retention }
}

fn told(status: u16, body: Value) -> Answer {
    (status, Vec::new(), body.to_string())
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A 2.x that has nobody yet; its answers are those of its reference.
fn two(_: usize, asked: &Asked) -> Answer {
    let path = asked.path.as_str();
    let is_post = !asked.body.is_empty();
    match path.split('?').next().unwrap_or_default() {
        "/ping" => (204, vec![("x-influxdb-version", "v2.7.11".into())], String::new()),
        "/api/v2/setup" if !is_post => told(200, json!({ "allowed": true })),
        "/api/v2/setup" => told(
            201,
            json!({ "auth": { "orgID": "0a", "token": "root", "permissions": [{ "action": "read", "resource": { "type": "instance" } }] } }),
        ),
        "/api/v2/orgs" => told(200, json!({ "orgs": [{ "id": "0a", "name": "me" }] })),
        "/api/v2/buckets" => told(200, json!({ "buckets": [{ "id": "0b", "orgID": "0a", "name": "swarm", "retentionRules": [] }] })),
        "/api/v2/dbrps" if !is_post => told(200, json!({ "content": [] })),
        "/api/v2/dbrps" => told(201, json!({ "id": "0c" })),
        "/api/v2/authorizations" if !is_post => told(200, json!({ "authorizations": [] })),
        "/api/v2/authorizations" if asked.body.contains("\"write\"") => told(201, json!({ "id": "0d", "token": "w" })),
        "/api/v2/authorizations" => told(201, json!({ "id": "0e", "token": "r" })),
        _ => told(404, json!({ "code": "not found", "message": path })),
    }
}

#[test]
fn a_2_is_onboarded_mapped_and_given_tokens_for_one_bucket() {
    let fake = Fake::start(two);
    let made = wait(setup(wish(&fake, Version::Auto))).unwrap();
    assert!(made.is_whole(), "{:?}", made.steps);
    let logins: Vec<_> = made.logins.iter().map(|login| (login.role, login.secret.0.as_str())).collect();
    assert_eq!(logins, [("admin", "root"), ("write", "w"), ("read", "r")]);
    let body = |path: &str, of: &str| {
        let asked = fake.asked();
        let found = asked.iter().find(|asked| asked.path.starts_with(path) && asked.body.contains(of));
        serde_json::from_str::<Value>(&found.unwrap_or_else(|| panic!("nothing was sent to {path}: {asked:?}")).body).unwrap()
    };
    let onboarding = json!({ "username": "ann", "org": "me", "bucket": "swarm", "password": "secret!", "retentionPeriodSeconds": 86400 });
    assert_eq!(body("/api/v2/setup", "ann"), onboarding);
    let mapping = json!({ "orgID": "0a", "bucketID": "0b", "database": "swarm", "retention_policy": "autogen", "default": true });
    assert_eq!(body("/api/v2/dbrps", "0b"), mapping);
    let permissions = json!([{ "action": "write", "resource": { "type": "buckets", "id": "0b", "orgID": "0a" } }]);
    assert_eq!(body("/api/v2/authorizations", "write")["permissions"], permissions);
    let tokens: Vec<_> = fake.asked().iter().filter_map(|asked| asked.headers.get("authorization").cloned()).collect();
    assert!(tokens.iter().all(|token| token == "Token root") && !tokens.is_empty(), "{tokens:?}");
}

#[test]
fn a_2_that_was_set_up_before_wants_a_token() {
    let fake = Fake::start(|number, asked| match asked.path.as_str() {
        "/api/v2/setup" => told(200, json!({ "allowed": false })),
        _ => two(number, asked),
    });
    let made = wait(setup(wish(&fake, Version::Two))).unwrap();
    let expected = "the server has been set up before; give a token that may change everything";
    assert_eq!(made.steps.last().map(|step| &step.outcome), Some(&Outcome::Failed(expected.into())));
    let wish = Wish { token: Some(Secret("mine".into())), ..wish(&fake, Version::Two) };
    assert!(wait(setup(wish)).unwrap().is_whole());
}

#[test]
fn a_2_behind_a_path_and_https_is_set_up_the_same() {
    let below = |number: usize, asked: &Asked| {
        let path = asked.path.strip_prefix("/influx").unwrap_or("/outside").to_owned();
        match path.split('?').next().unwrap_or_default() {
            // A bucket that is not there until it is made.
            "/api/v2/buckets" if asked.body.is_empty() && number < 6 => told(200, json!({ "buckets": [] })),
            "/api/v2/buckets" if !asked.body.is_empty() => told(201, json!({ "id": "0b" })),
            _ => two(number, &Asked { path, ..asked.clone() }),
        }
    };
    let fake = Fake::start_with(Some(crate::tls::acceptor()), below);
    let mut wish = wish(&fake, Version::Two);
    wish.settings.url = format!("https://localhost:{}/influx", fake.address.port());
    wish.settings.tls = crate::tls::trusting();
    let made = wait(setup(wish)).unwrap();
    assert!(made.is_whole(), "{:?}", made.steps);
    let roles: Vec<_> = made.logins.iter().map(|login| login.role).collect();
    assert_eq!(roles, ["admin", "write", "read"]);
    let asked = fake.asked();
    let created = asked.iter().find(|asked| asked.path.starts_with("/influx/api/v2/buckets") && !asked.body.is_empty()).unwrap();
    let expected = json!({ "orgID": "0a", "name": "swarm", "retentionRules": [{ "type": "expire", "everySeconds": 86400 }] });
    assert_eq!(serde_json::from_str::<Value>(&created.body).unwrap(), expected);
    assert!(asked.iter().all(|asked| asked.path.starts_with("/influx/")), "{asked:?}");
}

/// A 2.x that takes points and gives them back as its reference shows.
fn in_use(_: usize, asked: &Asked) -> Answer {
    let path = asked.path.strip_prefix("/influx").unwrap_or(&asked.path);
    match path.split('?').next().unwrap_or_default() {
        "/ping" => (204, vec![("x-influxdb-version", "v2.7.11".into()), ("date", "Thu, 26 Nov 2026 20:00:00 GMT".into())], String::new()),
        "/api/v2/write" => (204, Vec::new(), String::new()),
        "/api/v2/query" => {
            let csv = "#group,false,false,true,true,false,false,true,true,true\r\n\
                #datatype,string,long,dateTime:RFC3339,dateTime:RFC3339,dateTime:RFC3339,long,string,string,string\r\n\
                #default,_result,,,,,,,,\r\n\
                ,result,table,_start,_stop,_time,_value,_field,_measurement,host\r\n\
                ,,0,2026-11-26T19:00:00Z,2026-11-26T20:00:00Z,2026-11-26T20:00:00Z,1,value,skep_doctor,n1\r\n\r\n";
            (200, vec![("content-type", "text/csv; charset=utf-8".into())], csv.to_owned())
        }
        path => told(404, json!({ "code": "not found", "message": path })),
    }
}

#[test]
fn a_2_is_written_to_and_read_back() {
    let now = Timestamp::from_secs(1_795_723_200);
    let look = |settings: Settings| {
        let settings = Settings { token: Some(Secret("w".into())), ..settings };
        let checks = wait(doctor(settings, now, "n1")).unwrap();
        let found: Vec<_> = checks.iter().map(|check| (check.name, check.health)).collect();
        let expected = ["reach", "version", "clock", "write", "read"].map(|name| (name, Health::Well));
        assert_eq!(found, expected, "{checks:?}");
    };
    let fake = Fake::start(in_use);
    look(wish(&fake, Version::Auto).settings);
    let asked = fake.asked();
    let write = asked.iter().find(|asked| asked.path.starts_with("/api/v2/write")).unwrap();
    assert_eq!(write.body, "skep_doctor,host=n1 value=1i 1795723200000000\n");
    let query = asked.iter().find(|asked| asked.path.starts_with("/api/v2/query")).unwrap();
    assert!(query.body.contains("skep_doctor") && query.headers["authorization"] == "Token w", "{query:?}");

    let fake = Fake::start_with(Some(crate::tls::acceptor()), in_use);
    let url = format!("https://localhost:{}/influx", fake.address.port());
    look(Settings { url, tls: crate::tls::trusting(), ..wish(&fake, Version::Auto).settings });
    assert!(fake.asked().iter().all(|asked| asked.path.starts_with("/influx/")));
}

#[test]
fn a_2_that_takes_nothing_is_told_so() {
    let fake = Fake::start(|number, asked| match asked.path.split('?').next().unwrap_or_default() {
        "/api/v2/write" => told(401, json!({ "code": "unauthorized", "message": "unauthorized access" })),
        _ => in_use(number, asked),
    });
    let checks = wait(doctor(wish(&fake, Version::Two).settings, Timestamp::from_secs(1_795_723_200), "n1")).unwrap();
    let last = checks.last().unwrap();
    assert_eq!((last.name, last.health), ("write", Health::Bad));
    assert!(last.text.ends_with("status 401: unauthorized access"), "{}", last.text);
}

#[test]
fn a_3_gets_a_database_and_its_first_token() {
    let fake = Fake::start(|_, asked| match asked.path.as_str() {
        "/ping" => (200, vec![("x-influxdb-version", "3.10.0".into())], json!({ "version": "3.10.0" }).to_string()),
        "/api/v3/configure/token/admin" => told(201, json!({ "token": "apiv3_x" })),
        "/api/v3/configure/database" => told(200, json!({})),
        path => told(404, json!({ "error": path })),
    });
    let made = wait(setup(wish(&fake, Version::Auto))).unwrap();
    assert!(made.is_whole(), "{:?}", made.steps);
    assert_eq!(made.logins[0].secret.0, "apiv3_x");
    let last = fake.asked().pop().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&last.body).unwrap(), json!({ "db": "swarm", "retention_period": "86400s" }));
    assert_eq!(last.headers["authorization"], "Bearer apiv3_x");
}

#[test]
fn a_3_is_written_to_and_read_back() {
    let fake = Fake::start(|_, asked| {
        let path = asked.path.split('?').next().unwrap_or_default();
        match path {
            "/ping" => {
                (200, vec![("x-influxdb-version", "3.10.0".into()), ("date", "Thu, 26 Nov 2026 20:00:09 GMT".into())], String::new())
            }
            "/api/v3/write_lp" => (204, Vec::new(), String::new()),
            "/api/v3/query_influxql" => told(200, json!([{ "time": "x", "value": 1 }])),
            path => told(404, json!({ "error": path })),
        }
    });
    let settings = wish(&fake, Version::Auto).settings;
    let now = Timestamp::from_secs(1_795_723_200);
    let checks = wait(doctor(settings, now, "n1")).unwrap();
    let found: Vec<_> = checks.iter().map(|check| (check.name, check.health)).collect();
    let expected =
        [("reach", Health::Well), ("version", Health::Well), ("clock", Health::Odd), ("write", Health::Well), ("read", Health::Well)];
    assert_eq!(found, expected, "{checks:?}");
    assert!(checks[2].text.starts_with("the server's clock is 9 s off ours"), "{}", checks[2].text);
    let asked = fake.asked();
    let write = asked.iter().find(|asked| asked.path.starts_with("/api/v3/write_lp")).unwrap();
    assert_eq!(write.body, "skep_doctor,host=n1 value=1i 1795723200000000\n");
}
