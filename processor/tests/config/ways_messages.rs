//! How mistakes in the collector's further ways in read: `scrape`, `scrape_containers` and `exec`.

use processor::config::{Report, SecretFiles, Secrets, read_settings};

/// Places and texts of the mistakes under `collector:`, a line each; helps after `=`.
#[track_caller]
fn check(yaml: &str, expected: &[&str]) {
    let secrets = SecretFiles { read_file: &|_| Err("permission denied".to_owned()), environment: &|_| None, wanted: Secrets::Needed };
    let mut report = Report::default();
    assert!(read_settings("skep.yaml", &format!("collector:\n{yaml}"), &secrets, &mut report).is_none());
    let told = report.text(false);
    let mut seen: Vec<String> = Vec::new();
    for line in told.lines() {
        match (line.strip_prefix("error: "), line.trim_start().strip_prefix("--> skep.yaml:"), line.trim_start().strip_prefix("= help: ")) {
            (Some(error), ..) => seen.push(error.to_owned()),
            (_, Some(place), _) => seen.last_mut().expect("a message before").insert_str(0, &format!("{place} ")),
            (.., Some(help)) => seen.last_mut().expect("a message before").push_str(&format!(" = {help}")),
            _ => {}
        }
    }
    assert_eq!(seen, expected, "\n{told}");
}

#[test]
fn mistakes_of_a_target_of_scrape() {
    check(
        "  scrape: http://a/\n",
        &["2:11 `scrape` takes a list, as in [{url: http://127.0.0.1:9100/metrics, name: node}], not `http://a/`"],
    );
    check("  scrape: [{name: a}]\n", &["2:12 a target needs a `url`, as in http://127.0.0.1:9100/metrics"]);
    check("  scrape: [{url: 'a:9100'}]\n", &["2:18 `a:9100` is not an address to scrape; write it like http://127.0.0.1:9100/metrics"]);
    check("  scrape: [{url: 'http://me:pw@a/'}]\n", &["2:18 `url` takes no user and password: endpoints are scraped without"]);
    check("  scrape: [{url: 'http://a/', name: a/b}]\n", &["2:37 `name` takes up to 64 bytes without blanks and `/`, not `a/b`"]);
    check("  scrape: [{url: 'http://a/', every: 3s, timeout: 4s}]\n", &["2:12 `timeout` is at most `every`, 3s, not 4s"]);
    check("  scrape: [{url: 'http://a/', every: 1ms}]\n", &["2:38 `every` is at least 1s, not 1ms"]);
    check("  scrape: [{url: 'http://a/', max_series: 0}]\n", &["2:43 `max_series` is at least 1, not 0"]);
    check(
        "  scrape: [{url: 'http://a/', attributes: {job: x}}]\n",
        &["2:44 an attribute cannot be called `job`: events have that already"],
    );
    check(
        "  scrape: [{url: 'http://a/x'}, {url: 'http://a:80/y'}]\n",
        &["2:33 a target `a:80` is there twice; give one of them another `name`"],
    );
    check("  scrape_containers: {evry: 3s}\n", &["2:23 unknown key `evry` in `scrape_containers`; did you mean `every`?"]);
}

#[test]
fn mistakes_of_a_program_of_exec_are_told_all_at_once() {
    check(
        r#"  exec:
    - {command: [a]}
    - {name: b}
    - {name: c d, command: [a], every: 100ms}
    - {name: e, command: [a], every: 5s, timeout: 6s}
    - {name: f, command: [a], format: influxdb}
    - {name: g, command: [a], shell: true}
    - {name: h, command: []}
    - {name: i, command: [{a: b}]}
"#,
        &[
            "3:7 a program needs a `name`, as in `name: raid`",
            "4:7 a program needs a `command`, as in `command: [/usr/lib/check-raid, --all]`",
            "5:14 `name` takes up to 64 bytes without blanks and `/`, not `c d`",
            "5:40 `every` is at least 1s, not 100ms",
            "6:7 `timeout` is at most `every`, 5s, not 6s",
            "7:39 `format` takes one of influx, json, not `influxdb` = did you mean `influx`?",
            "8:31 unknown key `shell` in a program of `exec` = a program of `exec` has name, command, every, timeout, format, env",
            "9:26 `command` begins with the program, as in [/usr/lib/check-raid, --all]",
            "10:27 `command` takes a text, not a map",
        ],
    );
}

#[test]
fn a_command_is_a_list_and_its_environment_a_map() {
    check("  exec: {name: a}\n", &["2:9 `exec` takes a list, as in [{name: raid, command: [/usr/lib/check-raid]}], not a map"]);
    check(
        "  exec: [{name: a, command: df -h /}]\n",
        &[
            "2:29 `command` takes a program and its arguments as a list: no shell takes `df -h /` apart = write `command: [df, -h, /]`, or let a shell do it: `command: [sh, -c, \"df -h /\"]`",
        ],
    );
    check("  exec: [{name: a, command: [\"a\\0b\"]}]\n", &["2:29 `command` holds a zero byte, which no program can be given"]);
    check("  exec: [{name: a, command: ['', x]}]\n", &["2:29 `command` begins with the program, as in [/usr/lib/check-raid, --all]"]);
    check(
        "  exec: [{name: a, command: x, env: {A=B: c}}]\n",
        &["2:38 `A=B` is no name for a variable of the environment: it is empty, or holds `=` or a zero byte"],
    );
    check("  exec: [{name: a, command: x, env: {A: \"b\\0\"}}]\n", &["2:38 `A` holds a zero byte, which no program can be given"]);
    check("  exec: [{name: a, command: x, env: {A: 1, A: 2}}]\n", &["2:44 the variable `A` is there twice"]);
    check(
        "  exec: [{name: a, command: x}, {name: a, command: y}]\n",
        &["2:33 a program `a` is there twice; give one of them another `name`"],
    );
    let many = (0..65).map(|n| format!("{{name: a{n}, command: x}}")).collect::<Vec<_>>().join(", ");
    check(&format!("  exec: [{many}]\n"), &["2:9 `exec` takes 64 programs at the most, not 65"]);
}
