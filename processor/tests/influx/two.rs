//! The interface of 2.x, as VictoriaMetrics serves it.

use event::Metric;
use processor::sink::influx::{Secret, Settings};
use testbed::influx::Victoria;
use testbed::require;

use crate::feed::{Feed, START, of, settings};

#[test]
fn points_arrive_over_api_v2_write() {
    let Some(program) = require("victoria-metrics", "victoria-metrics") else { return };
    let victoria = Victoria::start(&program).unwrap();
    let (settings, _folder) = settings(format!("http://{}", victoria.address));
    let mut feed = Feed::open(Settings { token: Some(Secret("any".into())), ..settings });
    for second in 0..300 {
        feed.sample(1, "used", START + second, Metric::Int(second));
    }
    feed.flush();
    feed.wait_until_safe();
    assert_eq!(of(&feed.handle.counters().lines_written), 300);
    let answer = victoria.query(&format!("count_over_time(mem_used[1d] @ {})", START + 400)).unwrap();
    assert_eq!(answer.pointer("/data/result/0/value/1"), Some(&serde_json::json!("300")), "{answer}");
}
