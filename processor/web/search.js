// The search of the header: nodes, services, containers, rules by name; anything else is looked for in the index. Fetched when somebody goes there.
// @ts-check
import { get } from './ask.js';
import { el } from './dom.js';
import { quoted, to } from './url.js';

/** @typedef {{kind: string, name: string, href: string}} Place */

const MOST = 10;
/** What there is changes slowly: it is asked for again after so long. */
const FRESH_MS = 30_000;

/** @param {string} query @returns {Promise<any[]>} */
const index = query => get('/api/v1/index', { query }).catch(() => []);

/** @returns {Promise<Place[]>} */
async function places() {
  const [hosts, containers, services, rules] = await Promise.all([
    index('service = "cpu/usage_active"'), index('service =~ "docker_container_status/%/pids_current"'),
    index('service =~ "docker_swarm/%/tasks_desired"'), get('/api/v1/rules').then(found => found.rules ?? [], () => []),
  ]);
  /** @type {Map<string, Place>} */
  const found = new Map();
  const add = (/** @type {string} */ kind, /** @type {string | undefined} */ name, /** @type {(name: string) => string} */ address) =>
    name && found.set(`${kind} ${name}`, { kind, name, href: address(name) });
  for (const event of hosts) add('node', event.host, to.node);
  for (const event of [...services, ...containers]) add('service', event.swarm_service, to.service);
  for (const event of containers) add('container', event.container_name, to.container);
  for (const rule of rules) add('alert', rule.name, to.alert);
  return [...found.values()];
}

/** A query as it is, or one for all whose service or host has the text. @param {string} text */
function asQuery(text) {
  if (/[=<>~"]|\btrue\b/.test(text)) return text;
  const pattern = quoted(`%${text}%`);
  return `service =~ ${pattern} or host =~ ${pattern}`;
}

/** @param {Place[]} all @param {string} text @returns {Place[]} */
export function matching(all, text) {
  const wanted = text.toLowerCase();
  const place = (/** @type {Place} */ { name }) => name.toLowerCase().indexOf(wanted);
  const found = all.filter(one => place(one) >= 0);
  found.sort((a, b) => Number(place(a) > 0) - Number(place(b) > 0) || a.name.length - b.name.length || a.name.localeCompare(b.name));
  return found.slice(0, MOST);
}

/** Makes a box of the header search, which has the focus. @param {HTMLInputElement} input @param {HTMLElement} list where what is found stands */
export function searchIn(input, list) {
  /** @type {Place[]} */
  let all = [];
  let asked = -Infinity;
  /** @type {Place[]} */
  let shown = [];
  let at = -1;

  function close() {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
    at = -1;
  }

  function show() {
    const text = input.value.trim();
    if (!text) return close();
    shown = [...matching(all, text), { kind: 'index', name: `Look for “${text}” in the index`, href: to.explore(asQuery(text)) }];
    list.replaceChildren(...shown.map((place, number) => el('li', {
      id: `found-${number}`, role: 'option', 'aria-selected': String(number === at), onmousedown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => location.assign(place.href),
    }, el('span', {}, place.name), el('span.quiet', {}, place.kind))));
    list.hidden = false;
    input.setAttribute('aria-expanded', 'true');
    if (at >= 0) input.setAttribute('aria-activedescendant', `found-${at}`);
  }

  async function load() {
    if (performance.now() - asked < FRESH_MS) return;
    asked = performance.now();
    all = await places();
    show();
  }

  input.addEventListener('focus', () => void load());
  input.addEventListener('input', () => {
    at = -1;
    show();
  });
  input.addEventListener('blur', close);
  input.addEventListener('keydown', event => {
    if (event.key === 'Escape') {
      if (list.hidden) input.blur();
      close();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !list.hidden) {
      event.preventDefault();
      at = (at + (event.key === 'ArrowDown' ? 1 : -1) + shown.length) % shown.length;
      show();
    } else if (event.key === 'Enter' && shown.length && !list.hidden) location.assign(shown[Math.max(0, at)].href);
  });
  void load();
}
