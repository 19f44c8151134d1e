//! Alert instances as events, and the messages about them.

use engine::Limits;
use event::{Event, Timestamp};

use crate::timeline::{self, Timeline, at, duration};

const DISK: &str = "name: disk-full\n where: service =~ \"disk/%\"\n by: host path\n crit: metric > 90\n runbook: https://x.test";

#[test]
fn two_open_instances_of_one_rule_on_one_host_are_two_events() {
    let mut timeline = Timeline::new(&[DISK]);
    timeline.rows(&["n1 disk//var/used path=/var: 95", "n1 disk//home/used path=/home: 96"]);
    let open = ["n1 alert/disk-full/\\/var critical 95", "n1 alert/disk-full/\\/home critical 96"];
    assert_eq!(timeline.index("service =~ \"alert/%\" and state = \"critical\""), open);
    assert_eq!(timeline.engine.alerts().filter(|alert| alert.state.is_open()).count(), 2);
}

#[test]
fn an_instance_s_event_says_what_there_is_to_say() {
    let mut timeline = Timeline::new(&[DISK]);
    timeline.rows(&["n1 disk//var/used path=/var: 95"]);
    let mut found = Vec::new();
    timeline.engine.query(&timeline::query("alert = \"disk-full\""), |entry| found.push(Event::from(&entry.event)));
    let attribute = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let expected = Event {
        time: Some(at("0s")),
        state: Some("critical".to_owned()),
        service: Some("alert/disk-full/\\/var".to_owned()),
        host: Some("n1".to_owned()),
        ttl: Some(90.0),
        metric: event::Metric::float(95.0),
        marks: vec!["skep".to_owned()],
        attributes: vec![
            attribute("alert", "disk-full"),
            attribute("path", "/var"),
            attribute("since", &at("0s").to_string()),
            attribute("message", "n1/\\/var: disk-full is critical (95)"),
            attribute("runbook", "https://x.test"),
        ],
        ..Event::default()
    };
    assert_eq!(found, [expected]);
}

#[test]
fn the_field_service_is_carried_under_another_name() {
    let mut timeline = Timeline::new(&["where: metric > 90\n by: host service\n crit: true"]);
    timeline.rows(&["n1 cpu/usage: 95"]);
    assert_eq!(timeline.index("instance_service = \"cpu/usage\""), ["n1 alert/a/cpu\\/usage critical 95"]);
}

#[test]
fn an_instance_about_no_host_has_the_swarm_s_name() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: stack\n crit: true"]);
    timeline.rows(&["n1 cpu stack=web: 95"]);
    assert_eq!(timeline.index("service =~ \"alert/%\""), ["swarm alert/a/web critical 95"]);
}

#[test]
fn while_open_its_event_comes_every_30_seconds() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90"]);
    timeline.rows(&["n1 cpu ttl 1m30s: 95 97"]).run("2m");
    let alerts: Vec<&String> = timeline.out.events.iter().filter(|line| line.contains("alert/")).collect();
    let expected = [
        "0s Live n1 alert/a critical 95",
        "30s Live n1 alert/a critical 97",
        "1m Live n1 alert/a critical 97",
        "1m30s Live n1 alert/a critical 97",
        "1m40s Live n1 alert/a expired -",
    ];
    assert_eq!(alerts, expected);
    assert_eq!(timeline.index("service =~ \"alert/%\""), [""; 0]);
}

#[test]
fn each_opening_rise_fall_and_end_is_a_message() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n warn: metric > 80\n crit: metric > 90"]);
    timeline.rows(&["n1 cpu ttl 20s: 85 95 85 50 95"]).run("2m");
    let expected = [
        "0s a n1 Opened n1: a is warning (85)",
        "10s a n1 Rose n1: a is critical (95)",
        "20s a n1 Fell n1: a is warning (85)",
        "30s a n1 Resolved n1: a is ok (50)",
        "40s a n1 Opened n1: a is critical (95)",
        "1m a n1 Gone n1: a is expired (95)",
    ];
    assert_eq!(timeline.out.messages, expected);
}

#[test]
fn messages_have_the_rule_s_text() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n message: {{host}} {{stack}}: {{metric}} of {{service}}, {{state}} {{nothing}}";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu stack=web: 95"]);
    assert_eq!(timeline.out.messages, ["0s a n1 Opened n1 web: 95 of cpu, critical -"]);
}

#[test]
fn two_changes_at_one_instant_have_two_times() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90"]);
    timeline.rows(&["n1 cpu: 95", "n1 cpu: 50", "n1 cpu: 95"]);
    assert_eq!(timeline.out.transitions, ["0s a n1 critical 95", "1us a n1 ok 50", "2us a n1 critical 95"]);
}

#[test]
fn rules_may_be_about_alerts_but_only_when_they_name_a_service() {
    let about_all = "name: all\n where: metric > 90\n by: service\n crit: true";
    let about_alerts = "name: pages\n where: service =~ \"alert/cpu%\" and state = \"critical\"\n by: host\n crit: true";
    let cpu = "name: cpu\n where: service = \"cpu\"\n by: host\n crit: metric > 90";
    let mut timeline = Timeline::new(&[about_all, about_alerts, cpu]);
    timeline.rows(&["n1 cpu: 95"]);
    assert_eq!(timeline.out.transitions, ["0s all cpu critical 95", "0s cpu n1 critical 95", "0s pages n1 critical 95"]);
}

#[test]
fn rules_on_rules_go_only_so_deep() {
    let mut timeline = Timeline::new(&["where: service =~ \"alert/%\" or service = \"cpu\"\n by: host service\n crit: true"]);
    timeline.rows(&["n1 cpu: 1"]);
    assert_eq!(timeline.out.transitions.len(), 5);
    assert_eq!(timeline.index("service =~ \"alert/%\"").len(), 4);
    assert_eq!(timeline.engine.counters().too_deep, 1);
}

#[test]
fn a_rule_has_so_many_instances_and_no_more() {
    let limits = Limits { max_instances: 2, ..Limits::default() };
    let mut timeline = Timeline::with_limits(&["where: service = \"cpu\"\n by: host\n crit: metric > 90"], limits);
    timeline.rows(&["n1 cpu ttl 10s: 95", "n2 cpu ttl 10s: 95", "n3 cpu ttl 10s: 95x2"]);
    let gone = ["10s a n1 expired -", "10s a n2 expired -"];
    let full = "0s instances-limit a warning 2";
    assert_eq!(timeline.out.transitions, ["0s a n1 critical 95", "0s a n2 critical 95", full, gone[0], gone[1]]);
    assert_eq!(timeline.engine.counters().instances_over, 2);
    // The two are gone: there is room again.
    timeline.rows(&["n3 cpu from 2m: 95"]);
    assert_eq!(timeline.out.transitions[5..], ["1m10s instances-limit a ok 2", "2m a n3 critical 95"]);
}

#[test]
fn a_rule_s_own_bound_counts_instead_of_the_one_for_all() {
    let rule =
        |name: &str, max: usize| format!("name: {name}\n where: service = \"cpu\"\n by: host\n crit: metric > 90\n max_instances: {max}");
    let limits = Limits { max_instances: 2, ..Limits::default() };
    let mut timeline = Timeline::with_limits(&[&rule("few", 1), &rule("more", 3)], limits);
    timeline.rows(&["n1 cpu: 95", "n2 cpu: 95", "n3 cpu: 95", "n4 cpu: 95"]);
    let expected = [
        "0s few n1 critical 95",
        "0s more n1 critical 95",
        "0s instances-limit few warning 1",
        "0s more n2 critical 95",
        "0s more n3 critical 95",
        "0s instances-limit more warning 3",
    ];
    assert_eq!(timeline.out.transitions, expected);
    assert_eq!(timeline.engine.counters().instances_over, 4);
    let messages = [
        "0s instances-limit few Opened alert few has 1 instances, as many as its `max_instances` allows: further ones are not watched",
        "0s instances-limit more Opened alert more has 3 instances, as many as its `max_instances` allows: further ones are not watched",
    ];
    let seen: Vec<&String> = timeline.out.messages.iter().filter(|line| line.contains("limit")).collect();
    assert_eq!(seen, messages);
    let index = ["swarm alert/instances-limit/few warning 1", "swarm alert/instances-limit/more warning 3"];
    assert_eq!(timeline.index("alert = \"instances-limit\""), index);
}

#[test]
fn what_a_rule_says_besides_is_in_the_event_as_it_was_at_the_last_change() {
    let rule = "where: service = \"cpu\"\n by: host\n crit: metric > 90\n details: {{service}} is at {{metric}}\n team: web\n \
                runbook: https://r/{{alert}}\n label: severity page\n label: zone {{zone}}\n link: chart https://g/{{host}}";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 cpu zone=a: 95 97"]);
    let mut found = Vec::new();
    timeline.engine.query(&timeline::query("severity = \"page\" and zone = \"a\" and team = \"web\""), |entry| {
        found.extend(Event::from(&entry.event).attributes.into_iter().skip(3));
    });
    let expected = [
        ("runbook", "https://r/a"),
        ("details", "cpu is at 95"),
        ("team", "web"),
        ("severity", "page"),
        ("zone", "a"),
        ("labels", "severity,zone"),
        ("links", "chart: https://g/n1"),
    ];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let said = timeline.engine.alerts().next().unwrap().said.clone();
    assert_eq!(said.links, [("chart".to_owned(), "https://g/n1".to_owned())]);
    let mut bytes = Vec::new();
    timeline.engine.snapshot(&mut bytes);
    let restored = engine::Engine::restore(&bytes, timeline::plan(&[rule]), Limits::default()).unwrap();
    assert_eq!(*restored.alerts().next().unwrap().said, said);
    let changed = timeline::plan(&[&rule.replace("team: web", "team: ops")]);
    timeline.engine.load(changed, at("10s"), &mut timeline.out);
    assert_eq!(timeline.engine.alerts().next().unwrap().said.team.as_deref(), Some("ops"));
}

#[test]
fn instances_that_are_ok_and_expired_are_dropped() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90"]);
    timeline.rows(&["n1 cpu ttl 10s: 50", "n2 cpu ttl 10s: 95 50"]);
    assert_eq!(timeline.engine.alerts().count(), 2);
    timeline.run("5m");
    assert_eq!(timeline.engine.alerts().count(), 0);
    assert_eq!(timeline.engine.next_deadline(), None::<Timestamp>);
}

#[test]
fn who_asks_sees_when_a_for_runs_out() {
    let mut timeline = Timeline::new(&["where: service = \"cpu\"\n by: host\n crit: metric > 90\n for: 30s"]);
    timeline.rows(&["n1 cpu: 50 95"]);
    let alert = timeline.engine.alerts().next().unwrap();
    assert_eq!((alert.state, alert.opens_at), (engine::State::Ok, Some(at("10s") + duration("30s"))));
}
