//! Every query of every board on what a real swarm wrote: InfluxDB has rows, and skep's own store says the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testbed::influx::{ADMIN, Influxd};
use testbed::{Server, Swarm, http, require, wait_until};

use crate::ask::{Picked, error, n_rows, same};
use crate::board::{Board, Query, text};
use crate::common::{PATIENCE, Skep, project};

/// Queries that have no rows here, by the end of their place, with the reason.
const NO_ROWS: &[(&str, &str)] = &[("swarm-node: Swapping, A", "a machine without swap counts none")];

/// Seconds of samples, before which the comparison would say little.
const SPAN: u64 = 45;

/// The same for pictures.
const SPAN_OF_PICTURES: u64 = 150;

/// What the embedded store does not answer as InfluxDB does, with the reason.
const OTHER_IN_STORE: &[(&str, &str)] = &[
    ("Image and state, A", "texts are not kept"),
    ("Telegraf's query 39", "texts are not kept"),
    ("What happened, A", "of events of one series within a second one is kept"),
    ("Network by node, A", "the store's growth within a query knows the step before the first, InfluxDB's does not"),
    ("Network by node, B", "as before"),
];

/// A swarm with a service that crashes, one that burns its quota, one near its limit, and alerts on all of it.
struct Lab {
    skep: Skep,
    influxd: Influxd,
    _collectors: Vec<Server>,
    swarm: Swarm,
}

/// Rules that open within seconds, beside the stock rules.
const RULES: &str = "alerts:
  busy:
    where: service =~ \"docker_container_cpu/%/usage_percent\"
    by: [host, container_name, swarm_service]
    warn: metric > 20
    crit: metric > 1000
    message: \"{{container_name}} on {{host}} uses {{metric | percent}} of a processor\"
    to: post
  dead:
    where: service =~ \"docker_event/%/die\" and planned = \"false\"
    by: [swarm_service]
    crit: metric > 0
    message: \"{{container_name}} died with {{exit_code}}\"
  heard:
    where: service = \"skep_collector/heartbeat\"
    by: [host]
    info: metric > 0
";

impl Lab {
    fn start() -> Option<Self> {
        let program = require("influxd", "influxdb")?;
        let swarm = Swarm::start(1, 1)?;
        swarm.enter();
        let influxd = Influxd::start(&program, "").unwrap();
        let folder = swarm.folder().join("skep");
        fs::create_dir_all(folder.join("rules")).unwrap();
        // InfluxDB answers `/ping` with 204, whoever asks: so messages arrive.
        let notify = format!("notify:\n  post:\n    webhook: {{url: \"http://{}/ping\"}}\n", influxd.address);
        fs::write(folder.join("rules/lab.yaml"), format!("{RULES}{notify}")).unwrap();
        fs::write(folder.join("password"), ADMIN.1).unwrap();
        influxd.query("", "CREATE DATABASE swarm").unwrap();
        fs::write(folder.join("skep.yaml"), settings(&influxd, &folder)).unwrap();
        let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let address = format!("{}:5555", swarm.hub_address());
        let arguments = ["--insecure", "--config", &path("skep.yaml"), "--rules", &path("rules")];
        let skep = Skep::start_at(&address, "process", &folder, &arguments);
        let collect = |node: String| {
            let mut command = swarm.command(&node, Path::new(env!("CARGO_BIN_EXE_skep")));
            command.args(["collect", "--config", &path("skep.yaml"), "--to", &address, "--data-dir", &path(&node)]);
            let log = folder.join(format!("collect-{node}.log"));
            Server::start(command.env_remove("SKEP_LOG"), &log).unwrap()
        };
        let collectors = swarm.names().into_iter().map(collect).collect();
        Some(Self { skep, influxd, _collectors: collectors, swarm })
    }

    /// A stack of services, as different as the boards need them.
    fn deploy(&self) {
        let stack = ["--container-label", "com.docker.stack.namespace=shop", "--label", "com.docker.stack.namespace=shop"];
        let health = ["--health-cmd", "/bin/busybox true", "--health-interval", "2s"];
        let service = |name: &str, options: &[&str], command: &[&str]| {
            self.swarm.service("manager1", name, &[&stack[..], options].concat(), command);
        };
        service("shop_web", &["--replicas", "2"], &["httpd", "-f", "-p", "8080"]);
        // The image has no shell to run the check, so it fails.
        service("shop_sick", &health, &["sleep", "1000"]);
        service("shop_burn", &["--limit-cpu", "0.3"], &["sh", "-c", "while :; do :; done"]);
        service("shop_crash", &["--restart-delay", "1s"], &["sh", "-c", "sleep 1; exit 3"]);
        service("shop_greedy", &["--limit-memory", "16M", "--restart-delay", "2s"], &["sh", "-c", "tail /dev/zero"]);
        service("shop_stuck", &["--constraint", "node.hostname==nowhere"], &["sleep", "1000"]);
        let writes = "while :; do /bin/busybox dd if=/dev/zero of=/tmp/x bs=64k count=64 conv=fsync; /bin/busybox sleep 1; done";
        service("shop_disk", &["--limit-memory", "64M"], &["sh", "-c", writes]);
    }

    /// InfluxDB's answer.
    fn asked(&self, query: &str) -> Value {
        self.influxd.query("swarm", query).unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// The embedded store's.
    fn own(&self, query: &str) -> Value {
        let answer = http::get(self.skep.http, &format!("/query?db=swarm&q={}", http::encode(query))).unwrap();
        serde_json::from_str(&answer.body).unwrap_or_else(|_| json!({ "error": answer.body }))
    }
}

fn settings(influxd: &Influxd, folder: &Path) -> String {
    let password = folder.join("password");
    format!(
        "swarm:\n  name: lab\ncollector:\n  interval: 1s\n\
         processor:\n  influx:\n    url: http://{}\n    version: 1\n    database: swarm\n    username: {}\n    password_file: {}\n",
        influxd.address,
        ADMIN.0,
        password.display(),
    )
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The queries that are sent for the boards' variables.
fn variables(board: &Board) -> Vec<Query> {
    let asked = board.variables().iter().filter(|variable| variable["type"] == "query");
    let query = |variable: &Value| Query {
        place: format!("{}: variable {}", board.name, text(&variable["name"])),
        text: text(&variable["query"]).to_owned(),
    };
    asked.map(query).collect()
}

/// What boards made for Telegraf ask.
fn telegrafs() -> Vec<Query> {
    let asked = include_str!("telegraf.txt").lines().filter(|line| !line.starts_with('#'));
    asked.enumerate().map(|(at, text)| Query { place: format!("Telegraf's query {}", at + 1), text: text.to_owned() }).collect()
}

fn reason<'a>(list: &'a [(&'a str, &'a str)], place: &str) -> Option<&'a str> {
    list.iter().find(|(end, _)| place.ends_with(end)).map(|(_, reason)| *reason)
}

#[test]
fn every_query_of_every_board_has_rows_and_the_store_answers_alike() {
    let (start, from) = (Instant::now(), now());
    let Some(lab) = Lab::start() else { return };
    lab.deploy();
    let ours = Board::all().into_iter().flat_map(|board| [variables(&board), board.queries(), board.marks()].concat());
    let queries: Vec<Query> = ours.chain(telegrafs()).collect();
    let mut missing: Vec<&Query> = queries.iter().filter(|query| reason(NO_ROWS, &query.place).is_none()).collect();
    let mut turn = 0;
    let pictures = std::env::var_os("SKEP_BOARDS");
    let span = if pictures.is_some() { SPAN_OF_PICTURES } else { SPAN };
    let patience = PATIENCE * 3;
    let complete = wait_until(patience, || {
        turn += 1;
        // What a deploy and a reload leave, at a time when all runs.
        if turn == 10 {
            lab.swarm.docker("manager1", &["service", "update", "--detach", "--force", "shop_web"]);
            assert_eq!(http::request(lab.skep.http, "POST", "/reload", &[], b"").unwrap().status, 200);
        }
        wait_until(Duration::from_secs(1), || false);
        let picked = Picked { from, to: now() };
        missing.retain(|query| n_rows(&lab.asked(&picked.fill(&query.text))) == 0);
        if turn % 10 == 0 {
            println!(
                "{:.0} s: {} without rows, as {}",
                start.elapsed().as_secs_f64(),
                missing.len(),
                missing.first().map_or("", |query| &query.place)
            );
        }
        missing.is_empty() && start.elapsed().as_secs() >= span
    });
    println!("{:.0} s until {} of {} queries had rows", start.elapsed().as_secs_f64(), queries.len() - missing.len(), queries.len());
    let picked = Picked { from, to: now() };
    let told = |query: &&Query| {
        let filled = picked.fill(&query.text);
        format!("{}: {filled}\n    {}", query.place, error(&lab.asked(&filled)).unwrap_or("no rows"))
    };
    assert!(complete, "{} queries without rows:\n{}", missing.len(), missing.iter().map(told).collect::<Vec<_>>().join("\n"));
    if let Some(folder) = pictures {
        keep(&lab, &queries, picked.closed(), Path::new(&folder));
        return;
    }
    a_faulty_query_is_noticed(&lab, picked);
    answers_are_alike(&lab, &queries, picked);
}

/// What this test is for: a name that nobody writes has no rows, and another answer is not the same.
fn a_faulty_query_is_noticed(lab: &Lab, picked: Picked) {
    let ask = |query: &str| lab.asked(&picked.fill(query));
    let sound = r#"SELECT mean("usage_user") FROM "cpu" WHERE $timeFilter GROUP BY "host""#;
    assert!(n_rows(&ask(sound)) >= 2);
    for fault in [("usage_user", "usage_busy"), ("\"cpu\"", "\"cpus\"")] {
        assert_eq!(n_rows(&ask(&sound.replace(fault.0, fault.1))), 0, "{fault:?}");
    }
    assert!(error(&ask(&sound.replace("GROUP", "GRUOP"))).is_some());
    assert!(!same(&ask(sound), &lab.own(&picked.fill(&sound.replace("mean", "max")))));
}

/// The store's answers to the same queries, but for what is listed.
fn answers_are_alike(lab: &Lab, queries: &[Query], picked: Picked) {
    let closed = picked.closed();
    let (mut seen, mut differing) = (BTreeSet::new(), Vec::new());
    for query in queries.iter().filter(|query| seen.insert(query.text.clone())) {
        let filled = closed.fill(&query.text);
        let alike = || same(&as_stored(lab.asked(&filled)), &as_stored(lab.own(&filled)));
        // Lines reach InfluxDB in batches.
        let is_alike = alike() || wait_until(Duration::from_secs(2), alike);
        if !is_alike && reason(OTHER_IN_STORE, &query.place).is_none() {
            let short = |value: &Value| value.to_string().chars().take(600).collect::<String>();
            differing.push(format!(
                "{}: {filled}\n  InfluxDB: {}\n  skep:     {}",
                query.place,
                short(&lab.asked(&filled)),
                short(&lab.own(&filled))
            ));
        }
    }
    println!("{} different queries, {} answered otherwise by the store", seen.len(), differing.len());
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

/// What the store can know of an answer: whole seconds, one row of a series in each, and no texts. Rows at one time have no order.
fn as_stored(mut answer: Value) -> Value {
    let Some(all) = answer["results"][0]["series"].as_array_mut() else { return answer };
    for series in all {
        let texts: Vec<usize> = series["columns"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
            .filter(|(_, name)| TEXTS.contains(&text(name)))
            .map(|(at, _)| at)
            .collect();
        let Some(rows) = series["values"].as_array_mut() else { continue };
        for row in rows.iter_mut() {
            texts.iter().for_each(|at| row[*at] = Value::Null);
            if let Some((second, _)) = row[0].as_str().and_then(|time| time.split_once('.')) {
                row[0] = Value::from(format!("{second}Z"));
            }
        }
        rows.sort_by_key(Value::to_string);
        rows.dedup();
    }
    answer
}

/// Fields that are texts; tags of the same name are no columns here.
const TEXTS: [&str; 3] = ["state", "message", "since"];

/// Writes each answer for `check/preview.js`, which draws them.
fn keep(lab: &Lab, queries: &[Query], picked: Picked, folder: &Path) {
    let answers: Value = queries.iter().map(|query| (query.text.clone(), lab.asked(&picked.fill(&query.text)))).collect();
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("answers.json"), json!({ "from": picked.from, "to": picked.to, "answers": answers }).to_string()).unwrap();
    println!("{} has the answers", project("").join(folder).display());
}
