// What more than one board says of alerts.
import { from, over, type Target } from './influxql';
import * as to from './links';
import { LEVELS, rows, type AnyPanel } from './look';

/** What was last told of every alert instance, from before the picked time too. */
const last = (of?: string) => {
  const select = from('alert').last('level').raw('value', 'since', 'message').evenBefore().byAll();
  return of ? select.when(of) : select;
};

/** How many alerts are open at a level. */
export const countOpen = (level: number): Target => over(last()).evenBefore().when(`"level" = ${level}`).fold('count', 'level', 'open').as('open');

/** The alerts that are open at the end of the picked time, all or those for which a condition on their tags holds. */
export function alertTable(size: [number, number], title = 'Open alerts', of?: string): AnyPanel {
  return rows({
    title, size, unit: 'short',
    about: 'Alerts that are open at the end of the picked time, since their last change of level. Moments and messages are missing where skep itself is the data source: its store keeps numbers.',
    rename: { since: 'since', level: 'level', name: 'alert', host: 'node', swarm_service: 'service', container_name: 'container', value: 'value', message: 'message', Time: 'last told' },
    sort: 'level',
    columns: {
      level: { mappings: LEVELS, colored: true },
      alert: { links: [to.toAlertOfRow('alert')] },
      node: { links: [to.toNodeOfRow('node')] },
      service: { links: [to.toServiceOfRow('service')] },
      container: { links: [to.toContainerOfRow('container', 'node')] },
    },
    queries: [over(last(of)).evenBefore().when('"level" > 0').raw('since', 'level', 'value', 'message').by('*').table()],
  });
}
