// The address holds what the page shows: query, order, filter, selected row. So it can be sent by mail, and "back" goes back.
// @ts-check

/** @param {string} key @param {string} [without] what it is when the address does not say */
export function param(key, without = '') {
  return new URLSearchParams(location.search).get(key) ?? without;
}

/**
 * Changes the address. A value of null or '' takes the key out.
 * @param {Record<string, string | number | null>} values @param {{push?: boolean}} [how] push: a step that "back" undoes
 */
export function setParams(values, { push = false } = {}) {
  const url = new URL(location.href);
  for (const [key, value] of Object.entries(values)) {
    if (value === null || value === '') url.searchParams.delete(key);
    else url.searchParams.set(key, String(value));
  }
  if (url.href === location.href) return;
  if (push) history.pushState(null, '', url);
  else history.replaceState(null, '', url);
}

/** Calls when "back" or "forward" changed the address. @param {() => void} run @param {AbortSignal} [until] */
export function onBack(run, until) {
  addEventListener('popstate', run, { signal: until });
}

/** The name behind a path's beginning: `n1` of `/nodes/n1`. @param {string} beginning like `/nodes/` */
export function nameInPath(beginning) {
  const rest = location.pathname.startsWith(beginning) ? location.pathname.slice(beginning.length) : '';
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

/** Addresses of pages with a name behind them. */
export const to = {
  node: (/** @type {string} */ host) => `/nodes/${encodeURIComponent(host)}`,
  service: (/** @type {string} */ name) => `/services/${encodeURIComponent(name)}`,
  container: (/** @type {string} */ name) => `/containers/${encodeURIComponent(name)}`,
  alert: (/** @type {string} */ name) => `/alerts/${encodeURIComponent(name)}`,
  explore: (/** @type {string} */ query) => `/explore?${new URLSearchParams({ query })}`,
};

/** A text as Riemann's query language writes it. @param {string} text */
export function quoted(text) {
  const escapes = /** @type {Record<string, string>} */ ({ '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t', '\r': '\\r' });
  return `"${text.replace(/["\\\n\t\r]/g, sign => escapes[sign])}"`;
}

/** A text as InfluxQL writes it. @param {string} text */
export function influxText(text) {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
