//! Too many: connections, and series.

use std::net::TcpStream;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::beside;
use crate::common::Skep;
use crate::common::sender::{Sender, event};

/// How many connections this process may have, ten thousand at the most.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let may = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    usize::try_from(may.saturating_sub(200).min(10_000)).unwrap()
}

#[test]
fn ten_thousand_connections_are_bounded_and_leave_room_when_they_go() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let (address, most) = (skep.riemann.unwrap(), most_connections());
    beside::of(&skep, || {
        let held: Vec<TcpStream> = (0..most).filter_map(|_| TcpStream::connect(address).ok()).collect();
        assert_eq!(held.len(), most);
        // A quarter of `ingest.memory` at 64 KiB each.
        skep.wait_for_number("skep_processor_connections_refused_total", most as f64 - 1024.0);
        let open = skep.number("skep_processor_connections");
        assert!(open <= 1024.0, "{open} connections are open");
    });
    let is_free = testbed::wait_until(crate::common::PATIENCE, || {
        Sender::connect(address).is_ok_and(|mut sender| sender.send(&[event("h", "after", beside::now(), 1.0, 600.0)]).is_ok())
    });
    assert!(is_free, "the flood is gone, yet nobody can connect");
    skep.stop();
}

#[test]
fn a_flood_of_new_services_is_bounded_and_known_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("skep.yaml");
    std::fs::write(&settings, "processor: {max_series: 1000}\n").unwrap();
    let skep = Skep::start("process", folder.path(), &["--config", settings.to_str().unwrap()]);
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    sender.send(&[event("beside", "acked", beside::now(), 0.0, 600.0)]).unwrap();
    beside::of(&skep, || {
        for batch in 0..50 {
            let services = (0..100).map(|n| event("flood", &format!("new/{batch}/{n}"), beside::now(), 1.0, 600.0));
            sender.send(&services.collect::<Vec<_>>()).unwrap();
        }
        skep.wait_for_number("skep_processor_events_overflow_total", 4_000.0);
    });
    let series = skep.number("skep_processor_series");
    // The alert about it has its place all the same.
    assert!((990.0..=1_010.0).contains(&series), "{series} series");
    let alerts = skep.json("/api/v1/alerts");
    assert!(alerts.as_array().unwrap().iter().any(|alert| alert["alert"] == "series-limit"), "{alerts}");
    skep.stop();
}
