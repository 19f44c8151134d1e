// Small lines of the last minutes, drawn on a canvas.
// @ts-check
import { colour, onTurn } from './colour.js';

/** How many points a line keeps: five minutes at one a second. */
const POINTS = 300;

/** Looked up once: a page may draw hundreds of lines a second. */
let accent = '';
onTurn(() => (accent = ''));

/** The last values of one series, oldest first. */
export class History {
  constructor() {
    /** @type {[number, number][]} time in seconds and value */
    this.points = [];
  }

  /** @param {number} time @param {number} value */
  push(time, value) {
    const last = this.points[this.points.length - 1];
    if (last && time <= last[0]) return;
    this.points.push([time, value]);
    if (this.points.length > POINTS) this.points.shift();
  }
}

/**
 * Draws a history into a canvas, from the bottom at 0 to `top` or the highest value.
 * @param {HTMLCanvasElement} canvas @param {History | undefined} history @param {number | null} top
 */
export function draw(canvas, history, top) {
  const ratio = devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext('2d');
  const points = history?.points ?? [];
  if (!pen) return;
  pen.clearRect(0, 0, width, height);
  if (points.length < 2) return;
  const from = points[0][0];
  const spanned = Math.max(60, points[points.length - 1][0] - from);
  const highest = top ?? Math.max(1e-9, ...points.map(point => point[1]));
  const x = (/** @type {number} */ time) => ((time - from) / spanned) * (width - 2) + 1;
  const y = (/** @type {number} */ value) => height - 2 - (Math.min(value, highest) / highest) * (height - 4);
  pen.beginPath();
  points.forEach(([time, value], index) => (index ? pen.lineTo(x(time), y(value)) : pen.moveTo(x(time), y(value))));
  pen.lineWidth = 1.5 * ratio;
  pen.lineJoin = 'round';
  accent ||= colour('--accent');
  pen.strokeStyle = accent;
  pen.stroke();
  pen.lineTo(x(points[points.length - 1][0]), height);
  pen.lineTo(x(from), height);
  pen.closePath();
  pen.globalAlpha = 0.12;
  pen.fillStyle = pen.strokeStyle;
  pen.fill();
  pen.globalAlpha = 1;
}
