//! `over` and `take` of alerts: windows, what is taken of them, and when they are looked at.

use crate::timeline::{Timeline, check, lines};

/// A rule with a window.
fn rule(over: &str, more: &str) -> String {
    format!("where: service = \"s\"\n by: host\n over: {over}\n {more}")
}

/// What is taken of the samples at the last of them.
#[track_caller]
fn value(take: &str, samples: &str, expected: Option<f64>) {
    let mut timeline = Timeline::new(&[&rule("1m", &format!("take: {take}\n crit: metric > 1000000"))]);
    timeline.rows(&[&format!("n1 s: {samples}")]);
    let found = timeline.engine.alerts().next().unwrap().value;
    let near = match (found, expected) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        (found, expected) => found == expected,
    };
    assert!(near, "{take} of {samples} is {found:?}, expected {expected:?}");
}

#[test]
fn every_fold_says_what_its_name_says() {
    value("mean", "1 2 6", Some(3.0));
    value("min", "4 2 6", Some(2.0));
    value("max", "4 9 6", Some(9.0));
    value("sum", "4 2 6", Some(12.0));
    value("count", "4 2 up", Some(3.0));
    value("last", "4 2 6 up", Some(6.0));
    value("first", "4 2 6", Some(4.0));
    value("median", "9 1 5 2", Some(5.0));
    value("p50", "9 1 5 2", Some(5.0));
    value("p99", "9 1 5 2", Some(9.0));
    value("p0", "9 1 5 2", Some(1.0));
    value("stddev", "2 4 4 6", Some(2.0f64.sqrt()));
    value("range", "4 -2 6", Some(8.0));
    value("delta", "4 9 1", Some(-3.0));
    value("increase", "10 40 5 25", Some(55.0));
    value("rate", "10 40 5 25", Some(55.0 / 30.0));
    value("rate", "10", Some(0.0));
    value("distinct", "4 4 5 4.0 5", Some(2.0));
    value("zscore", "2 4 4 6 9", Some(5.0 / 2.0f64.sqrt()));
    value("zscore", "4 4 4", None);
    value("mad", "1 2 3 4 9", Some(6.0));
    value("mad", "3 3 9", None);
}

#[test]
fn ewma_counts_a_number_for_half_after_each_halflife() {
    value("ewma 10s", "0 8", Some(8.0 / 1.5));
    value("ewma 10s", "7", Some(7.0));
}

#[test]
fn predict_says_where_the_line_will_be_and_time_to_when_it_is_there() {
    value("predict 60s 3", "10 20", None);
    value("predict 60s 3", "10 20 30", Some(90.0));
    value("time_to 100 3", "10 20 30", Some(70.0));
    value("time_to 100 3", "30 20 10", None);
    value("time_to 5 3", "30 20 10", Some(5.0));
}

#[test]
fn a_window_holds_what_is_later_than_now_less_over() {
    check(&rule("30s", "take: count\n crit: metric >= 4"), &["n1 s: 1x9"], "");
    check(&rule("30s", "take: count\n crit: metric >= 3"), &["n1 s: 1x5"], "20s n1 critical 3\n 50s n1 ok 2");
}

#[test]
fn a_window_is_looked_at_at_whole_multiples_of_every() {
    let rows = ["n1 s from 3s: 1"];
    check(&rule("1m", "take: count\n crit: metric >= 1"), &rows, "3s n1 critical 1\n 1m10s n1 ok 0");
    check(&rule("1m", "take: count\n every: 1s\n crit: metric >= 1"), &rows, "3s n1 critical 1\n 1m3s n1 ok 0");
    check(&rule("1m", "take: count\n every: 7s\n crit: metric >= 1"), &rows, "3s n1 critical 1\n 1m4s n1 ok 0");
}

#[test]
fn a_for_that_runs_out_is_a_look_of_its_own() {
    // At 33 s the first sample, of 2 s, has left the window; whole minutes are at 20 s of the timeline.
    let rule = rule("30s", "take: sum\n every: 1m\n crit: metric >= 5\n for: 25s");
    check(&rule, &["n1 s every 6s from 2s: 3 2"], "");
    check(&rule, &["n1 s every 6s from 2s: 1 4 1"], "33s n1 critical 5\n 1m20s n1 ok 0");
}

#[test]
fn an_empty_window_is_0_where_that_is_a_number() {
    // Of one sample alone, a counter has not risen.
    for (take, at) in [("count", 40), ("sum", 40), ("rate", 30), ("increase", 30)] {
        let mut timeline = Timeline::new(&[&rule("30s", &format!("take: {take}\n crit: metric > 0"))]);
        timeline.rows(&["n1 s: 1 4"]).run("5m");
        assert_eq!(timeline.out.transitions.last().unwrap(), &format!("{at}s a n1 ok 0"), "{take}");
        assert_eq!(timeline.engine.alerts().count(), 0, "an instance that is ok and empty is dropped");
    }
}

#[test]
fn an_empty_window_ends_an_alert_where_nothing_is_no_number() {
    let rows = ["n1 s: 1 4"];
    check(&rule("30s", "take: max\n crit: metric > 0"), &rows, "0s n1 critical 1\n 40s n1 expired -");
    check(&rule("30s", "take: max\n expired: hold\n crit: metric > 0"), &rows, "0s n1 critical 1");
    check(&rule("30s", "take: max\n expired: crit\n warn: metric > 0"), &rows, "0s n1 warning 1\n 40s n1 critical 4");
}

#[test]
fn a_window_that_is_open_at_0_stays_open() {
    let rule = rule("1m", "take: rate\n crit: metric = 0\n for: 30s");
    check(&rule, &["n1 s: 0 500 1000 1000x15"], "1m40s n1 critical 0");
}

#[test]
fn ttl_means_nothing_to_a_window() {
    let rule = rule("1m", "take: mean\n crit: metric > 5");
    check(&rule, &["n1 s ttl 1s: 9"], "0s n1 critical 9\n 1m n1 expired -");
}

#[test]
fn a_line_that_moves_away_closes_what_a_short_time_opened() {
    let rule = rule("30s", "take: time_to 100 3\n crit: metric < 60");
    check(&rule, &["n1 s: 10 30 50 50 50 20"], "20s n1 critical 25\n 40s n1 ok -\n");
}

#[test]
fn without_a_value_the_state_stays() {
    let rule = rule("30s", "take: zscore\n crit: metric > 0.5");
    check(&rule, &["n1 s: 1 2 9 9 9 9"], "20s n1 critical 15\n 1m20s n1 expired -");
}

#[test]
fn the_newest_event_of_an_instance_counts_where_it_is_ahead_of_the_clock() {
    let mut timeline = Timeline::new(&[&rule("30s", "take: count\n crit: metric >= 2")]);
    let sample = |second: i64| event::Event {
        host: Some("n1".to_owned()),
        service: Some("s".to_owned()),
        time: Some(crate::timeline::START + event::Duration::from_secs(second)),
        metric: Some(event::Metric::Int(1)),
        ..event::Event::default()
    };
    timeline.batch(crate::timeline::at("0s"), &[sample(0), sample(29), sample(1_000_000)]);
    // The last one is taken to be 30 s ahead, so that the first has left.
    assert_eq!(timeline.engine.alerts().next().unwrap().value, Some(2.0));
    timeline.run("2m");
    assert_eq!(timeline.engine.alerts().count(), 0);
}

#[test]
fn many_samples_are_counted_too() {
    let mut timeline = Timeline::new(&[&rule("1m", "take: p99\n crit: metric > 900")]);
    timeline.rows(&["n1 s every 100ms: 1x590 990x12"]);
    assert_eq!(timeline.engine.alerts().next().unwrap().value.map(|value| (value / 990.0 - 1.0).abs() < 0.01), Some(true));
    timeline.run("5m");
    assert_eq!(timeline.out.transitions.len(), 2);
    assert_eq!(timeline.engine.alerts().count(), 0);
}

#[test]
fn messages_know_the_last_sample_and_how_many_there_are() {
    let rule = "where: service = \"mem/used_percent\"\n by: host\n over: 1m\n take: mean\n crit: metric > 5
        message: {{metric | percent}} {{last | percent}} {{count}}";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 mem/used_percent: 1 15"]);
    assert_eq!(timeline.out.messages, ["10s a n1 Opened 8 % 15 % 2"]);
    let rule = rule_counted();
    let mut timeline = Timeline::new(&[&rule]);
    timeline.rows(&["n1 mem/used_percent: 1 15"]);
    assert_eq!(timeline.out.messages, ["10s a n1 Opened 200 % 15 %"]);
}

fn rule_counted() -> String {
    let message = "message: {{metric | percent}} {{last | percent}}";
    format!("where: service = \"mem/used_percent\"\n by: host\n over: 1m\n take: count\n crit: metric > 1\n {message}")
}

#[test]
fn the_lab_s_disk_that_fills_warns_four_hours_ahead_and_a_steady_one_never() {
    let rule = "where: service = \"disk\"\n by: host mount\n over: 1h\n take: predict 4h 10\n crit: metric >= 1.0\n for: 5m";
    let filling: Vec<String> = (0..61).map(|minute| (0.50 + 0.002 * f64::from(minute)).to_string()).collect();
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&[&format!("n1 disk every 1m mount=/ ttl 150s: {}", filling.join(" "))]);
    assert_eq!(timeline.out.transitions.len(), 1, "{:?}", timeline.out.transitions);
    assert!(timeline.out.transitions[0].contains("n1/\\/ critical"));
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&["n1 disk every 1m mount=/ ttl 150s: 0.90x60"]);
    assert_eq!(timeline.out.transitions, lines(""));
}

#[test]
fn the_lab_s_counter_with_a_reset() {
    let rule = "where: service = \"errors\"\n by: host iface\n over: 2m\n take: rate\n warn: metric > 1\n for: 1m";
    let row = "n1 errors iface=eth0: 1000x6 1020 1040 1060 1080 1100 1120 1140 1160 20 40 60 80 100 120";
    let mut timeline = Timeline::new(&[rule]);
    timeline.rows(&[row]).run("200s");
    assert_eq!(timeline.out.transitions.len(), 1, "{:?}", timeline.out.transitions);
    assert!(timeline.out.transitions[0].contains("warning"));
}

#[test]
fn a_reload_keeps_the_samples_unless_the_window_is_another() {
    let before = rule("1m", "take: count\n crit: metric >= 9");
    for (after, expected) in [("take: count\n crit: metric >= 3", 3.0), ("take: sum\n crit: metric >= 9", 1.0)] {
        let mut timeline = Timeline::new(&[&before]);
        timeline.rows(&["n1 s: 1x2"]);
        let plan = crate::timeline::plan(&[&rule("1m", after)]);
        timeline.engine.load(plan, crate::timeline::at("15s"), &mut timeline.out);
        timeline.rows(&["n1 s from 20s: 1"]);
        assert_eq!(timeline.engine.alerts().next().unwrap().value, Some(expected), "{after}");
    }
}

/// Against a window that keeps everything and counts again each time.
#[test]
fn windows_agree_with_a_naive_one() {
    let samples: Vec<f64> = (0..400u64).map(|n| ((n * 7919) % 101) as f64 - 30.0).collect();
    let row: Vec<String> = samples.iter().map(f64::to_string).collect();
    for (take, of) in naive() {
        let mut timeline = Timeline::new(&[&rule("45s", &format!("take: {take}\n every: 1s\n crit: metric > 100000000"))]);
        for (n, sample) in row.iter().enumerate() {
            timeline.rows(&[&format!("n1 s from {n}s: {sample}")]);
            let window = &samples[n.saturating_sub(44)..=n];
            let found = timeline.engine.alerts().next().unwrap().value.unwrap();
            assert!((found - of(window)).abs() < 1e-6, "{take} at {n} s: {found}, expected {}", of(window));
        }
    }
}

type Naive = fn(&[f64]) -> f64;

fn naive() -> [(&'static str, Naive); 6] {
    let mean = |window: &[f64]| window.iter().sum::<f64>() / window.len() as f64;
    let point = |window: &[f64]| {
        let mut sorted = window.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted[(sorted.len() * 9 / 10).min(sorted.len() - 1)]
    };
    [
        ("mean", mean),
        ("max", |window| window.iter().copied().fold(f64::MIN, f64::max)),
        ("min", |window| window.iter().copied().fold(f64::MAX, f64::min)),
        ("p90", point),
        ("delta", |window| window[window.len() - 1] - window[0]),
        ("increase", |window| window.windows(2).map(|pair| if pair[1] >= pair[0] { pair[1] - pair[0] } else { pair[1] }).sum()),
    ]
}
