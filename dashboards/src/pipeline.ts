// Who watches the watchman: collectors, processor and what they write to.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board, pick } from './board';
import { from, unit } from './influxql';
import * as to from './links';
import { ANY, ANY_CRITICAL, lines, number, stripes, words } from './look';

const collector = () => from('skep_collector').of('host');
const processor = () => from('skep_processor');
const influx = () => processor().matches('sink', '.');

const first = () => [
  number({ title: 'Events', about: 'Events that the processor applies each second.', unit: 'cps', size: [4, 4], levels: { warn: 2, crit: 1 }, queries: [processor().mean('events_rate').steps().as('events')] }),
  number({ title: 'Series', about: 'Keys in the index; max_series bounds them.', unit: unit('skep_processor', 'series'), size: [4, 4], levels: { warn: 800_000, crit: 1_000_000 }, queries: [processor().last('series').steps().as('series')] }),
  number({ title: 'Memory', about: 'Memory of the processor.', unit: unit('skep_processor', 'resident_bytes'), size: [4, 4], levels: { warn: 500e6, crit: 1e9 }, queries: [processor().last('resident_bytes').steps().as('memory')] }),
  number({ title: 'Answer to collectors', about: '99 of 100 messages were acknowledged faster, over the last interval.', unit: unit('skep_processor', 'tcp_in_latency_p99'), size: [4, 4], levels: { warn: 100, crit: 1000 }, queries: [processor().last('tcp_in_latency_p99').steps().as('p99')] }),
  number({ title: 'InfluxDB takes nothing', about: 'How long the InfluxDB has taken nothing; 0 while it does.', unit: unit('skep_processor', 'influx_failing_seconds'), size: [4, 4], levels: { warn: 10, crit: 60 }, queries: [influx().last('influx_failing_seconds').by('sink').steps().as('$tag_sink')] }),
  number({ title: 'Journal', about: 'Whether the journal is written: without it an acknowledgement means applied, not written down.', unit: unit('skep_processor', 'journal_failed'), size: [4, 4], levels: ANY_CRITICAL, mappings: words({ 0: ['written', 'green'], 1: ['off', 'red'] }), queries: [processor().last('journal_failed').steps().as('journal')] }),
];

const collectors = () => [
  stripes({ title: 'Collectors', about: 'Whether each collector is heard of; a gap is a node that is gone, or its way to here.', unit: unit('skep_collector', 'heartbeat'), size: [12, 7], levels: { warn: 1, crit: 0.5 }, links: [to.toNode], mappings: words({ 1: ['heard of', 'green'], 0: ['silent', 'red'] }), queries: [collector().last('heartbeat').by('host').steps('0').as('$tag_host')] }),
  lines({ title: 'Clocks', about: 'From a heartbeat\'s sending to its arrival: the distance of the clocks, and the way.', unit: unit('skep_collector', 'clock_offset'), size: [12, 7], levels: { warn: 1, crit: 5 }, links: [to.toNode], signed: true, queries: [collector().mean('clock_offset').by('host').steps().as('$tag_host')] }),
  lines({ title: 'Samples', about: 'Samples that each collector hands to its way out, each second.', unit: 'cps', size: [8, 7], links: [to.toNode], queries: [collector().rate('samples').by('host').steps().as('$tag_host')] }),
  lines({ title: 'Processor time of collectors', about: 'Seconds of one processor, each second: 0.01 is one percent.', unit: 'percentunit', size: [8, 7], levels: { warn: 0.05, crit: 0.2 }, links: [to.toNode], queries: [collector().rate('cpu_seconds').by('host').steps().as('$tag_host')] }),
  lines({ title: 'Memory of collectors', about: 'Memory of each collector\'s process.', unit: unit('skep_collector', 'resident_bytes'), size: [8, 7], levels: { warn: 64e6, crit: 96e6 }, links: [to.toNode], queries: [collector().last('resident_bytes').by('host').steps().as('$tag_host')] }),
  lines({ title: 'Waiting in collectors', about: 'Bytes that wait for the processor, in memory and on disk.', unit: unit('skep_collector', 'waiting_bytes'), size: [12, 7], levels: { warn: 1e6, crit: 50e6 }, links: [to.toNode], queries: [collector().last('waiting_bytes', 'memory').last('backlog_bytes', 'disk').by('host').steps().as('$tag_host $col')] }),
  lines({ title: 'Troubles of collectors', about: 'Turns left out, files that could not be read, batches that failed, each second. They should be 0.', unit: 'cps', size: [12, 7], levels: { warn: 0.1, crit: 10 }, links: [to.toNode], queries: [collector().rate('turns_missed', 'turns missed').rate('read_errors', 'read errors').rate('batches_failed', 'batches failed').rate('batches_dropped', 'batches dropped').by('host').steps().as('$tag_host $col')] }),
];

const inside = () => [
  lines({ title: 'Events', about: 'Events applied, expired and marked late by their sender, each second.', unit: 'cps', size: [8, 7], queries: [processor().rate('events', 'applied').rate('events_expired', 'expired').rate('events_late', 'late').steps().as('$col')] }),
  lines({ title: 'Processor time', about: 'Seconds of one processor, each second.', unit: 'percentunit', size: [8, 7], levels: { warn: 0.8, crit: 1.5 }, queries: [processor().rate('cpu_seconds').steps().as('processor')] }),
  lines({ title: 'Latency', about: 'How fast messages by TCP were answered: half of them, 99 and 999 of 1000.', unit: unit('skep_processor', 'tcp_in_latency_p50'), size: [8, 7], levels: { warn: 100, crit: 1000 }, queries: [processor().max('tcp_in_latency_p50', 'p50').max('tcp_in_latency_p99', 'p99').max('tcp_in_latency_p999', 'p999').steps().as('$col')] }),
];

const sinks = () => [
  lines({ title: 'Lines to InfluxDB', about: 'Lines that the server took, each second.', unit: 'cps', size: [8, 7], queries: [influx().rate('influx_lines_written').by('sink').steps().as('$tag_sink')] }),
  lines({ title: 'Lines lost', about: 'Lines that were refused or dropped, each second. They should be 0.', unit: 'cps', size: [8, 7], levels: { warn: 0.01, crit: 1 }, queries: [influx().rate('influx_lines_dropped', 'dropped').rate('influx_lines_rejected', 'rejected').by('sink').steps().as('$tag_sink $col')] }),
  lines({ title: 'Spool', about: 'Bytes that wait on disk for the InfluxDB.', unit: unit('skep_processor', 'influx_spool_bytes'), size: [8, 7], levels: { warn: 100e6, crit: 900e6 }, queries: [influx().last('influx_spool_bytes').by('sink').steps().as('$tag_sink')] }),
];

export function pipeline(): Dashboard {
  return board('swarm-pipeline', {
    title: 'Pipeline', about: 'Whether the monitoring itself works: collectors, processor, and what they write to.',
    variables: [pick('host', 'Node', 'skep_collector', 'host')],
    panels: [...first(), ...collectors(), ...inside(), ...sinks()],
    rows: [
      { title: 'Store and journal', panels: [
        lines({ title: 'Store', about: 'Size of the embedded store\'s file.', unit: unit('skep_processor', 'store_file_bytes'), size: [8, 7], queries: [processor().last('store_file_bytes').steps().as('file')] }),
        lines({ title: 'Journal', about: 'Bytes that go into the journal, each second.', unit: 'Bps', size: [8, 7], queries: [processor().rate('journal_bytes').steps().as('journal')] }),
        lines({ title: 'Snapshots', about: 'Time for which encoding a snapshot kept the engine.', unit: unit('skep_processor', 'snapshot_ms'), size: [8, 7], levels: { warn: 50, crit: 500 }, queries: [processor().last('snapshot_ms').steps().as('snapshot')] }),
        lines({ title: 'Troubles of the store', about: 'Values that came too late, that it cannot hold, or that were lost, each second.', unit: 'cps', size: [12, 7], levels: { warn: 0.1, crit: 10 }, queries: [processor().rate('store_late', 'late').rate('store_refused', 'refused').rate('store_dropped', 'dropped').rate('store_failures', 'failures').steps().as('$col')] }),
        lines({ title: 'Retries', about: 'Requests to InfluxDB that failed in a way that a later try can mend, each second.', unit: 'cps', size: [12, 7], levels: { warn: 0.1, crit: 1 }, queries: [influx().rate('influx_retries').by('sink').steps().as('$tag_sink')] }),
      ] },
      { title: 'Ways in', panels: [
        lines({ title: 'Messages', about: 'Messages by TCP and UDP, each second.', unit: 'cps', size: [8, 7], queries: [processor().mean('tcp_in_rate', 'TCP').mean('udp_in_rate', 'UDP').steps().as('$col')] }),
        lines({ title: 'Connections', about: 'TCP connections that are open.', unit: unit('skep_processor', 'connections'), size: [8, 7], queries: [processor().last('connections').steps().as('connections')] }),
        lines({ title: 'Lost on the way in', about: 'Datagrams dropped by skep or the kernel, and connections refused, each second.', unit: 'cps', size: [8, 7], levels: { warn: 0.1, crit: 10 }, queries: [processor().rate('udp_dropped', 'UDP dropped').rate('udp_kernel_drops', 'kernel dropped').rate('connections_refused', 'refused').steps().as('$col')] }),
      ] },
      { title: 'What is left out', panels: [
        number({ title: 'Samplers missing', about: 'Samplers left out because their files cannot be read on the node.', unit: unit('skep_collector', 'samplers_missing'), size: [12, 5], levels: ANY, queries: [collector().last('samplers_missing').by('host').steps().as('$tag_host')] }),
        number({ title: 'Sees only itself', about: 'Collectors that run in a container without the host\'s files.', unit: unit('skep_collector', 'sees_only_itself'), size: [12, 5], levels: ANY_CRITICAL, mappings: words({ 0: ['sees the host', 'green'], 1: ['only itself', 'red'] }), queries: [collector().last('sees_only_itself').by('host').steps().as('$tag_host')] }),
      ] },
    ],
  });
}
