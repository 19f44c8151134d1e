// What more than one board says of alerts.
import { from, over, type Target } from './influxql';
import * as to from './links';
import { LEVELS, rows, type AnyPanel } from './look';

/** The last change of every alert instance, from before the picked time too. */
const last = (of?: string) => {
  const select = from('alert').last('level').raw('value', 'message').evenBefore().byAll();
  return of ? select.when(of) : select;
};

/** How many alerts are open at a level. */
export const countOpen = (level: number): Target => over(last()).evenBefore().when(`"level" = ${level}`).fold('count', 'level', 'open').as('open');

/** The alerts that are open at the end of the picked time, all or those for which a condition on their tags holds. */
export function alertTable(size: [number, number], title = 'Open alerts', of?: string): AnyPanel {
  return rows({
    title, size, unit: 'short',
    about: 'Alerts that are open at the end of the picked time, with the moment of their last change. The messages are missing where skep itself is the data source: its store keeps numbers.',
    rename: { Time: 'since', level: 'level', name: 'alert', host: 'node', swarm_service: 'service', container_name: 'container', value: 'value', message: 'message' },
    sort: 'level',
    columns: {
      level: { mappings: LEVELS, colored: true },
      alert: { links: [to.toAlertOfRow('alert')] },
      node: { links: [to.toNodeOfRow('node')] },
      service: { links: [to.toServiceOfRow('service')] },
      container: { links: [to.toContainerOfRow('container', 'node')] },
    },
    queries: [over(last(of)).evenBefore().when('"level" > 0').raw('level', 'value', 'message').by('*').table()],
  });
}
