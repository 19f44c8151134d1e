//! What `skep export` writes, `skep import` takes: the same points are in another store.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a test may stop anywhere, and watches another process, whose time nobody can move"
)]

mod common;

use std::time::{SystemTime, UNIX_EPOCH};

use common::{PATIENCE, Skep, run};
use testbed::{http, wait_until};

#[test]
fn exported_points_are_imported_elsewhere() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Skep::start("process", one.path(), &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let lines: String = (0..400).map(|n| format!("room\\ temp,host=n1,room=a\\,b degrees={n}.5,n={n}i {}\n", now - 900 + n)).collect();
    let answer = http::request(first.http, "POST", "/write?precision=s", &[], lines.as_bytes()).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    let url = format!("http://{}", first.http);
    let export = || run(&["export", "--url", &url, "--measurement", "room temp", "--last", "1h"]);
    let mut exported = String::new();
    let whole = wait_until(PATIENCE, || {
        exported = export().1;
        exported.lines().count() == 400
    });
    assert!(whole, "{exported}");
    assert_eq!(exported.lines().next().unwrap(), format!("room\\ temp,host=n1,room=a\\,b degrees=0.5,n=0i {}000000000", now - 900));
    let (code, csv, _) = run(&["export", "--url", &url, "--measurement", "room temp", "--format", "csv"]);
    assert_eq!((code, csv.lines().count()), (0, 801));

    let second = Skep::start("process", two.path(), &[]);
    let (file, url) = (two.path().join("all.lp"), format!("http://{}", second.http));
    std::fs::write(&file, &exported).unwrap();
    let (code, said, err) = run(&["import", "--url", &url, &file.to_string_lossy()]);
    assert_eq!((code, said.as_str()), (0, "400 lines sent\n"), "{err}");
    let again = || run(&["export", "--url", &url, "--measurement", "room temp", "--last", "1h"]).1;
    assert!(wait_until(PATIENCE, || again() == exported), "{}", again());
    std::fs::write(&file, "good x=1\nnonsense\n").unwrap();
    let (code, said, _) = run(&["import", "--url", &url, &file.to_string_lossy()]);
    assert!(code == 1 && said.contains("partial write: line 2: expected the key of a field"), "{said}");
    first.stop();
    second.stop();
}

#[test]
fn a_measurement_of_more_series_than_one_answer_holds_is_exported_whole() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut lines: Vec<String> = (0..1200).map(|n| format!("room,host=h{},room=r{n} n={n}i {now}000000000", n % 3)).collect();
    lines.extend([format!("room,room=attic n=7i {now}000000000"), format!("zoo,host=h1 n=1i {now}000000000")]);
    let answer = http::request(skep.http, "POST", "/write", &[], lines.join("\n").as_bytes()).unwrap();
    assert_eq!(answer.status, 204, "{}", answer.body);
    let url = format!("http://{}", skep.http);
    let mut exported = Vec::new();
    let whole = wait_until(PATIENCE, || {
        exported = run(&["export", "--url", &url, "--last", "5m", "--measurement", "room", "--measurement", "zoo"])
            .1
            .lines()
            .map(str::to_owned)
            .collect();
        exported.sort();
        exported.len() >= lines.len()
    });
    lines.sort();
    assert_eq!((whole, &exported), (true, &lines));
    skep.stop();
}
