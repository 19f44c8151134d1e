//! The table that is printed.

use serde_json::json;

use crate::send::Acks;

/// One measurement.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) scenario: &'static str,
    pub(crate) idle_rules: usize,
    pub(crate) batch: usize,
    pub(crate) connections: usize,
    pub(crate) journal: bool,
    pub(crate) series: usize,
    /// Seconds of processor time for a million events.
    pub(crate) cpu_per_million: f64,
    pub(crate) events_per_second: f64,
    pub(crate) acks: Option<Acks>,
    /// In bytes.
    pub(crate) rss_anon: u64,
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
pub(crate) fn head(as_json: bool) {
    if !as_json {
        println!(
            "| rules | idle rules | batch | connections | journal | series | CPU-s per 1 M | events/s | ack p50 ms | p99 ms | p99.9 ms | RssAnon MiB |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    }
}

#[expect(clippy::print_stdout, reason = "what the program is for")]
pub(crate) fn row(row: &Row, as_json: bool) {
    let Row { scenario, idle_rules, batch, connections, journal, series, cpu_per_million, events_per_second, acks, rss_anon } = row;
    let ms = |pick: fn(&Acks) -> f64| acks.as_ref().map(pick);
    let quantiles = [ms(|acks| acks.p50), ms(|acks| acks.p99), ms(|acks| acks.p999)];
    if as_json {
        let [p50, p99, p999] = quantiles;
        let row = json!({
            "rules": scenario, "idle_rules": idle_rules, "batch": batch, "connections": connections, "journal": journal, "series": series,
            "cpu_seconds_per_million": cpu_per_million, "events_per_second": events_per_second,
            "ack_p50_ms": p50, "ack_p99_ms": p99, "ack_p999_ms": p999, "rss_anon": rss_anon,
        });
        println!("{row}");
        return;
    }
    let [p50, p99, p999] = quantiles.map(|quantile| quantile.map_or_else(String::new, |ms| format!("{ms:.2}")));
    let journal = if *journal { "on" } else { "off" };
    let mib = *rss_anon as f64 / f64::from(1 << 20);
    println!(
        "| {scenario} | {idle_rules} | {batch} | {connections} | {journal} | {series} | {cpu_per_million:.3} | {events_per_second:.0} | {p50} | {p99} | {p999} | {mib:.1} |"
    );
}
