//! What skep measures about itself.

use crate::metric::{Group, Metric, Pace, Unit};

const SAMPLER: Group = Group::of("skep_collector", &[]);
const ENGINE: Group = Group { measurement: "skep_processor", attributes: &[], pace: Pace::Seconds(5) };
const SLOW: Pace = Pace::Seconds(10);
const NOTIFIER: Group = Group { measurement: "skep_processor", attributes: &["notifier"], pace: Pace::Seconds(5) };
const WAY: Group = Group { measurement: "skep_processor", attributes: &["notifier", "way", "outcome"], pace: Pace::Seconds(5) };
const SINK: Group = Group { measurement: "skep_processor", attributes: &["sink"], pace: Pace::Seconds(5) };

/// Attributes of what is scraped; its own labels come beside them.
const SCRAPED: Group = Group { measurement: "prometheus", attributes: &["job", "instance"], pace: Pace::Event };

/// What Prometheus tells of each scrape, under its own names.
pub(crate) const SCRAPE: &[Metric] = &[
    SCRAPED.gauge("up", Unit::Flag, "1 when the last scrape worked, 0 when it failed.").float().needs("collector.scrape"),
    SCRAPED.gauge("scrape_duration_seconds", Unit::Seconds, "How long the scrape took.").float().needs("collector.scrape"),
    SCRAPED.gauge("scrape_samples_scraped", Unit::Number, "Samples that the endpoint told.").float().needs("collector.scrape"),
    SCRAPED
        .gauge("scrape_samples_post_metric_relabeling", Unit::Number, "Of these, samples that `allow` and `deny` want.")
        .float()
        .needs("collector.scrape"),
];

/// What is told of each run of a program; what it prints comes beside these.
const RUN: Group = Group { measurement: "exec", attributes: &["name"], pace: Pace::Event };

/// Each program that is run.
pub(crate) const EXEC: &[Metric] = &[
    RUN.gauge(
        "exit_code",
        Unit::Number,
        "What the run ended with; the state is ok for 0, else critical, with the first line of its error output as description; 124 for one that took too long, 126 and 127 for one that could not be started, 128 and the signal's number for one that was killed.",
    )
    .needs("collector.exec"),
    RUN.gauge("duration_seconds", Unit::Seconds, "How long the run took.").float().needs("collector.exec"),
    RUN.gauge("events", Unit::Number, "Events that were read from its output.").needs("collector.exec"),
];

/// The collector.
pub(crate) const COLLECTOR: &[Metric] = &[
    SAMPLER.gauge("heartbeat", Unit::Flag, "1 with every turn, timed by its sending: when it stops, the collector or its way to here has."),
    SAMPLER
        .gauge(
            "clock_offset",
            Unit::Seconds,
            "From a heartbeat's sending to its arrival, made by the processor: the clocks' distance, and the way.",
        )
        .float(),
    SAMPLER.counter("turns_missed", Unit::Number, "Turns that were left out because the one before took too long."),
    SAMPLER.gauge("turn_us", Unit::Microseconds, "How long the turn before took from its first read to its last."),
    SAMPLER.gauge("lateness_us", Unit::Microseconds, "How long after its due time the turn began."),
    SAMPLER.counter("samples", Unit::Number, "Samples and events handed to the way out."),
    SAMPLER.counter("read_errors", Unit::Number, "Files of the kernel that could not be read or understood."),
    SAMPLER.counter("batches_sent", Unit::Number, "Batches sent, those sent again included."),
    SAMPLER.counter("batches_failed", Unit::Number, "Batches that the processor answered with an error."),
    SAMPLER.counter("batches_dropped", Unit::Number, "Batches lost because the way out had no room."),
    SAMPLER.gauge("waiting_bytes", Unit::Bytes, "Bytes that wait for the processor."),
    SAMPLER.gauge("backlog_bytes", Unit::Bytes, "Bytes on disk that the processor did not take yet; `skep collect` only."),
    SAMPLER.gauge("backlog_age", Unit::Seconds, "Age of the oldest batch on disk; 0 when none waits.").float(),
    SAMPLER.counter("backlog_dropped", Unit::Number, "Batches lost because they were too old or the backlog was full."),
    SAMPLER.gauge("backlog_failing", Unit::Flag, "1 when the disk refuses the backlog: samples then wait in memory alone."),
    SAMPLER
        .gauge("budget_used_percent", Unit::Percent, "Part of one core that sampling took over the last minute.")
        .float()
        .needs("collector.budget"),
    SAMPLER.gauge("budget_slowed", Unit::Number, "Samplers that are asked less often to keep to the budget.").needs("collector.budget"),
    SAMPLER.counter("reconnects", Unit::Number, "Times that the connection to the processor was made anew."),
    SAMPLER.gauge("containers", Unit::Number, "Containers that are watched."),
    SAMPLER.gauge("containers_open", Unit::Number, "Containers whose counters can be read."),
    SAMPLER.gauge("swarm_leader", Unit::Flag, "Whether this node leads the swarm and tells of it.").needs("a manager of a swarm"),
    SAMPLER
        .counter("swarm_unanswered", Unit::Number, "Times that dockerd did not say what was asked of it about the swarm.")
        .needs("a manager of a swarm"),
    SAMPLER.counter("statsd_lines", Unit::Number, "Lines of statsd.").needs("collector.statsd"),
    SAMPLER
        .counter("statsd_refused", Unit::Number, "Lines of statsd that were none, or of another type than the name had.")
        .needs("collector.statsd"),
    SAMPLER
        .counter(
            "statsd_dropped",
            Unit::Number,
            "Lines of names beyond max_names, members of sets that found no room, and values of timers that have no percentiles for want of room.",
        )
        .needs("collector.statsd"),
    SAMPLER
        .counter("statsd_kernel_drops", Unit::Number, "Datagrams of statsd that the kernel dropped because they came faster than they were read.")
        .needs("collector.statsd"),
    SAMPLER.gauge("statsd_names", Unit::Number, "Names that statsd tells of.").needs("collector.statsd"),
    SAMPLER.counter("collectd_packets", Unit::Number, "Datagrams of collectd's protocol.").needs("collector.collectd"),
    SAMPLER
        .counter(
            "collectd_refused",
            Unit::Number,
            "Datagrams not signed or encrypted as `security` asks, of an unknown user, or with a wrong password.",
        )
        .needs("collector.collectd"),
    SAMPLER.counter("collectd_malformed", Unit::Number, "Datagrams that were none of collectd's, or were cut.").needs("collector.collectd"),
    SAMPLER.counter("collectd_values", Unit::Number, "Values that collectd sent.").needs("collector.collectd"),
    SAMPLER.counter("collectd_notifications", Unit::Number, "Notifications that collectd sent.").needs("collector.collectd"),
    SAMPLER.counter("collectd_late", Unit::Number, "Values and notifications that were not newer than those before them.").needs("collector.collectd"),
    SAMPLER
        .counter(
            "collectd_dropped",
            Unit::Number,
            "Values and notifications beyond max_series or with names of more than 512 bytes, and events that found no room until the next turn.",
        )
        .needs("collector.collectd"),
    SAMPLER
        .counter(
            "collectd_kernel_drops",
            Unit::Number,
            "Datagrams of collectd that the kernel dropped because they came faster than they were read.",
        )
        .needs("collector.collectd"),
    SAMPLER
        .counter("collectd_unnamed", Unit::Number, "Series called by their index, for no types.db names the values of their type.")
        .needs("collector.collectd"),
    SAMPLER.gauge("collectd_series", Unit::Number, "Series that collectd sends.").needs("collector.collectd"),
    SAMPLER.gauge("scrape_targets", Unit::Number, "Prometheus' endpoints that are scraped.").needs("collector.scrape"),
    SAMPLER
        .gauge("scrape_left_out", Unit::Number, "Endpoints beyond 256, and those of containers none of whose networks is this node's.")
        .needs("collector.scrape"),
    SAMPLER.gauge("scrape_series", Unit::Number, "Series of all endpoints together.").needs("collector.scrape"),
    SAMPLER.counter("scrape_failed", Unit::Number, "Scrapes that failed.").needs("collector.scrape"),
    SAMPLER
        .counter("scrape_dropped", Unit::Number, "Scraped samples of series beyond max_series, or for which there was no room.")
        .needs("collector.scrape"),
    SAMPLER.counter("exec_runs", Unit::Number, "Runs of programs.").needs("collector.exec"),
    SAMPLER
        .counter("exec_failed", Unit::Number, "Runs that did not end with exit code 0, those that took too long among them.")
        .needs("collector.exec"),
    SAMPLER.counter("exec_timeouts", Unit::Number, "Runs that took too long and were killed.").needs("collector.exec"),
    SAMPLER.counter("exec_refused", Unit::Number, "Lines and objects of their output that were no event.").needs("collector.exec"),
    SAMPLER
        .counter("exec_dropped", Unit::Number, "Events beyond 10,000 or 4 MiB of a run, or for which there was no room.")
        .needs("collector.exec"),
    SAMPLER
        .gauge("sees_only_itself", Unit::Flag, "1 when it runs in a container without the host's files: what it samples is the container.")
        .pace(SLOW),
    SAMPLER.gauge("samplers_missing", Unit::Number, "Samplers left out because their files cannot be read here.").pace(SLOW),
    SAMPLER.gauge("open_files", Unit::Number, "Files that the process holds open.").pace(SLOW),
    SAMPLER.counter("cpu_seconds", Unit::Seconds, "Processor time of the process.").float().pace(SLOW),
    SAMPLER.gauge("resident_bytes", Unit::Bytes, "Memory of the process.").pace(SLOW),
];

/// The engine's thread.
pub(crate) const PROCESSOR: &[Metric] = &[
    ENGINE.counter("events", Unit::Number, "Events applied, those of rules included."),
    ENGINE.counter("messages", Unit::Number, "Messages applied."),
    ENGINE.counter("events_late", Unit::Number, "Events marked late by their sender: to sinks and store only."),
    ENGINE.counter("events_overflow", Unit::Number, "Events of new series beyond max_series: to sinks and store only."),
    ENGINE.counter("events_rebuilt", Unit::Number, "Events whose service collectd had lost and that got it back from their attributes."),
    ENGINE.counter("events_expired", Unit::Number, "Events that left the index because their ttl ran out."),
    ENGINE.counter("events_too_deep", Unit::Number, "Events of rules on rules that were dropped because they went too deep."),
    ENGINE.counter("instances_refused", Unit::Number, "Events that would have made an alert instance beyond max_instances."),
    ENGINE.counter("events_unfit", Unit::Number, "Events that a step of a stream could do nothing with and dropped there."),
    ENGINE.counter("stream_samples_over", Unit::Number, "Events beyond what a step of a stream may keep for one key."),
    ENGINE.counter("events_throttled", Unit::Number, "Events and rows that a step `throttle` held back."),
    ENGINE.gauge("stream_keys", Unit::Number, "Keys that the streams hold, one for each stream itself among them."),
    ENGINE.counter("transitions", Unit::Number, "Changes of alert instances."),
    ENGINE.counter("notifications", Unit::Number, "Messages given to notifiers."),
    ENGINE.counter("ticks", Unit::Number, "Ticks given to the engine."),
    ENGINE.counter("turns", Unit::Number, "Turns of the engine's thread that applied something."),
    ENGINE.counter("queries", Unit::Number, "Queries answered."),
    ENGINE.counter("queries_refused", Unit::Number, "Queries that failed."),
    ENGINE.counter("journal_bytes", Unit::Bytes, "Bytes that went into the journal."),
    ENGINE.counter("held_up", Unit::Number, "Times that ingest waited for a slow disk or for room in the journal."),
    ENGINE.counter("snapshots", Unit::Number, "Snapshots taken."),
    ENGINE.counter(
        "variants_replaced",
        Unit::Number,
        "Sets of attributes that a series forgot because it came with too many different ones.",
    ),
    ENGINE.counter("live_lost", Unit::Number, "Frames that live pages were too slow for; a whole picture follows."),
    ENGINE.gauge("series", Unit::Number, "Keys in the index."),
    ENGINE.gauge("live_queries", Unit::Number, "Distinct queries that live pages watch."),
    ENGINE.gauge("journal_failed", Unit::Flag, "1 when the disk refused the journal: an acknowledgement then means applied."),
    ENGINE.gauge("rules_invalid", Unit::Flag, "1 when the rule files have mistakes, and the rules from before go on."),
    ENGINE.event("rules_read", "The rules were read, at the start or again: 1 when they run, 0 when they have mistakes.").pace(Pace::Event),
    ENGINE.gauge("snapshot_bytes", Unit::Bytes, "Bytes of the last snapshot."),
    ENGINE.gauge("snapshot_ms", Unit::Milliseconds, "Time for which encoding the last snapshot kept the engine.").float(),
    ENGINE.counter("cpu_seconds", Unit::Seconds, "Processor time of the process.").float(),
    ENGINE.gauge("resident_bytes", Unit::Bytes, "Memory of the process."),
];

/// The way in.
pub(crate) const INGEST: &[Metric] = &[
    ENGINE.counter("deliveries", Unit::Number, "Deliveries handed to the engine."),
    ENGINE.counter("ingest_bytes", Unit::Bytes, "Bytes handed to the engine."),
    ENGINE.gauge("ingest_waiting_bytes", Unit::Bytes, "Bytes that wait for the engine."),
    ENGINE.gauge("events_rate", Unit::Number, "Events applied a second, over the last interval.").float(),
    ENGINE.gauge("tcp_in_rate", Unit::Number, "Messages by TCP a second, over the last interval.").float(),
    ENGINE.gauge("udp_in_rate", Unit::Number, "Messages by UDP a second, over the last interval.").float(),
    ENGINE
        .gauge("tcp_in_latency_p50", Unit::Milliseconds, "Half of the messages by TCP were answered faster, over the last interval.")
        .float()
        .needs("messages by TCP"),
    ENGINE
        .gauge("tcp_in_latency_p95", Unit::Milliseconds, "95 of 100 messages by TCP were answered faster, over the last interval.")
        .float()
        .needs("messages by TCP"),
    ENGINE
        .gauge("tcp_in_latency_p99", Unit::Milliseconds, "99 of 100 messages by TCP were answered faster, over the last interval.")
        .float()
        .needs("messages by TCP"),
    ENGINE
        .gauge("tcp_in_latency_p999", Unit::Milliseconds, "999 of 1000 messages by TCP were answered faster, over the last interval.")
        .float()
        .needs("messages by TCP"),
    ENGINE.counter("udp_dropped", Unit::Number, "Datagrams dropped for want of room."),
    ENGINE.counter("udp_kernel_drops", Unit::Number, "Datagrams that the kernel dropped because they came faster than they were read."),
    ENGINE.counter("udp_undecodable", Unit::Number, "Datagrams that were no message."),
    ENGINE.counter("collector_dropped", Unit::Number, "Batches of the process's own collector dropped for want of room."),
    ENGINE.gauge("connections", Unit::Number, "TCP connections open now."),
    ENGINE.counter("connections_refused", Unit::Number, "TCP connections closed because there were too many."),
    ENGINE.counter("connections_garbage", Unit::Number, "TCP connections closed for a message that was none, or too long."),
    ENGINE.counter(
        "connections_stalled",
        Unit::Number,
        "TCP connections closed because they stood still in a message, or did not read their replies.",
    ),
    ENGINE.counter("tls_refused", Unit::Number, "TLS connections whose handshake failed."),
    ENGINE.counter("line_events", Unit::Number, "Events of Graphite's and OpenTSDB's lines."),
    ENGINE.counter("lines_refused", Unit::Number, "Lines that were no event."),
    ENGINE.counter("http_refused", Unit::Number, "HTTP connections closed because there were too many."),
    ENGINE.counter("http_unauthorized", Unit::Number, "HTTP requests with a wrong password or token."),
];

/// The embedded store.
pub(crate) const STORE: &[Metric] = &[
    ENGINE.counter("store_values", Unit::Number, "Values that the store took."),
    ENGINE.counter("store_late", Unit::Number, "Values that came after their window had been sealed."),
    ENGINE.counter("store_refused", Unit::Number, "Values that the store cannot hold."),
    ENGINE.counter("store_dropped", Unit::Number, "Values lost because the store's file could not be written for too long."),
    ENGINE.counter("store_commits", Unit::Number, "Transactions of the store."),
    ENGINE.counter("store_failures", Unit::Number, "Transactions of the store that failed; each is tried again."),
    ENGINE.gauge("store_series", Unit::Number, "Series that the store knows."),
    ENGINE.gauge("store_file_bytes", Unit::Bytes, "Bytes of the store's file."),
];

/// Each InfluxDB; the instance and the attribute `sink` are its address.
pub(crate) const INFLUX: &[Metric] = &[
    NOTIFIER.counter("notify_sent", Unit::Number, "Messages that arrived.").needs("notify"),
    NOTIFIER.counter("notify_failed", Unit::Number, "Tries to send a message that failed.").needs("notify"),
    NOTIFIER
        .counter("notify_given_up", Unit::Number, "Messages that were refused too often, or waited for a day, and given up.")
        .needs("notify"),
    NOTIFIER.counter("notify_dropped", Unit::Number, "Messages dropped because too many waited.").needs("notify"),
    NOTIFIER.gauge("notify_waiting", Unit::Number, "Messages that wait to be sent.").needs("notify"),
    WAY.gauge(
        "notify_outcome",
        Unit::Number,
        "What became of the last message by this way, and of how many in a row: the state is ok for `delivered`, warning for `delayed` (tried for a minute, once a message), critical for `given_up` and `dropped`; the description is its subject.",
    )
    .needs("notify"),
    SINK.counter("influx_lines_written", Unit::Number, "Lines that the server took."),
    SINK.counter("influx_bytes_written", Unit::Bytes, "Bytes that the server took, as sent."),
    SINK.counter("influx_requests", Unit::Number, "Requests sent."),
    SINK.counter("influx_retries", Unit::Number, "Requests that failed in a way that a later try can mend."),
    SINK.counter("influx_splits", Unit::Number, "Batches cut in two because the server found them too large."),
    SINK.counter("influx_partial_writes", Unit::Number, "Batches of which the server refused some lines."),
    SINK.counter("influx_lines_rejected", Unit::Number, "Lines that the server refused."),
    SINK.counter("influx_lines_spooled", Unit::Number, "Lines written to the spool."),
    SINK.counter("influx_lines_dropped", Unit::Number, "Lines lost: the spool was full or could not be written, or they waited too long."),
    SINK.gauge("influx_queue_lines", Unit::Number, "Lines that wait in memory."),
    SINK.gauge("influx_spool_bytes", Unit::Bytes, "Bytes that wait in the spool."),
    SINK.percent("influx_spool_used_percent", "Share of the spool that is in use."),
    SINK.gauge("influx_spool_age", Unit::Seconds, "How long the oldest of the spool has waited."),
    SINK.gauge("influx_spool_disk_low", Unit::Number, "1 while the spool's disk has less than 5 % free, and the spool grows no further."),
    SINK.gauge(
        "influx_paused",
        Unit::Number,
        "1 while the server refuses everything until somebody sets something right: credentials, rights, database, address.",
    ),
    SINK.gauge("influx_failing_seconds", Unit::Seconds, "How long the server has taken nothing; 0 while it does."),
    SINK.counter("forward_events", Unit::Number, "Events that streams sent on.").needs("processor.forward"),
    SINK.counter("forward_too_far", Unit::Number, "Events dropped because they had been sent on four times before.")
        .needs("processor.forward"),
    SINK.counter("forward_acked", Unit::Number, "Messages of events sent on that the other acknowledged.").needs("processor.forward"),
    SINK.counter("forward_refused", Unit::Number, "Messages of events sent on that the other refused.").needs("processor.forward"),
    SINK.counter("forward_dropped", Unit::Number, "Messages of events sent on that were lost for want of room.").needs("processor.forward"),
    SINK.gauge("forward_waiting_bytes", Unit::Bytes, "Bytes of events sent on that wait, in memory and on disk.")
        .needs("processor.forward"),
];
