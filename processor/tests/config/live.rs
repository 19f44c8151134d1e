//! Rules against what a running skep's index holds.

use processor::config::{Found, Held, check_and_ask};

/// Rules, how many events and instances each question found, services with their hosts and attributes with their events; what is told.
#[track_caller]
fn check(yaml: &str, found: &[(usize, usize)], services: &[(&str, usize)], attributes: &[(&str, u64)], expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("my.yaml");
    std::fs::write(&file, yaml).expect("a file");
    let (mut report, asked) = check_and_ask(std::slice::from_ref(&file));
    assert_eq!(asked.len(), found.len(), "{asked:?}");
    let answers: Vec<_> =
        asked.into_iter().zip(found).map(|(asked, &(n_events, n_instances))| (asked, Found { n_events, n_instances })).collect();
    let held = Held {
        services: services.iter().map(|(service, hosts)| ((*service).to_owned(), *hosts)).collect(),
        attributes: attributes.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect(),
    };
    report.check_held(&answers, &held);
    let told = report.text(false).replace(&format!("{}/", folder.path().display()), "");
    assert_eq!(told.trim_end(), expected.trim(), "\n{told}");
}

#[test]
fn a_rule_that_matches_is_not_told_of_nor_what_comes_only_when_something_happens() {
    check("alerts:\n  cpu-high: {warn: metric > 88}\n", &[(5, 5)], &[("cpu/usage_active", 5)], &[], "");
    check("alerts:\n  a: {where: service = \"app/a\", crit: metric > 1}\n", &[(5, 5)], &[("app/a", 5)], &[], "");
    check("alerts:\n  a: {where: service = \"app/a\", crit: metric > 1, enabled: false}\n", &[], &[], &[], "");
    check("alerts:\n  a: {where: 'service =~ \"docker_event/%/oom\"', crit: metric > 0}\n", &[(0, 0)], &[], &[], "");
}

#[test]
fn a_service_that_is_called_otherwise() {
    check(
        "alerts:\n  a:\n    where: service = \"app/activ\"\n    crit: metric > 1\n",
        &[(0, 0)],
        &[("app/active", 5), ("app/idle", 5)],
        &[],
        r#"
warning: `where` matches no event that this processor's index holds now
 --> my.yaml:3:12
  |
3 |     where: service = "app/activ"
  |            ^^^^^^^^^^^^^^^^^^^^^
  |
  = help: app/activ: did you mean app/active? 5 hosts
"#,
    );
    check(
        "alerts:\n  a:\n    where: service =~ \"app/%/lenght\"\n    crit: metric > 1\n",
        &[(0, 0)],
        &[("app/mail/length", 2), ("app/print/length", 1)],
        &[],
        r#"
warning: `where` matches no event that this processor's index holds now
 --> my.yaml:3:12
  |
3 |     where: service =~ "app/%/lenght"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: app/%/lenght: did you mean app/%/length? 2 hosts
"#,
    );
}

#[test]
fn a_service_that_is_there_and_one_that_is_like_nothing() {
    check(
        "alerts:\n  a:\n    where: service = \"app/active\" and host = \"n9\"\n    crit: metric > 1\n",
        &[(0, 0)],
        &[("app/active", 1)],
        &[],
        r#"
warning: `where` matches no event that this processor's index holds now
 --> my.yaml:3:12
  |
3 |     where: service = "app/active" and host = "n9"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: app/active is there (1 host): look at the other conditions
"#,
    );
    check(
        "streams:\n  s:\n    where: service = \"something/else\"\n    steps: [{to: [index]}]\n",
        &[(0, 0)],
        &[("app/active", 1)],
        &[],
        r#"
warning: `where` matches no event that this processor's index holds now
 --> my.yaml:3:12
  |
3 |     where: service = "something/else"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^
"#,
    );
}

#[test]
fn an_input_of_a_join() {
    check(
        "alerts:\n  a:\n    join: {failed: service = \"jobs/failed\", done: service = \"jobs/dnoe\"}\n    by: [host]\n    value: failed / done\n    crit: metric > 1\n",
        &[(3, 3), (0, 0)],
        &[("jobs/failed", 3), ("jobs/done", 3)],
        &[],
        r#"
warning: `done` of `join` matches no event that this processor's index holds now
 --> my.yaml:3:11
  |
3 |     join: {failed: service = "jobs/failed", done: service = "jobs/dnoe"}
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: jobs/dnoe: did you mean jobs/done? 3 hosts
"#,
    );
}

#[test]
fn fields_that_nothing_has() {
    check(
        "alerts:\n  a:\n    where: service = \"app/a\" and not datacentre = \"fra\"\n    by: [host, queeu]\n    crit: metric > 1\n",
        &[(5, 1)],
        &[("app/a", 5)],
        &[("datacenter", 42), ("queue", 1)],
        r#"
warning: no event so far has the field `datacentre`; seen: datacenter (42 events)
 --> my.yaml:3:38
  |
3 |     where: service = "app/a" and not datacentre = "fra"
  |                                      ^^^^^^^^^^

warning: no event so far has the field `queeu`; seen: queue (1 event)
 --> my.yaml:4:9
  |
4 |     by: [host, queeu]
  |         ^^^^^^^^^^^^^
"#,
    );
    check(
        "alerts:\n  a:\n    where: service = \"app/a\" and swarm_service = \"web\"\n    by: [path]\n    crit: metric > 1\n",
        &[(0, 0)],
        &[("app/a", 5)],
        &[],
        r#"
warning: `where` matches no event that this processor's index holds now
 --> my.yaml:3:12
  |
3 |     where: service = "app/a" and swarm_service = "web"
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: app/a is there (5 hosts): look at the other conditions

warning: no event so far has the field `swarm_service`
 --> my.yaml:3:34
  |
3 |     where: service = "app/a" and swarm_service = "web"
  |                                  ^^^^^^^^^^^^^

warning: no event so far has the field `path`
 --> my.yaml:4:9
  |
4 |     by: [path]
  |         ^^^^^^
"#,
    );
}
