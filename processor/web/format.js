// Numbers and times as people read them; units are the catalogue's.
// @ts-check

/** @type {Record<string, (value: number) => string>} */
const UNITS = {
  percent: value => `${value.toFixed(value < 10 ? 1 : 0)} %`,
  bytes: value => scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']),
  'bytes/s': value => `${scaled(value, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'])}/s`,
  number: value => scaled(value, 1000, ['', 'k', 'M', 'G', 'T', 'P']).trim(),
};

/** @param {number} value @param {number} base @param {string[]} names */
function scaled(value, base, names) {
  let index = 0;
  while (Math.abs(value) >= base && index < names.length - 1) {
    value /= base;
    index += 1;
  }
  const digits = index === 0 ? (Number.isInteger(value) ? 0 : 2) : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ${names[index]}`;
}

/** A value in its unit, a dash where there is none. @param {number | null | undefined} value @param {string} unit */
export function format(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  return (UNITS[unit] ?? UNITS.number)(value);
}

/** A span in at most two units: `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. @param {number} seconds */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const words = [];
  let rest = whole;
  for (const [size, name] of /** @type {[number, string][]} */ (parts)) {
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) words.push(`${count} ${name}`);
    if (words.length === 2) break;
  }
  return words.join(' ') || '0 s';
}

/** Levels from the worst to none, each with a symbol so that colour is never alone. */
export const LEVELS = /** @type {const} */ ({ critical: '■', warning: '▲', info: '◆', expired: '○', ok: '●' });

/** @param {string} state */
export function levelText(state) {
  return `${LEVELS[/** @type {keyof typeof LEVELS} */ (state)] ?? '○'} ${state}`;
}
