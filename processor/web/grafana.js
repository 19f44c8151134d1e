// Links to Grafana's boards, which show longer ranges, where `processor.web.grafana` says where it is.
// @ts-check
import { set } from './dom.js';

/** Shows a link that is hidden until then. @param {HTMLAnchorElement} link @param {import('./shell.js').Status} status @param {string} board @param {Record<string, string>} variables */
export function linkGrafana(link, status, board, variables) {
  const base = status.web?.grafana;
  if (!base) return;
  const parameters = new URLSearchParams(Object.entries(variables).map(([name, value]) => [`var-${name}`, value]));
  set(link, 'href', `${base.replace(/\/$/, '')}/d/${board}?${parameters}`);
  link.hidden = false;
}
