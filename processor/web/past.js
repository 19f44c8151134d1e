// The past of alerts: changes become stretches of one state, stretches become ribbons and a list of what was open.
// @ts-check
import { rank, span } from './format.js';

/** A change as /api/v1/alerts/history tells it. @typedef {{alert: string, instance: string, host: string | null, service: string, from: string, to: string, at: string, value: number | null, message: string}} Change */
/** @typedef {{state: string, from: number, to: number}} Stretch seconds since 1970 */
/** An alert that was open and is not. @typedef {{alert: string, instance: string, host: string | null, worst: string, from: number, to: number, ended: string, message: string, begun: boolean}} Closed */

/** Names one instance of one alert, of a change as of an open alert. @param {{alert: string, instance: string}} one */
export function keyOf(one) {
  return `${one.alert} ${one.instance}`;
}

/** @param {string} state */
const isOpen = state => state !== 'ok' && state !== 'expired';

/** The changes of each instance, oldest first. @param {Change[]} changes @returns {Map<string, Change[]>} */
export function byInstance(changes) {
  /** @type {Map<string, Change[]>} */
  const found = new Map();
  for (const change of changes) {
    const key = keyOf(change);
    const list = found.get(key);
    if (list) list.push(change);
    else found.set(key, [change]);
  }
  return found;
}

/**
 * The states of one instance from one time to another; before its first change it was what that change came from.
 * @param {Change[]} changes oldest first @param {number} from @param {number} to
 * @param {{state: string, since: string | null}} present how it is now, where no change of it is known, as of one that has just opened
 * @returns {Stretch[]}
 */
export function stretches(changes, from, to, present) {
  /** @type {Stretch[]} */
  const found = [];
  const opened = present.since ? [{ from: 'ok', to: present.state, at: present.since }] : [];
  const known = changes.length ? changes : opened;
  let state = known[0]?.from ?? present.state;
  let since = from;
  for (const change of known) {
    const at = Math.min(to, Math.max(from, Date.parse(change.at) / 1000));
    if (at > since) found.push({ state, from: since, to: at });
    [state, since] = [change.to, at];
  }
  if (to > since) found.push({ state, from: since, to });
  return found;
}

/** What was open and is over, the last that ended first. @param {Map<string, Change[]>} instances @param {number} from when the changes begin, in seconds @returns {Closed[]} */
export function closed(instances, from) {
  /** @type {Closed[]} */
  const found = [];
  for (const changes of instances.values()) {
    /** @type {Closed | null} */
    let open = null;
    for (const change of changes) {
      const at = Date.parse(change.at) / 1000;
      if (!open && isOpen(change.from)) open = { ...change, worst: change.from, from, to: from, ended: '', begun: false };
      if (isOpen(change.to)) {
        open ??= { ...change, worst: change.to, from: at, to: at, ended: '', begun: true };
        if (rank(change.to) < rank(open.worst)) open.worst = change.to;
        open.message = change.message || open.message;
      } else if (open) {
        found.push({ ...open, to: at, ended: change.to });
        open = null;
      }
    }
  }
  return found.sort((a, b) => b.to - a.to);
}

const SVG = 'http://www.w3.org/2000/svg';

/** How a ribbon is read aloud. @param {Stretch[]} list */
function words(list) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { state, from, to } of list) sums.set(state, (sums.get(state) ?? 0) + to - from);
  return [...sums].sort(([a], [b]) => rank(a) - rank(b)).map(([state, seconds]) => `${state === 'expired' ? 'gone' : state} ${span(seconds)}`).join(', ');
}

/** A picture of the states over time. @param {string} over in words: `24 h` */
export function ribbon(over) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', 'ribbon');
  svg.setAttribute('role', 'img');
  svg.setAttribute('viewBox', '0 0 1000 10');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.dataset.over = over;
  return svg;
}

/** Draws it; levels differ in height too, so that they are told without colour. @param {SVGElement} svg @param {Stretch[]} list */
export function drawRibbon(svg, list) {
  const [first, last] = [list[0]?.from ?? 0, list[list.length - 1]?.to ?? 1];
  const drawn = list.map(({ state, from, to }) => `${state} ${Math.round(from - first)} ${Math.round((to - first) / 10)}`).join();
  if (svg.dataset.drawn === drawn) return;
  svg.dataset.drawn = drawn;
  svg.setAttribute('aria-label', `Last ${svg.dataset.over}: ${words(list)}`);
  const scale = 1000 / Math.max(1, last - first);
  svg.replaceChildren(...list.map(({ state, from, to }) => {
    const rect = document.createElementNS(SVG, 'rect');
    const height = { critical: 10, warning: 7, info: 5, ok: 2 }[state] ?? 2;
    const attributes = { class: `r-${state === 'expired' ? 'gone' : state}`, x: Math.min(996, (from - first) * scale), y: 10 - height, width: Math.max(4, (to - from) * scale), height };
    for (const [name, value] of Object.entries(attributes)) rect.setAttribute(name, String(value));
    return rect;
  }));
}
