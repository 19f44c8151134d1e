// Numbers, times and levels as people read them.
// @ts-check
import { isUtc } from './prefs.js';

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const COUNTS = ['', 'k', 'M', 'G', 'T', 'P'];

/** By the catalogue's unit, and by names for what the pages reckon. @type {Record<string, (value: number) => string>} */
const UNITS = {
  '%': percent,
  percent,
  bytes: value => scaled(value, 1024, BYTES),
  'bytes/s': value => `${scaled(value, 1024, BYTES)}/s`,
  kB: value => scaled(value * 1024, 1024, BYTES),
  s: seconds,
  ms: value => seconds(value / 1e3),
  µs: value => seconds(value / 1e6),
  ns: value => seconds(value / 1e9),
  us: value => seconds(value / 1e6),
  unix_ns: value => when(value / 1e9),
  unix_s: value => when(value),
  flag: value => (value === 0 ? 'no' : value === 1 ? 'yes' : String(value)),
  number: value => scaled(value, 1000, COUNTS).trim(),
};

/** @param {number} value */
function percent(value) {
  return `${value.toFixed(Math.abs(value) < 10 ? 1 : 0)} %`;
}

/** @param {number} value */
function seconds(value) {
  const size = Math.abs(value);
  if (size >= 60) return span(value);
  if (size >= 1 || value === 0) return `${Number(value.toPrecision(3))} s`;
  if (size >= 1e-3) return `${Number((value * 1e3).toPrecision(3))} ms`;
  return `${Number((value * 1e6).toPrecision(3))} µs`;
}

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

/** A value in its unit, a dash where there is none. @param {number | null | undefined} value @param {string | null} [unit] @returns {string} */
export function format(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const rate = unit?.endsWith('/s') && !(unit in UNITS);
  if (rate) return `${format(value, unit?.slice(0, -2))}/s`;
  return (UNITS[unit || 'number'] ?? (number => `${UNITS.number(number)} ${unit}`))(value);
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

/** The largest unit of a span alone: for what is read at a glance. @param {number} seconds */
export function shortSpan(seconds) {
  return span(seconds).split(' ').slice(0, 2).join(' ');
}

/** A moment in seconds since 1970: a text is read as RFC 3339. @param {number | string} time */
export function moment(time) {
  return typeof time === 'number' ? time : Date.parse(time) / 1000;
}

/** Date and time, in the browser's zone or in UTC as the switch says. @param {number | string} time */
export function when(time) {
  const date = new Date(moment(time) * 1000);
  if (Number.isNaN(date.getTime())) return '–';
  const zone = isUtc() ? 'UTC' : undefined;
  const text = date.toLocaleString('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  return isUtc() ? `${text} UTC` : text;
}

/** The time of day alone. @param {number | string} time */
export function clock(time) {
  return when(time).slice(11, 19);
}

/** Levels from the worst to none, each with a symbol so that colour is never alone. */
export const LEVELS = /** @type {const} */ ({ critical: '■', warning: '▲', info: '◆', ok: '●', expired: '○', gone: '○' });

/** How bad a level is, 0 the worst. @param {string | null} state */
export function rank(state) {
  const place = Object.keys(LEVELS).indexOf(state ?? '');
  return place < 0 ? Object.keys(LEVELS).length : place;
}

/** Symbol and word; what has expired is called gone. @param {string | null} state */
export function levelText(state) {
  const word = state === 'expired' ? 'gone' : state || 'none';
  return `${LEVELS[/** @type {keyof typeof LEVELS} */ (word)] ?? '○'} ${word}`;
}

/** The class of a level's colour. @param {string | null} state */
export function levelClass(state) {
  return state === 'expired' || state === 'gone' ? 'gone' : state && state in LEVELS ? state : 'quiet';
}
