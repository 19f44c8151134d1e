// Where a name leads: every link of every board, each with the picked time and the data source.
import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard';

/** The boards by their fixed uids, and the variables that each takes. */
export const BOARDS = {
  'swarm-overview': ['stack', 'host'],
  'swarm-node': ['host'],
  'swarm-service': ['stack', 'service', 'container'],
  'swarm-container': ['host', 'service', 'container'],
  'swarm-alerts': ['alert', 'host'],
  'swarm-pipeline': ['host'],
} as const;

export type Board = keyof typeof BOARDS;
type Variable<B extends Board> = (typeof BOARDS)[B][number];

/** A link to a board with variables set to what a data link or another variable gives. */
export function link<B extends Board>(title: string, board: B, set: Partial<Record<Variable<B>, string>>): DashboardLinkBuilder {
  const variables = Object.entries(set).map(([name, value]) => `var-${name}=${value}`);
  const query = ['${datasource:queryparam}', ...variables, '${__url_time_range}'].join('&');
  return new DashboardLinkBuilder(title).type(DashboardLinkType.Link).url(`/d/${board}?${query}`);
}

/** In a series' legend: the value of one of its tags. */
export const label = (tag: string): string => '${__field.labels.' + tag + '}';
/** In a table's row: the value of one of its columns. */
export const cell = (column: string): string => '${__data.fields.' + column + '}';

export const toNode = link('The node', 'swarm-node', { host: label('host') });
export const toNodeOfRow = (node: string) => link('The node', 'swarm-node', { host: cell(node) });
export const toService = link('The service', 'swarm-service', { service: label('swarm_service') });
export const toServiceOfRow = (service: string) => link('The service', 'swarm-service', { service: cell(service) });
export const toContainer = link('The container', 'swarm-container', { host: label('host'), container: label('container_name') });
export const toContainerOfRow = (container: string, node: string) => link('The container', 'swarm-container', { host: cell(node), container: cell(container) });
export const toAlertOfRow = (alert: string) => link('All of this alert', 'swarm-alerts', { alert: cell(alert) });
export const toAlerts = link('Alerts', 'swarm-alerts', {});
