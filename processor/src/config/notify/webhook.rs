//! A webhook: where to, with which headers and in which form.

use engine::template::Template;

use super::ways::{open, secret_file, url};
use crate::config::report::Report;
use crate::config::schema::{self, names};
use crate::config::section::Section;
use crate::config::values;
use crate::config::yaml::{Kind, Node};
use crate::notify::{Body, Form, Given, Login, Method, Preset, Webhook, form};

const METHODS: [(&str, Method); 3] = [("POST", Method::Post), ("PUT", Method::Put), ("PATCH", Method::Patch)];

const JSON: &str = "application/json";

pub(super) fn webhook(key: &str, node: &Node, report: &mut Report) -> Option<Webhook> {
    let mut section = open(key, node, &names(&schema::WEBHOOK), &[], report)?;
    let (url, file) = (section.read("url", url), section.read("url_file", secret_file));
    let (has_url, has_file) = (section.node("url").is_some(), section.node("url_file").is_some());
    if has_url == has_file {
        let what = if has_url { "both `url` and `url_file`" } else { "no `url`" };
        let problem = section.report.error(&node.place, format!("`webhook` has {what}"));
        problem.help("write `webhook: {url: https://chat.example.org/hook}`, or `url_file: PATH` where the URL is a secret");
    }
    let headers = section.read("headers", headers).unwrap_or_default();
    let content_type = section.read("content_type", values::filled);
    let is_json = content_type.as_deref().is_none_or(is_json);
    let body = section.read("template", |key, node, report| template(key, is_json, node, report)).unwrap_or_default();
    if let (Some(node), Body::Preset(_)) = (section.node("content_type"), &body) {
        let problem = section.report.error(&node.place, "`content_type` is of a body of one's own: what skep makes is JSON");
        problem.help("write the body, as in `template: {body: \"{{subject}}\"}`");
    }
    let method = section.read("method", |key, node, report| values::choice(key, &METHODS, node, report)).unwrap_or_default();
    let (login, ca_file) = (login(&mut section, node, &headers), section.read("ca_file", secret_file));
    let url = url.map(Given::Here).or(file.map(Given::File))?;
    Some(Webhook { url, method, headers, content_type: content_type.unwrap_or_else(|| JSON.to_owned()), body, login, ca_file })
}

/// `application/json; charset=utf-8`, `application/vnd.example+json`.
fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == JSON || essence.ends_with("+json")
}

fn login(section: &mut Section<'_, '_>, node: &Node, headers: &[(String, Given)]) -> Option<Login> {
    let (user, file) = (section.read("user", values::filled), section.read("password_file", secret_file));
    if user.is_some() != file.is_some() {
        section.report.error(&node.place, "`user` and `password_file` of `webhook` belong together: one of them is not there");
    }
    if user.is_some() && headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
        section.report.error(&node.place, "`webhook` has both a `user` and a header `Authorization`").help("leave one of them out");
    }
    Some(Login { user: user?, password_file: file? })
}

fn headers(key: &str, node: &Node, report: &mut Report) -> Option<Vec<(String, Given)>> {
    let twice = |name: &str, second: &_, first: &_, report: &mut Report| {
        report.error(second, format!("header `{name}` is there twice")).second(first, "first here");
    };
    let entries = crate::config::reader::entries(node, &format!("`{key}`"), twice, report)?;
    let mut headers = Vec::new();
    for (name, _, node) in entries.iter() {
        let value = match &node.kind {
            Kind::Map(_) => {
                let mut section = open(name, node, &names(&schema::HEADER), &[("file", "{file: /run/secrets/token}")], report)?;
                section.read("file", secret_file).map(Given::File)
            }
            _ => values::filled(name, node, report).map(Given::Here),
        };
        headers.extend(value.map(|value| (name.to_owned(), value)));
    }
    Some(headers)
}

/// A preset's name, `{preset: …}`, or `{body: …, entry: …}`.
fn template(key: &str, is_json: bool, node: &Node, report: &mut Report) -> Option<Body> {
    if node.scalar().is_some() {
        return preset(key, node, report).map(Body::Preset);
    }
    let mut section = open(key, node, &names(&schema::TEMPLATE), &[], report)?;
    let has = |name: &str| section.node(name).is_some();
    if has("preset") == has("body") || (has("preset") && has("entry")) {
        let problem = section.report.error(&node.place, format!("`{key}` takes either a `preset` or a `body`"));
        problem.help("write `template: {preset: slack}`, or `template: {body: '{\"text\": \"{{subject}}\"}'}` for a body of your own");
        return None;
    }
    match section.node("body") {
        None => section.read("preset", preset).map(Body::Preset),
        Some(body) => form(body, section.node("entry"), is_json, section.report).map(Body::Own),
    }
}

fn preset(key: &str, node: &Node, report: &mut Report) -> Option<Preset> {
    let presets = Preset::NAMES.map(|name| (name, Preset::parse(name).unwrap_or_default()));
    values::choice(key, &presets, node, report)
}

fn form(body_node: &Node, entry_node: Option<&Node>, is_json: bool, report: &mut Report) -> Option<Form> {
    let body = values::template("body", body_node, report);
    let entry = entry_node.map(|node| values::template("entry", node, report));
    let (body, entry) = (body?, entry.map_or(Some(None), |entry| entry.map(Some))?);
    let names_entries = body.fields().any(|(name, _)| name == form::ENTRIES);
    let mut is_good = fields_of_body(&body, body_node, report);
    if let (Some(entry), Some(node)) = (&entry, entry_node) {
        is_good &= fields_of_entry(entry, node, report);
    }
    if names_entries != entry.is_some() {
        is_good = false;
        let problem = match entry_node {
            None => report.error(&body_node.place, "`body` names `{{entries}}`, and there is no `entry`"),
            Some(node) => report.error(&node.place, "`entry` is of no use: `body` does not name `{{entries}}`"),
        };
        problem.help("write `template: {body: '[{{entries}}]', entry: '{\"text\": \"{{message}}\"}'}`");
    }
    let form = is_good.then_some(Form { body, entry, is_json })?;
    if let Err(why) = form.check() {
        let problem = report.error(&body_node.place, format!("`body`: {why}"));
        problem.help("texts need quotes around the braces, `\"{{host}}\"`; for something else write its `content_type`, as in text/plain");
        return None;
    }
    Some(form)
}

fn fields_of_body(body: &Template, node: &Node, report: &mut Report) -> bool {
    let known = form::OF_MESSAGE.into_iter().chain([form::ENTRIES]);
    all_known(body, node, report, &|name| {
        if known.clone().any(|known| known == name) {
            return Ok(());
        }
        let is_of_entry = form::OF_ENTRY.contains(&name) || form::BY_NAME.iter().any(|group| name.starts_with(group));
        let of_entry = "it is of an entry: name it in `entry`, and `{{entries}}` in `body`".to_owned();
        let help = if is_of_entry { of_entry } else { near(name, known.clone()) };
        Err((format!("`{{{{{name}}}}}` is not a field of a message"), help))
    })
}

fn fields_of_entry(entry: &Template, node: &Node, report: &mut Report) -> bool {
    all_known(entry, node, report, &|name| {
        let is_named = form::BY_NAME.iter().any(|group| name.strip_prefix(group).is_some_and(|rest| !rest.is_empty()));
        if is_named || form::OF_ENTRY.contains(&name) {
            return Ok(());
        }
        let known = form::OF_ENTRY.into_iter().chain(["fields.NAME", "labels.NAME", "links.NAME"]);
        Err((format!("`{{{{{name}}}}}` is not a field of an entry"), near(name, known)))
    })
}

/// What is wrong with a field, and a help.
type Wrong = (String, String);

/// Tells of fields that are none.
fn all_known(template: &Template, node: &Node, report: &mut Report, check: &dyn Fn(&str) -> Result<(), Wrong>) -> bool {
    let mut is_good = true;
    for (name, span) in template.fields() {
        if let Err((message, help)) = check(name) {
            is_good = false;
            report.error(&node.part(&span), message).help(help);
        }
    }
    is_good
}

fn near(name: &str, known: impl Iterator<Item = &'static str> + Clone) -> String {
    match catalogue::nearest(name, known.clone()) {
        Some(nearest) => format!("did you mean `{{{{{nearest}}}}}`?"),
        None => format!("it has {}", known.collect::<Vec<_>>().join(", ")),
    }
}
