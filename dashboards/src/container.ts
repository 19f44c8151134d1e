// One container, or some, of a service or not.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertTable } from './alert_panels';
import { board, pick } from './board';
import { faults, inventory, pressure, quota, summary, traffic, use, type Pick } from './container_panels';
import { from, unit } from './influxql';
import { lines } from './look';

const containers: Pick = (measurement) => from(measurement).of('host' as never, 'host').of('swarm_service' as never, 'service').of('container_name' as never, 'container');

export function container(): Dashboard {
  return board('swarm-container', {
    title: 'Container', about: 'What a container uses, what stands in its way, and how it ended.',
    variables: [
      pick('host', 'Node', 'docker_container_cpu', 'host'),
      pick('service', 'Service', 'docker_container_cpu', 'swarm_service', [['host', 'host']]),
      pick('container', 'Container', 'docker_container_cpu', 'container_name', [['host', 'host'], ['swarm_service', 'service']]),
    ],
    panels: [...summary(containers), ...use(containers), ...quota(containers), alertTable([24, 6], 'Open alerts of the container and its node', '("container_name" =~ /^$container$/ OR ("container_name" = \'\' AND "host" =~ /^$host$/))'), ...traffic(containers), ...inventory(containers, [12, 6])],
    rows: [
      { title: 'Memory', panels: [
        lines({ title: 'Memory in detail', about: 'What the container\'s memory is used for.', unit: unit('docker_container_mem', 'rss'), size: [12, 7],
          queries: [containers('docker_container_mem').mean('rss').mean('cache').mean('mapped_file').mean('kernel').by('container_name', 'host').steps().as('$tag_container_name $col')] }),
        lines({ title: 'Page faults', about: 'Faults that had to read from a disk, and times that the limit stood in the way, each second.', unit: 'cps', size: [12, 7], levels: { warn: 10, crit: 1000 },
          queries: [containers('docker_container_mem').rate('pgmajfault', 'major faults').rate('failcnt', 'limit hit').by('container_name', 'host').steps().as('$tag_container_name $col')] }),
        ...faults(containers),
      ] },
      { title: 'Sockets and packets', panels: [
        lines({ title: 'Sockets', about: 'TCP and UDP sockets of the container.', unit: unit('docker_container_net', 'tcp_inuse'), size: [12, 7],
          queries: [containers('docker_container_net').is('network', 'total').mean('tcp_inuse', 'TCP').mean('tcp_tw', 'TIME_WAIT').mean('udp_inuse', 'UDP').by('container_name', 'host').steps().as('$tag_container_name $col')] }),
        lines({ title: 'Errors and drops', about: 'Packets that were broken or thrown away, each second. They should be 0.', unit: 'pps', size: [12, 7], levels: { warn: 1, crit: 100 },
          queries: [containers('docker_container_net').is('network', 'total').rate('rx_errors', 'errors in').rate('tx_errors', 'errors out').rate('rx_dropped', 'drops in').rate('tx_dropped', 'drops out').by('container_name', 'host').steps().as('$tag_container_name $col')] }),
      ] },
      { title: 'Pressure', panels: pressure(containers) },
    ],
  });
}
