// Making and mending elements. Text goes in as text, never as markup.
// @ts-check

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * `el('td.number', {title: 'of the limit'}, '12 %')`. Keys that begin with `on` are listeners, the others attributes;
 * an attribute that is null or false is left out, one that is true stands without a value.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T | `${T}.${string}`} what tag and classes @param {Record<string, any>} [attributes] @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(what, attributes = {}, ...children) {
  const [tag, ...classes] = what.split('.');
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(' ');
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else set(made, name, value);
  }
  made.append(...nodes(children));
  return /** @type {HTMLElementTagNameMap[T]} */ (made);
}

/** @param {(Child | Child[])[]} children @returns {(Node | string)[]} */
function nodes(children) {
  const there = /** @type {(Node | string | number)[]} */ (children.flat().filter(child => child !== null && child !== undefined && child !== false));
  return there.map(child => (child instanceof Node ? child : String(child)));
}

/** Gives an attribute a value, touching it only when it has another. @param {Element} element @param {string} name @param {string | number | boolean | null | undefined} value */
export function set(element, name, value) {
  if (value === null || value === undefined || value === false) {
    if (element.hasAttribute(name)) element.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** Gives an element this text, touching it only when it has another. @param {Node} element @param {string} value */
export function write(element, value) {
  if (element.textContent !== value) element.textContent = value;
}

/** A text in which `code` stands between backticks. @param {string} text @returns {Node[]} */
export function ticked(text) {
  return text.split('\x60').map((part, index) => (index % 2 ? el('code', {}, part) : document.createTextNode(part)));
}

/** Fills an element with such a text, touching it only when it has another. @param {HTMLElement} element @param {string} text */
export function writeTicked(element, text) {
  if (element.dataset.text === text) return;
  element.dataset.text = text;
  element.replaceChildren(...ticked(text));
}

/** The element with this id, which the page's own markup has. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** @type {WeakMap<Element, Map<string, HTMLElement>>} */
const kept = new WeakMap();

/**
 * Makes the children of `parent` those of `items`, in their order: an item that was there keeps its element, and with it focus and scroll.
 * @template I
 * @param {Element} parent @param {I[]} items @param {(item: I) => string} key
 * @param {(item: I) => HTMLElement} make @param {(element: HTMLElement, item: I) => void} update called for new ones too
 */
export function keep(parent, items, key, make, update) {
  const before = kept.get(parent) ?? new Map();
  /** @type {Map<string, HTMLElement>} */
  const after = new Map();
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    if (after.has(name)) continue;
    const element = before.get(name) ?? make(item);
    element.dataset.key = name;
    after.set(name, element);
    update(element, item);
    if (place && element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const [name, element] of before) if (!after.has(name)) element.remove();
  kept.set(parent, after);
}
