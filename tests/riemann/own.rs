//! What skep tells about its own listener, as Riemann's instrumentation does.

use crate::common::Skep;
use crate::common::sender::{Sender, event};

#[test]
fn rates_and_latencies_of_tcp_are_told_while_somebody_sends() {
    let folder = tempfile::tempdir().unwrap();
    let skep = Skep::start("process", folder.path(), &[]);
    let mut sender = Sender::connect(skep.riemann.unwrap()).unwrap();
    let told = testbed::wait_until(crate::common::PATIENCE, || {
        sender.send(&[event("h", "s", 2_000_000_000, 1.0, 600.0)]).unwrap();
        !skep.index("service = \"skep_processor/tcp_in_latency_p999\"").is_empty()
    });
    assert!(told, "{:?}", skep.index("service =~ \"skep_processor/%\""));
    let of = |name: &str| skep.number(&format!("skep_processor_{name}"));
    assert!(of("tcp_in_rate") > 1.0 && of("udp_in_rate") == 0.0 && of("events_rate") > of("tcp_in_rate"));
    let latencies = ["p50", "p95", "p99", "p999"].map(|quantile| of(&format!("tcp_in_latency_{quantile}")));
    assert!(latencies[0] > 0.0 && latencies.is_sorted() && latencies[3] < 60_000.0, "{latencies:?}");
    skep.stop();
}
