//! Files and folders.

use std::fs;
use std::path::{Path, PathBuf};

use processor::config;

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let file = folder.join(name);
    fs::write(&file, text).expect("the folder can be written");
    file
}

#[test]
fn a_folder_is_read_in_the_order_of_its_names() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "20.yaml", "alerts: {cpu-high: {crit: metric > 97}}");
    write(folder.path(), "10.yml", "alerts: {cpu-high: {crit: metric > 96, enabled: false}}");
    write(folder.path(), ".hidden.yaml", "nonsense");
    write(folder.path(), "notes.txt", "nonsense");
    let (rules, _) = config::load_rules(&[folder.path().to_owned()]).unwrap();
    let cpu = &rules.alerts[0];
    assert_eq!(cpu.crit.as_ref().unwrap().when.to_string(), "metric > 97");
    assert!(!cpu.enabled);
}

#[test]
fn what_is_not_there_is_told_by_its_name() {
    let report = config::load_rules(&[PathBuf::from("/no/such/folder")]).unwrap_err();
    assert_eq!(report.text(false).trim(), "error: /no/such/folder: could not be read: there is no such file or folder");
    let report = config::check(&[PathBuf::from("/no/such/file.yaml")]);
    assert_eq!(
        report.json(),
        r#"[{"column":1,"file":"/no/such/file.yaml","help":null,"level":"error","line":1,"message":"could not be read: there is no such file or folder"}]"#
    );
}

#[test]
fn check_tells_rules_and_settings_apart_by_name() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "skep.yaml", "processor: {http: 5556}\n");
    write(folder.path(), "mine.yaml", "alerts: {x: {where: true}}\n");
    let report = config::check(&[folder.path().to_owned()]);
    let told: Vec<_> = report.problems().iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(
        told,
        [
            "`5556` is not an address to listen on; write an IP address and a port",
            "alert `x` never opens: it has neither `info`, `warn`, `crit` nor `absent`"
        ]
    );
}

#[test]
fn without_a_file_the_defaults_hold() {
    let (settings, report) = config::load_settings(None, config::Secrets::Needed).unwrap();
    assert_eq!(settings.processor.http.to_string(), "127.0.0.1:5556");
    assert!(report.problems().is_empty());
}
