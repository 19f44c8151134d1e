// The live stream of the server: named queries in, rows out, kept current.
// @ts-check

/**
 * A row of the index as the pages see it; attributes are further keys.
 * @typedef {{id: number, host: string, service: string, measurement: string | null, instance: string | null, field: string | null,
 *   state: string | null, metric: number | null, time: number, [attribute: string]: any}} Row
 */

/**
 * @typedef {object} Watcher
 * @property {(name: string, rows: Row[]) => void} snapshot all rows of a query, in place of what was known before
 * @property {(name: string, row: Row) => void} change a row that is new or has a new value
 * @property {(name: string, row: Row) => void} gone a row that left the index
 */

/** Without a sign of life for this long, what the page shows is called stale. The server beats every 5 s. */
const STALE_MS = 12_000;

export class Live {
  /**
   * @param {Record<string, string>} queries name to query
   * @param {Watcher} watcher
   * @param {HTMLElement} status where the state of the connection is written
   */
  constructor(queries, watcher, status) {
    this.queries = queries;
    this.watcher = watcher;
    this.status = status;
    /** @type {Map<string, Map<number, Row>>} */
    this.rows = new Map(Object.keys(queries).map(name => [name, new Map()]));
    this.heard = Date.now();
    /** @type {EventSource | null} */
    this.source = null;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()));
    setInterval(() => this.judge(), 1000);
    this.open();
  }

  /** A hidden page holds no stream: it costs the server nothing. */
  close() {
    this.source?.close();
    this.source = null;
  }

  open() {
    if (this.source || document.hidden) return;
    const parameters = new URLSearchParams();
    for (const [name, query] of Object.entries(this.queries)) parameters.append('s', `${name}:${query}`);
    const source = new EventSource(`/api/v1/live?${parameters}`);
    this.source = source;
    this.heard = Date.now();
    source.addEventListener('snapshot', event => this.onSnapshot(JSON.parse(event.data)));
    source.addEventListener('delta', event => this.onDelta(JSON.parse(event.data)));
    source.addEventListener('gone', event => this.onGone(JSON.parse(event.data)));
    source.addEventListener('beat', () => this.alive());
  }

  alive() {
    this.heard = Date.now();
    this.judge();
  }

  judge() {
    if (document.hidden) return;
    const silent = Date.now() - this.heard;
    const closed = this.source?.readyState === EventSource.CLOSED;
    if (closed) {
      this.close();
      this.open();
    }
    const open = this.source?.readyState === EventSource.OPEN;
    const live = open && silent < STALE_MS;
    const text = live ? 'live' : `connection lost, values are ${Math.round(silent / 1000)} s old`;
    if (this.status.textContent !== text) this.status.textContent = text;
    this.status.className = live ? 'connection live' : 'connection stale';
    document.querySelector('main')?.classList.toggle('stale-rows', !live);
  }

  /** @param {{name: string, rows: Row[]}} message */
  onSnapshot({ name, rows }) {
    this.rows.set(name, new Map(rows.map(row => [row.id, row])));
    this.watcher.snapshot(name, rows);
    this.alive();
  }

  /** @param {{name: string, rows: Row[]}} message */
  onDelta({ name, rows }) {
    const known = this.rows.get(name);
    for (const row of rows) {
      known?.set(row.id, row);
      this.watcher.change(name, row);
    }
    this.alive();
  }

  /** @param {{name: string, ids: number[]}} message */
  onGone({ name, ids }) {
    const known = this.rows.get(name);
    for (const id of ids) {
      const row = known?.get(id);
      known?.delete(id);
      if (row) this.watcher.gone(name, row);
    }
    this.alive();
  }
}
