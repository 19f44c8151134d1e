//! The types of collectd's own `types.db` whose data sources have names.

/// By type; the names of its data sources, in their order. All other types have one, called `value`.
const NAMES: &[(&str, &[&str])] = &[
    ("arc_counts", &["demand_data", "demand_metadata", "prefetch_data", "prefetch_metadata"]),
    ("arc_l2_bytes", &["read", "write"]),
    ("arc_size", &["current", "target", "minlimit", "maxlimit"]),
    ("compression", &["uncompressed", "compressed"]),
    ("df", &["used", "free"]),
    ("disk_io_time", &["io_time", "weighted_io_time"]),
    ("disk_latency", &["read", "write"]),
    ("disk_merged", &["read", "write"]),
    ("disk_octets", &["read", "write"]),
    ("disk_ops", &["read", "write"]),
    ("disk_time", &["read", "write"]),
    ("dns_octets", &["queries", "responses"]),
    ("domain_state", &["state", "reason"]),
    ("duration", &["seconds"]),
    ("ib_octets", &["rx", "tx"]),
    ("ib_packets", &["rx", "tx"]),
    ("if_dropped", &["rx", "tx"]),
    ("if_errors", &["rx", "tx"]),
    ("if_octets", &["rx", "tx"]),
    ("if_packets", &["rx", "tx"]),
    ("io_octets", &["rx", "tx"]),
    ("io_ops", &["read", "write"]),
    ("io_packets", &["rx", "tx"]),
    ("load", &["shortterm", "midterm", "longterm"]),
    ("memcached_octets", &["rx", "tx"]),
    ("mysql_octets", &["rx", "tx"]),
    ("mysql_qcache", &["hits", "inserts", "not_cached", "lowmem_prunes", "queries_in_cache"]),
    ("mysql_threads", &["running", "connected", "cached", "created"]),
    ("node_octets", &["rx", "tx"]),
    ("ps_count", &["processes", "threads"]),
    ("ps_cputime", &["user", "syst"]),
    ("ps_disk_octets", &["read", "write"]),
    ("ps_disk_ops", &["read", "write"]),
    ("ps_pagefaults", &["minflt", "majflt"]),
    ("serial_octets", &["rx", "tx"]),
    ("smart_attribute", &["current", "worst", "threshold", "pretty"]),
    ("vf_broadcast", &["vf_value"]),
    ("vf_bytes", &["vf_rx", "vf_tx"]),
    ("vf_dropped", &["vf_rx", "vf_tx"]),
    ("vf_link_info", &["vf_value"]),
    ("vf_multicast", &["vf_value"]),
    ("vf_packets", &["vf_rx", "vf_tx"]),
    ("vmpage_faults", &["minflt", "majflt"]),
    ("vmpage_io", &["in", "out"]),
    ("voltage_threshold", &["value", "threshold"]),
];

/// The names of a type's data sources, unless it has one that is called `value`.
pub(super) fn names(type_name: &str) -> Option<&'static [&'static str]> {
    let at = NAMES.binary_search_by_key(&type_name, |(name, _)| name).ok()?;
    NAMES.get(at).map(|(_, names)| *names)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn names_are_found() {
        assert_eq!(names("if_octets"), Some(["rx", "tx"].as_slice()));
        assert_eq!(names("load"), Some(["shortterm", "midterm", "longterm"].as_slice()));
        assert_eq!(names("memory"), None);
        assert!(NAMES.is_sorted_by_key(|(name, _)| name));
    }

    #[test]
    fn they_are_those_of_the_file_that_collectd_brings() {
        if testbed::require("collectd", "collectd-core").is_none() {
            return;
        }
        let text = fs::read_to_string("/usr/share/collectd/types.db").unwrap();
        let fields = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let lines = text.lines().filter(|line| !line.starts_with('#')).map(fields).filter(|fields| fields.len() > 1);
        let mut n_types = 0;
        for line in lines {
            let found: Vec<&str> = line[1..].iter().filter_map(|source| source.split(':').next()).collect();
            assert_eq!(names(&line[0]).unwrap_or(&["value"]), found, "{}", line[0]);
            n_types += 1;
        }
        assert!(n_types > 300, "{n_types} types");
    }
}
