//! Makes the database or bucket that a server does not have.

use serde_json::{Value, json};

use super::address::Base;
use super::client::{Answer, Client};
use super::target::Target;
use transport::percent::encode;

/// What makes the place that points go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Create {
    /// One statement.
    Database { url: String, form: String },
    /// The organisation's id is looked up first.
    Bucket { orgs: String, buckets: String, name: String },
}

impl Create {
    /// Of a 1.x.
    pub(crate) fn database(base: &Base, database: &str) -> Self {
        let quoted = database.replace('\\', "\\\\").replace('"', "\\\"");
        Self::Database { url: format!("{}/query", base.url), form: format!("q={}", encode(&format!("CREATE DATABASE \"{quoted}\""))) }
    }

    /// Of a 2.x; what is written stays for ever, as it does in a database of a 1.x.
    pub(crate) fn bucket(base: &Base, org: &str, bucket: &str) -> Self {
        let orgs = format!("{}/api/v2/orgs?org={}", base.url, encode(org));
        Self::Bucket { orgs, buckets: format!("{}/api/v2/buckets", base.url), name: bucket.to_owned() }
    }

    /// Whether a server's words to a write say that it is this that is missing, and not something else.
    pub(crate) fn is_missing(&self, message: &str) -> bool {
        match self {
            Self::Database { .. } => message.contains("database not found"),
            Self::Bucket { .. } => message.contains("bucket") && message.contains("not found"),
        }
    }

    /// Makes it. False when the server does not want to; an error is a sentence about the connection.
    pub(crate) async fn run(&self, client: &Client, target: &Target) -> Result<bool, String> {
        let authorization = target.authorization.as_ref();
        match self {
            Self::Database { url, form } => {
                let answer = client.post(url, authorization, "application/x-www-form-urlencoded", form.clone()).await?;
                Ok(answer.status == 200 && !has_error(&answer))
            }
            Self::Bucket { orgs, buckets, name } => {
                let answer = client.get(orgs, authorization).await?;
                let Some(id) = org_id(&answer) else { return Ok(false) };
                let body = json!({"orgID": id, "name": name, "retentionRules": []});
                let answer = client.post(buckets, authorization, "application/json", body.to_string()).await?;
                Ok(answer.status == 201)
            }
        }
    }
}

/// The answer to a statement may be 200 and hold an error.
fn has_error(answer: &Answer) -> bool {
    let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    json.pointer("/results/0/error").or_else(|| json.get("error")).is_some()
}

fn org_id(answer: &Answer) -> Option<String> {
    let json: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(json.pointer("/orgs/0/id")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use transport::percent::decode_text as decode;

    #[test]
    fn a_name_with_quotes_is_created_as_it_is() {
        let create = Create::database(&Base { url: "http://h".into() }, r#"a"; DROP DATABASE b"#);
        let Create::Database { form, .. } = create else { panic!("a database") };
        assert_eq!(decode(&form), r#"q=CREATE DATABASE "a\"; DROP DATABASE b""#);
    }
}
