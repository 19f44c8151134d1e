//! The pages in a real browser, driven by Playwright against a real `skep run`: they come up, tell what happens, survive the
//! server's end, and are checked for types and by axe. What each test does stands in `tests/pages`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches other programs, whose time nobody can move"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use common::shop::Shop;
use common::{command, project};
use testbed::{Dockerd, require, skip};

/// Half of the five minutes that the pictures' charts show.
const UNTIL_CHARTS_ARE_FULL: Duration = Duration::from_secs(150);

/// Held by those that keep a skep and a browser as busy as they can.
static BUSY: Mutex<()> = Mutex::new(());

/// A copy of `tests/pages` with what its lock names installed, so that the tree stays as it is; made once for all tests.
fn workshop() -> Option<PathBuf> {
    static MADE: OnceLock<Option<PathBuf>> = OnceLock::new();
    MADE.get_or_init(|| {
        let (Some(_), Some(npm)) = (require("node", "nodejs"), require("npm", "npm")) else { return None };
        let folder = project("target/pages");
        fs::create_dir_all(folder.join("shots")).unwrap();
        for entry in fs::read_dir(project("tests/pages")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
            }
        }
        let (lock, installed) = (fs::read(folder.join("package-lock.json")).unwrap(), folder.join("installed.json"));
        if fs::read(&installed).unwrap_or_default() != lock {
            let output = Command::new(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder).output().unwrap();
            if !output.status.success() {
                return skip("a way to npm's registry", &String::from_utf8_lossy(&output.stderr));
            }
            fs::write(&installed, lock).unwrap();
        }
        Some(folder)
    })
    .clone()
}

#[track_caller]
fn node(folder: &Path, arguments: &[&str], environment: &[(&str, &Path)]) {
    println!("{}", command::run(Command::new("node").args(arguments).envs(environment.iter().copied()).current_dir(folder)));
}

/// Plays one of the scripts of `tests/pages`; with `docker` skep watches its containers.
#[track_caller]
fn play(script: &str, docker: Option<&Dockerd>) {
    let socket = docker.map(|docker| ("DOCKER_SOCKET", docker.socket()));
    play_with(script, socket.as_slice());
}

#[track_caller]
fn play_with(script: &str, more: &[(&str, &Path)]) {
    let Some(chromium) = require("chromium", "chromium") else { return };
    let Some(folder) = workshop() else { return };
    let (skep, shots) = (Path::new(env!("CARGO_BIN_EXE_skep")), folder.join("shots"));
    let environment = [("SKEP", skep), ("CHROMIUM", chromium.as_path()), ("SHOTS", shots.as_path())];
    node(&folder, &[script], &[&environment, more].concat());
}

#[test]
fn the_types_that_the_pages_name_are_true() {
    let Some(folder) = workshop() else { return };
    node(&folder, &["node_modules/typescript/bin/tsc", "-p", &project("processor/web/tsconfig.json").to_string_lossy()], &[]);
}

#[test]
fn every_page_comes_up_in_both_themes_and_on_a_telephone_without_a_fault() {
    let Some(docker) = Dockerd::start() else { return };
    docker.run("web", &["--memory", "64m"], &["sleep", "1000"]);
    docker.run("db", &[], &["sleep", "1000"]);
    docker.run("crash", &[], &["false"]);
    play("smoke.mjs", Some(&docker));
}

/// `SKEP_PICTURES` is a folder where the pages are drawn once their charts have filled: `make pictures-live`.
#[test]
fn every_page_of_a_real_swarm_is_whole_while_it_is_quiet_and_when_it_is_in_trouble() {
    // First: there is no way to npm's registry from the swarm's network.
    if require("chromium", "chromium").is_none() || workshop().is_none() {
        return;
    }
    let pictures = std::env::var_os("SKEP_PICTURES").map(|folder| project("").join(folder));
    let Some(shop) = Shop::open() else { return };
    let url = PathBuf::from(format!("http://{}", shop.skep.http));
    let look = |seen: &str| {
        let mut more = vec![("SKEP_URL", url.as_path()), ("SEEN", Path::new(seen))];
        if let Some(folder) = &pictures {
            std::thread::sleep(UNTIL_CHARTS_ARE_FULL);
            more.push(("PICTURES", folder));
        }
        play_with("shop.mjs", &more);
    };
    look("quiet");
    shop.fall_into_trouble();
    look("trouble");
}

#[test]
fn what_happens_is_seen_and_a_silence_made_on_the_page_is_one() {
    play("live.mjs", None);
}

#[test]
fn a_rule_is_disabled_on_the_page_and_enabled_again() {
    play("rules.mjs", None);
}

#[test]
fn a_processor_that_goes_is_missed_at_once_and_comes_back_without_duplicates() {
    play("lost.mjs", None);
}

#[test]
fn a_page_with_a_narrow_way_costs_skep_no_memory_and_is_right_again_when_it_is_wide() {
    let _alone = BUSY.lock();
    play("slow.mjs", None);
}

#[test]
fn the_index_is_asked_put_in_order_and_walked_by_keys_and_its_address_holds_it_all() {
    play("explore.mjs", None);
}

#[test]
fn the_search_is_fetched_once_and_finds_by_name_and_goes_there() {
    play("search.mjs", None);
}

#[test]
fn a_read_only_skep_says_so_on_every_page_and_offers_and_takes_no_change() {
    play("readonly.mjs", None);
}

#[test]
fn pages_link_to_the_boards_of_a_grafana_that_is_configured() {
    play("grafana.mjs", None);
}

#[test]
fn skep_top_asks_in_the_words_of_the_first_page() {
    play("terminal.mjs", None);
}

#[test]
fn nodes_services_and_containers_have_charts_that_go_on_and_zoom() {
    let Some(docker) = Dockerd::start() else { return };
    docker.run("web", &["--memory", "64m"], &["sleep", "1000"]);
    play("places.mjs", Some(&docker));
}

/// `SKEP_PAGE_SECONDS` makes it long: `make soak`.
#[test]
fn pages_come_in_few_bytes_and_thousands_of_changing_rows_cost_little() {
    let _alone = BUSY.lock();
    play("budget.mjs", None);
}
