//! What a message is to be posted as, by each way that speaks HTTP.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hyper::Method;
use hyper::header::AUTHORIZATION;

use super::http::Post;
use super::secret;
use crate::notify::{self, Body, Given, Letter, Login, Preset, Way, Webhook, payload};
use crate::sink::influx::Tls;

/// Whom a way trusts over https.
pub(super) fn tls(way: &Way) -> Tls {
    let ca = match way {
        Way::Webhook(webhook) => webhook.ca_file.as_ref().map(PathBuf::from),
        Way::Pagerduty(_) | Way::Alertmanager(_) | Way::Telegram(_) | Way::Mail(_) | Way::Exec(_) => None,
    };
    Tls { ca, and_usual: true, identity: None }
}

/// What is to be posted; an error is a sentence about a file that cannot be read.
pub(super) fn posts(way: &Way, letter: &Letter) -> Result<Vec<Post>, String> {
    Ok(match way {
        Way::Webhook(settings) => vec![webhook(settings, letter)?],
        Way::Pagerduty(pagerduty) => {
            let key = secret::read(&pagerduty.routing_key_file)?;
            let post = |body| Post::json(pagerduty.url.clone(), &body, vec![key.clone()]);
            payload::events(letter, &key).into_iter().map(post).collect()
        }
        Way::Alertmanager(alertmanager) => {
            let url = format!("{}/api/v2/alerts", alertmanager.url.trim_end_matches('/'));
            let alerts = payload::alerts(letter);
            if alerts.is_empty() { Vec::new() } else { vec![Post::json(url, &alerts.into(), Vec::new())] }
        }
        Way::Telegram(telegram) => {
            let token = secret::read(&telegram.token_file)?;
            let url = format!("{}/bot{token}/sendMessage", telegram.url.trim_end_matches('/'));
            vec![Post::json(url, &payload::telegram(letter, &telegram.chat), vec![token])]
        }
        Way::Mail(_) | Way::Exec(_) => Vec::new(),
    })
}

fn webhook(webhook: &Webhook, letter: &Letter) -> Result<Post, String> {
    let url = secret::text(&webhook.url)?;
    let headers = webhook.headers.iter().map(|(name, value)| Ok((name.clone(), secret::text(value)?)));
    let mut headers = headers.collect::<Result<Vec<_>, String>>()?;
    let mut secrets = secret::of_url(&url);
    secrets.extend(webhook.headers.iter().zip(&headers).filter(|((_, given), _)| matches!(given, Given::File(_))).flat_map(
        // Whoever shows a header may leave out the scheme, as in `Bearer TOKEN`.
        |(_, (_, value))| std::iter::once(value.clone()).chain(value.split_once(' ').map(|(_, token)| token.to_owned())),
    ));
    if let Some(Login { user, password_file }) = &webhook.login {
        let password = secret::read(password_file)?;
        let token = BASE64.encode(format!("{user}:{password}"));
        headers.push((AUTHORIZATION.as_str().to_owned(), format!("Basic {token}")));
        secrets.extend([password, token]);
    }
    let (url, body) = body(webhook, url, letter)?;
    let method = match webhook.method {
        notify::Method::Post => Method::POST,
        notify::Method::Put => Method::PUT,
        notify::Method::Patch => Method::PATCH,
    };
    Ok(Post { method, url, headers, content_type: webhook.content_type.clone(), body, secrets })
}

/// The body, and where it goes: ntfy takes JSON at the server's root.
fn body(webhook: &Webhook, url: String, letter: &Letter) -> Result<(String, String), String> {
    let json = match &webhook.body {
        Body::Own(form) => return Ok((url, form.render(letter))),
        Body::Preset(Preset::Json) => payload::json(letter),
        Body::Preset(Preset::Slack) => payload::slack(letter),
        Body::Preset(Preset::Teams) => payload::teams(letter),
        Body::Preset(Preset::Discord) => payload::discord(letter),
        Body::Preset(Preset::Ntfy) => {
            let (server, topic) = url.trim_end_matches('/').rsplit_once('/').ok_or("the URL of ntfy names no topic")?;
            return Ok((server.to_owned(), payload::ntfy(letter, topic).to_string()));
        }
    };
    Ok((url, json.to_string()))
}
