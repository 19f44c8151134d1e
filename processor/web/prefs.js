// What a reader chose and this browser keeps: theme and time zone. Changes are told as `skep:prefs` on the document.
// @ts-check

const THEMES = ['auto', 'light', 'dark'];

/** @param {string} key @param {string} without */
function load(key, without) {
  try {
    return localStorage.getItem(key) ?? without;
  } catch {
    return without;
  }
}

/** @param {string} key @param {string} value */
function save(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A browser that keeps nothing still shows what was chosen, until the page is left.
  }
  document.dispatchEvent(new CustomEvent('skep:prefs'));
}

let utc = load('skep.zone', 'local') === 'utc';

/** Whether times are shown in UTC. */
export function isUtc() {
  return utc;
}

/** @param {boolean} wanted */
export function setUtc(wanted) {
  utc = wanted;
  save('skep.zone', wanted ? 'utc' : 'local');
}

/** `auto`, `light` or `dark`. */
export function theme() {
  return document.documentElement.dataset.theme ?? 'auto';
}

/** The next theme in turn. */
export function turnTheme() {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  document.documentElement.dataset.theme = next;
  save('skep.theme', next);
}

/** @param {() => void} run @param {AbortSignal} [until] */
export function onPrefs(run, until) {
  document.addEventListener('skep:prefs', run, { signal: until });
}
