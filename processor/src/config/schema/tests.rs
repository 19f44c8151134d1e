//! The schema says what the loader says.

use std::path::Path;

use serde_json::{Map, Value};

use crate::config::yaml::{self, Kind, Node};
use crate::config::{Report, read_rules};

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// A tree as an editor sees it: by YAML 1.2's core schema.
fn value(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Scalar(scalar) if scalar.is_plain => plain(&scalar.text),
        Kind::Scalar(scalar) => Value::from(scalar.text.as_str()),
        Kind::List(nodes) => nodes.iter().map(value).collect(),
        Kind::Map(entries) => {
            entries.iter().map(|(key, node)| (key.scalar().unwrap_or_default().to_owned(), value(node))).collect::<Map<_, _>>().into()
        }
    }
}

fn plain(text: &str) -> Value {
    match text {
        "true" | "True" | "TRUE" => Value::from(true),
        "false" | "False" | "FALSE" => Value::from(false),
        _ => text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or_else(|_| Value::from(text)),
    }
}

/// What the schema has against a rule file; empty when nothing.
fn told(yaml: &str) -> String {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    let schema: Value = serde_json::from_str(&super::schema()).expect("JSON");
    compiler.add_resource("rules.schema.json", schema).expect("a schema");
    let index = compiler.compile("rules.schema.json", &mut schemas).expect("a schema");
    let tree = yaml::parse(0, yaml).expect("YAML");
    let value = if tree.is_null() { Value::Object(Map::new()) } else { value(&tree) };
    schemas.validate(&value, index).map_or_else(|wrong| format!("{wrong:#}"), |()| String::new())
}

#[track_caller]
fn check(yaml: &str, is_good: bool) {
    let mut report = Report::default();
    let loads = read_rules(&[("my.yaml".to_owned(), yaml.to_owned())], &mut report).is_some();
    let told = told(yaml);
    assert_eq!((loads, told.is_empty()), (is_good, is_good), "{yaml}\n{}\n{told}", report.text(false));
}

#[test]
fn the_file_in_the_repository_is_this_schema() {
    let path = project("rules/rules.schema.json");
    let schema = super::schema() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &schema).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == schema, "rules/rules.schema.json is stale: `UPDATE=1 cargo test -p skep-processor schema` writes it anew");
}

#[test]
fn the_stock_rules_are_valid() {
    for (name, text) in crate::config::stock::STOCK {
        assert_eq!(told(text), "", "{name}");
    }
}

#[test]
fn the_examples_of_the_documentation_are_valid() {
    let mut n_examples = 0;
    for page in std::fs::read_dir(project("docs")).expect("the folder").map(|entry| entry.expect("an entry").path()) {
        let Ok(text) = std::fs::read_to_string(&page) else { continue };
        let examples = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
        for example in examples.filter(|example| !example.starts_with("# skep.yaml")) {
            n_examples += 1;
            assert_eq!(told(example), "", "{}:\n{example}", page.display());
        }
    }
    assert!(n_examples >= 15, "only {n_examples} examples were found");
}

#[test]
fn what_the_loader_refuses_by_its_form_the_schema_refuses_too() {
    let alert = |line: &str| format!("alerts:\n  a:\n    where: service = \"app/a\"\n    crit: metric > 1\n    {line}\n");
    check(&alert("by: [host]"), true);
    for line in [
        "by: host",
        "critt: metric > 1",
        "for: 30",
        "for: 30 sec",
        "warn: {wehn: metric > 1}",
        "enabled: perhaps",
        "expired: clsoe",
        "unless: {alert: b}",
        "labels: [a]",
        "max_instances: 0",
        "absent: 5",
        "expect: {from: nodes}",
        "over: 5m\n    take: meen",
    ] {
        check(&alert(line), false);
    }
    let steps = |steps: &str| format!("streams:\n  s:\n    steps: {steps}\n");
    check(&steps("[{where: metric > 1, else: [{tap: a}]}, flatten, {to: [index]}]").replace("flatten, ", ""), true);
    for wrong in
        ["[]", "[{wehre: metric > 1}]", "[{to: [index], tap: a}]", "[{window: {ovre: 5s}}]", "[{to: nowhere}]", "[{tap: a, else: []}]"]
    {
        check(&steps(wrong), false);
    }
    check("alrts: {}\n", false);
    check("index: {events: some}\n", false);
}

/// The keys of a map within the schema.
fn keys_of(value: &Value, path: &[&str]) -> Vec<String> {
    let at = path.iter().try_fold(value, |value, key| value.get(key)).expect("the path is there");
    at.as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn every_key_of_the_schema_is_one_for_the_loader() {
    let schema: Value = serde_json::from_str(&super::schema()).expect("JSON");
    let top = keys_of(&schema, &["properties"]);
    let mut text: String = top.iter().map(|key| format!("{key}: 5\n")).collect();
    let of = |section: &str| keys_of(&schema, &["properties", section, "additionalProperties", "properties"]);
    let mut report = Report::default();
    read_rules(&[("top.yaml".to_owned(), text)], &mut report);
    for section in ["alerts", "streams", "notify"] {
        text = format!("{section}:\n  a:\n") + &of(section).iter().map(|key| format!("    {key}: {{}}\n")).collect::<String>();
        read_rules(&[(format!("{section}.yaml"), text)], &mut report);
    }
    let steps: String = super::STEPS.iter().map(|key| format!("      - {}: {{}}\n", key.name)).collect();
    read_rules(&[("steps.yaml".to_owned(), format!("streams:\n  a:\n    steps:\n{steps}"))], &mut report);
    let told = report.text(false);
    assert!(!told.contains("unknown key") && !told.contains("there is no step"), "{told}");
    assert!(told.contains("`by` takes a list") && told.contains("top.yaml"), "{told}");
}
