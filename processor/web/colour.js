// The colours of the style sheet, for what is drawn on a canvas.
// @ts-check
import { onPrefs } from './prefs.js';

/** A custom property as the page shows it now, dark or light. @param {string} name like `--accent` */
export function colour(name) {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const shown = getComputedStyle(probe).color;
  probe.remove();
  return shown;
}

/** Drawings are made anew when the page turns dark or light. @param {() => void} redraw @param {AbortSignal} [until] */
export function onTurn(redraw, until) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw, { signal: until });
  onPrefs(redraw, until);
}
