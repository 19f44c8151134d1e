// What every page has: header with open alerts, connection, search, theme and zone; the live stream; the keyboard.
// @ts-check
import { get } from './ask.js';
import { el, set, write } from './dom.js';
import { levelText, span, when } from './format.js';
import { listen } from './keys.js';
import { Live } from './live.js';
import { OPEN_ALERTS, counts, loud } from './open.js';
import { isUtc, onPrefs, setUtc, theme, turnTheme } from './prefs.js';
import { loadUnits } from './units.js';

/** @typedef {import('./live.js').Row} Row */

/**
 * A page, as it tells the shell of itself. `queries` are those of the live stream; a query named `alerts` with the open alerts is always there.
 * `paint` is called at most once a frame after something came, and each second, since ages grow.
 * @typedef {object} Page
 * @property {string} title before "· skep"
 * @property {'swarm' | 'alerts' | 'explore' | 'rules' | 'status' | ''} [nav] which entry of the navigation it stands under
 * @property {Record<string, string>} [queries]
 * @property {number} [rate] how often to hear, in milliseconds
 * @property {(name: string, rows: Row[]) => void} [snapshot]
 * @property {(name: string, row: Row) => void} [change]
 * @property {(name: string, row: Row) => void} [gone]
 * @property {() => void} [paint]
 * @property {(status: Status) => void} [status] once the server has told of itself
 * @property {import('./keys.js').Key[]} [keys]
 */

/** What the shell needs of /api/v1/status. @typedef {{version?: string, web?: {read_only?: boolean, grafana?: string | null}}} Status */

/** @type {[string, string, string][]} */
const NAV = [['swarm', 'Swarm', '/'], ['alerts', 'Alerts', '/alerts'], ['explore', 'Explore', '/explore'], ['rules', 'Rules', '/rules'], ['status', 'Status', '/status']];

export class Shell {
  /** @param {Page} page */
  constructor(page) {
    this.page = page;
    /** @type {Status} filled in once the server has answered */
    this.status = {};
    this.main = /** @type {HTMLElement} */ (document.querySelector('main'));
    this.main.id = 'main';
    this.main.tabIndex = -1;
    this.polite = el('div.hidden', { role: 'status', 'aria-live': 'polite' });
    this.assertive = el('div.hidden', { role: 'alert', 'aria-live': 'assertive' });
    this.toasts = el('section.toasts', { 'aria-label': 'Messages' });
    this.parts = header(page, listen(page.keys ?? []));
    document.body.prepend(el('a.skip', { href: '#main' }, 'To the content'), this.parts.header);
    document.body.append(this.parts.footer, this.toasts, this.polite, this.assertive);
    /** @type {Set<string> | null} */
    this.critical = null;
    this.asked = false;
    this.told = '';
    this.live = new Live(this.withAlerts(page.queries ?? {}), {
      snapshot: (name, rows) => (name in (page.queries ?? {}) && page.snapshot?.(name, rows), this.ask()),
      change: (name, row) => (name in (page.queries ?? {}) && page.change?.(name, row), this.ask()),
      gone: (name, row) => (name in (page.queries ?? {}) && page.gone?.(name, row), this.ask()),
    }, { rate: page.rate, connection: state => this.showConnection(state) });
    onPrefs(() => this.ask());
    addEventListener('resize', () => this.ask());
    setInterval(() => this.ask(), 1000);
    void loadUnits().then(() => this.ask());
    void this.askStatus();
  }

  /** The rows of one of the page's queries. @param {string} name @returns {Row[]} */
  rows(name) {
    return [...(this.live.rows.get(name)?.values() ?? [])];
  }

  /** Rows of the alerts that are open. */
  alerts() {
    return this.rows('alerts');
  }

  /** Other queries from now on; snapshots follow. @param {Record<string, string>} queries */
  watch(queries) {
    this.page.queries = queries;
    this.live.watch(this.withAlerts(queries));
  }

  /** @param {Record<string, string>} queries @returns {Record<string, string>} */
  withAlerts(queries) {
    return { alerts: OPEN_ALERTS, ...queries };
  }

  /** Paints in the next frame, whatever came until then. */
  ask() {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.paint();
    });
  }

  paint() {
    this.showLevels();
    tick();
    write(this.parts.clock, when(Date.now() / 1000));
    this.page.paint?.();
  }

  /** Tells something in a line at the page's edge, and to who cannot see it. @param {string} text @param {{urgent?: boolean}} [how] urgent: what went wrong */
  say(text, { urgent = false } = {}) {
    const toast = el(urgent ? 'p.toast.wrong' : 'p.toast', {}, text);
    this.toasts.append(toast);
    setTimeout(() => toast.remove(), urgent ? 10_000 : 5_000);
    (urgent ? this.assertive : this.polite).textContent = text;
  }

  /** Whether silencing and the like is to be offered. */
  get readOnly() {
    return this.status.web?.read_only === true;
  }

  async askStatus() {
    const status = await get('/api/v1/status').catch(() => null);
    if (!status) return;
    this.status = status;
    this.parts.readOnly.hidden = !this.readOnly;
    document.body.classList.toggle('read-only', this.readOnly);
    write(this.parts.version, `skep ${status.version ?? ''}`.trim());
    this.page.status?.(status);
    this.ask();
  }

  showLevels() {
    const alerts = loud(this.alerts());
    const found = counts(alerts);
    const parts = found.map(([level, count]) => [level, `${levelText(level)} ${count}`]);
    if (!parts.length) parts.push(this.live.wasOpen ? ['ok', '● no alert'] : ['quiet', 'alerts']);
    const text = parts.join();
    if (text !== this.told) {
      this.told = text;
      this.parts.levels.replaceChildren(...parts.map(([level, words]) => el('span', { class: level }, words)));
    }
    document.title = `${found.length ? `(${found.map(([level, count]) => `${levelText(level)[0]}${count}`).join(' ')}) ` : ''}${this.page.title} · skep`;
    const critical = new Set(alerts.filter(row => row.state === 'critical').map(row => row.service + row.host));
    if (this.critical) {
      const fresh = alerts.filter(row => row.state === 'critical' && !this.critical?.has(row.service + row.host));
      if (fresh.length) this.assertive.textContent = `Critical: ${fresh.map(row => row.message || row.alert).join('; ')}`;
    }
    if (this.live.wasOpen) this.critical = critical;
  }

  /** @param {import('./live.js').Connection} state */
  showConnection({ is, text }) {
    const box = this.parts.connection;
    const changed = !box.classList.contains(is);
    box.className = `connection ${is}`;
    write(box, text);
    this.main.classList.toggle('stale-rows', is === 'stale' || is === 'lost');
    // A reader is told once of each change, not of every second.
    if (changed && is !== 'connecting') this.polite.textContent = is === 'live' ? 'live' : text;
  }
}

/** @param {Page} page @param {() => void} showHelp */
function header(page, showHelp) {
  const levels = el('a.levels', { id: 'levels', href: '/alerts', title: 'Open alerts' });
  const connection = el('span.connection.connecting', { id: 'connection' }, 'connecting');
  const readOnly = el('span.badge', { hidden: true, title: 'This page can change nothing: the server was started read-only.' }, 'read-only');
  const clock = el('span');
  const version = el('span');
  const themeButton = el('button.tool', { type: 'button', onclick: turnTheme });
  const zone = el('button.tool', { type: 'button', onclick: () => setUtc(!isUtc()) });
  const dress = () => {
    write(themeButton, { auto: '◐ auto', light: '☀ light', dark: '☾ dark' }[theme()] ?? '◐ auto');
    set(themeButton, 'title', `Theme: ${theme()}; press for the next`);
    write(zone, isUtc() ? 'UTC' : 'local time');
    set(zone, 'title', `Times are in ${isUtc() ? 'UTC' : "the browser's zone"}; press to change`);
  };
  dress();
  onPrefs(dress);
  const nav = el('nav', { 'aria-label': 'Pages' }, ...NAV.map(([name, title, href]) => el('a', { href, 'aria-current': page.nav === name ? 'page' : null }, title)));
  const help = el('button.tool', { type: 'button', title: 'Keys (?)', onclick: showHelp }, '?', el('span.hidden', {}, ' keys'));
  return {
    levels, connection, readOnly, clock, version,
    header: el('header', {},
      el('a.brand', { href: '/' }, el('img', { src: '/icon.svg', alt: '', width: 22, height: 22 }), 'skep'), nav,
      el('div.now', {}, levels, connection, readOnly), searchBox(), el('div.tools', {}, themeButton, zone, help)),
    footer: el('footer', {}, clock, version, el('span', {}, 'For scripts: ', el('a', { href: '/api/v1/alerts' }, 'alerts'), ', ', el('a', { href: '/metrics' }, 'metrics'))),
  };
}

function searchBox() {
  const list = el('ul.results', { id: 'search-results', role: 'listbox', 'aria-label': 'Found', hidden: true });
  const input = el('input', {
    id: 'search', type: 'search', placeholder: 'Search', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Search nodes, services, containers, alerts, metrics',
    role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'search-results', 'aria-autocomplete': 'list', 'aria-keyshortcuts': '/',
  });
  let isReady = false;
  // A server that is away just now is asked again at the next focus.
  input.addEventListener('focus', () => isReady || import('./search.js').then(({ searchIn }) => {
    if (!isReady) searchIn(input, list);
    isReady = true;
  }, () => {}));
  return el('div.search', { role: 'search' }, input, list);
}

/** `<time>` that says how long ago, kept current by the shell; the moment itself is in its title. @param {number | string} time @param {string} [after] */
export function ago(time, after = ' ago') {
  const element = el('time', { 'data-ago': after });
  setAgo(element, time);
  return element;
}

/** Gives such an element another moment. @param {Element} element @param {number | string} time */
export function setAgo(element, time) {
  const seconds = typeof time === 'number' ? time : Date.parse(time) / 1000;
  if (Number.isFinite(seconds)) set(element, 'datetime', new Date(seconds * 1000).toISOString());
  show(element);
}

/** @param {Element} element */
function show(element) {
  const time = element.getAttribute('datetime');
  if (!time) return write(element, '–');
  write(element, `${span((Date.now() - Date.parse(time)) / 1000)}${element.getAttribute('data-ago')}`);
  set(element, 'title', when(time));
}

function tick() {
  for (const element of document.querySelectorAll('time[data-ago]')) show(element);
}

/** Begins a page. @param {Page} page */
export function start(page) {
  return new Shell(page);
}
